import { quote, parseLine } from './history-line.ts'
import type { HistoryLine } from './history-line.ts'
import { InvalidHistoryError } from './invalid-history.ts'
import type { Operation } from './operation.ts'

type Record = { -readonly [Field in keyof Operation]: Operation[Field] }

interface Open {
  readonly record: Record
  readonly line: number
}

/** Puts the lines of a recorded history together: each invocation with what became of it. */
export class HistoryReader {
  /** In order of invocation. */
  readonly operations: Operation[] = []
  /** For each operation, the line of its invocation. */
  readonly lines: number[] = []
  /** What each process is at. */
  readonly #open = new Map<number | string, Open>()
  #line = 0
  #timed: boolean | undefined
  #time = Number.NEGATIVE_INFINITY

  /**
   * Reads the next line; empty ones are passed over.
   * @throws An {@link InvalidHistoryError}.
   */
  read(text: string): void {
    this.#line += 1
    const trimmed = (this.#line === 1 ? text.replace(/^\uFEFF/, '') : text).trim()
    if (trimmed === '') return
    const line = this.#parse(trimmed)
    const time = this.#timeOf(line)
    if (line.type === 'invoke') this.#invoke(line, time)
    else this.#complete(line, time)
  }

  #parse(text: string): HistoryLine {
    try {
      return parseLine(text)
    } catch (error) {
      return this.#refuse(error instanceof Error ? error.message : String(error))
    }
  }

  /** Without times the order of lines is the only clock; with them, lines that go back would contradict it. */
  #timeOf({ time }: HistoryLine): number {
    const timed = time !== undefined
    this.#timed ??= timed
    if (timed !== this.#timed) {
      this.#refuse(
        timed ? "has 'time', which earlier lines have not" : "lacks 'time', which earlier lines have",
      )
    }
    const now = time ?? this.#line
    if (now < this.#time) {
      this.#refuse(`'time' goes back from ${this.#time} to ${now}: lines must be in order of time`)
    }
    this.#time = now
    return now
  }

  #invoke({ process, f, key, value }: HistoryLine, time: number): void {
    const open = this.#open.get(process)
    if (open !== undefined) {
      this.#refuse(
        `process ${quote(process)} invokes '${f}' while its '${open.record.f}' of line ${open.line} has not ended`,
      )
    }
    const record: Record = {
      process,
      f: f ?? '',
      ...(key !== undefined && { key }),
      ...(value !== undefined && { value }),
      outcome: 'unknown',
      invokedAt: time,
      completedAt: Number.POSITIVE_INFINITY,
    }
    this.#open.set(process, { record, line: this.#line })
    this.operations.push(record)
    this.lines.push(this.#line)
  }

  #complete(line: HistoryLine, time: number): void {
    const { process, type, result } = line
    const open = this.#open.get(process)
    if (open === undefined) {
      this.#refuse(`'${type}' of process ${quote(process)}, which has invoked nothing that is still open`)
    }
    const { record } = open
    this.#compare(open, line)
    this.#open.delete(process)
    // An unknown outcome may take effect at any later time, so its interval stays open.
    if (type === 'info') return
    record.outcome = type === 'ok' ? 'ok' : 'fail'
    record.completedAt = time
    if (type === 'ok' && result !== undefined) record.result = result
  }

  /** A completion may repeat what was invoked; something else there means that lines are missing or mixed up. */
  #compare({ record, line: invokedAt }: Open, { type, f, key, value, result }: HistoryLine): void {
    if (f !== undefined && f !== record.f) {
      this.#refuse(`'${type}' of '${f}', but what was invoked in line ${invokedAt} is '${record.f}'`)
    }
    if (key !== undefined && key !== record.key) {
      this.#refuse(`'${type}' for key ${quote(key)}, but line ${invokedAt} has ${quote(record.key)}`)
    }
    if (type === 'ok' && value !== undefined && result === undefined && record.value === undefined) {
      this.#refuse("an 'ok' with 'value' but no 'result': what came back belongs into 'result'")
    }
  }

  #refuse(reason: string): never {
    throw new InvalidHistoryError(this.#line, reason)
  }
}
