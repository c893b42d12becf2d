import { readFileSync } from 'node:fs'
import { TextDecoder } from 'node:util'
import type { Model } from '../../check/model.ts'
import { HistoryReader } from '../../history/history-reader.ts'
import { InvalidHistoryError } from '../../history/invalid-history.ts'

const LINE_FEED = 10
const STANDARD_INPUT = 0

/**
 * Reads a recorded history for a model. Line by line from the bytes: a file may be longer than a text can be, and what is no UTF-8 has a line as well.
 * @throws An {@link InvalidHistoryError}, or what Node says about the file.
 */
export function readHistoryFile(path: string, model: Model<unknown>): HistoryReader {
  const bytes = readFileSync(path === '-' ? STANDARD_INPUT : path)
  const reader = new HistoryReader()
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let start = 0
  for (let line = 1; start < bytes.length; line += 1) {
    const found = bytes.indexOf(LINE_FEED, start)
    const end = found < 0 ? bytes.length : found
    reader.read(decode(decoder, bytes.subarray(start, end), line))
    start = end + 1
  }
  reader.operations.forEach((operation, index) => {
    const problem = model.problem?.(operation)
    if (problem !== undefined) throw new InvalidHistoryError(reader.lines[index] ?? 0, problem)
  })
  return reader
}

function decode(decoder: TextDecoder, bytes: Uint8Array, line: number): string {
  try {
    return decoder.decode(bytes)
  } catch (error) {
    throw new InvalidHistoryError(
      line,
      `not UTF-8 (${error instanceof Error ? error.message : String(error)})`,
    )
  }
}
