import { HistoryReader } from './history-reader.ts'
import type { Operation } from './operation.ts'

/**
 * Reads a recorded history, from any system in any language: one JSON object a line (JSONL), in order of time.
 *
 * ```json
 * {"process":0,"type":"invoke","f":"write","key":"x","value":1,"time":10}
 * {"process":1,"type":"invoke","f":"read","key":"x","time":11}
 * {"process":0,"type":"ok","f":"write","time":14}
 * {"process":1,"type":"ok","f":"read","result":1,"time":15}
 * ```
 *
 * - `process`: a number or a text. A process does one thing after the other.
 * - `type`: `invoke`, then `ok` (it happened), `fail` (it did not and never will) or `info` (nobody knows). Without any of these the outcome is unknown too.
 * - `f`: the verb, as the model names it. `value`: its arguments, on the `invoke`. `result`: what came back, on the `ok`.
 * - `key`: which of several objects, a text or a number. May be absent.
 * - `time`: in any unit, from one clock; equal times are concurrent. On all lines or on none: then the order of the lines is the order in time. Times that a
 *   double cannot tell apart (nanoseconds since 1970) become equal, which never convicts wrongly.
 *
 * Other fields and empty lines are passed over. A line may have 16 Mi characters, a value 64 levels.
 * @throws An {@link InvalidHistoryError} for the first line that makes no sense.
 * @category Histories
 */
export function parseHistory(text: string): Operation[] {
  const reader = new HistoryReader()
  let start = 0
  while (start < text.length) {
    const end = text.indexOf('\n', start)
    reader.read(text.slice(start, end < 0 ? text.length : end))
    start = end < 0 ? text.length : end + 1
  }
  return reader.operations
}
