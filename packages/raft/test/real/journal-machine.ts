import type { ApplyContext, LogIndex } from '../../src/index.ts'

/** What the clients of the real cluster do to a key. `id` is that of the operation, and in no two of them the same. */
export type Command =
  | { readonly f: 'put' | 'append'; readonly id: string; readonly key: string; readonly value: string }
  | { readonly f: 'delete'; readonly id: string; readonly key: string }

/** That an operation was applied, and where. */
export type JournalLine = readonly [index: LogIndex, id: string]

/** Everything that a machine holds. */
export interface Holdings {
  readonly values: readonly (readonly [key: string, value: string])[]
  readonly journal: readonly JournalLine[]
}

const LINES_PER_CHUNK = 500

/** A map of strings, and in which order it came about. The journal is a part of the state, so that no snapshot hides what was applied. */
export class JournalMachine {
  #values = new Map<string, string>()
  #journal: JournalLine[] = []

  apply(command: Command, { index }: ApplyContext): boolean {
    const { key, id } = command
    this.#journal.push([index, id])
    switch (command.f) {
      case 'put':
        this.#values.set(key, command.value)
        return true
      case 'append':
        this.#values.set(key, `${this.#values.get(key) ?? ''}${command.value}`)
        return true
      case 'delete':
        return this.#values.delete(key)
    }
  }

  get(key: string): string | null {
    return this.#values.get(key) ?? null
  }

  holdings(): Holdings {
    const values = [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1))
    return { values, journal: [...this.#journal] }
  }

  /** One JSON text a line: pairs of the map, then an empty line, then the journal. */
  snapshot(): Iterable<Uint8Array> {
    const { values, journal } = this.holdings()
    return inChunks([...values.map(toLine), '\n', ...journal.map(toLine)])
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true })
    const lines = text.split('\n')
    const border = lines.indexOf('')
    this.#values = new Map(lines.slice(0, border).map((line) => JSON.parse(line) as [string, string]))
    this.#journal = lines.slice(border + 1, -1).map((line) => JSON.parse(line) as JournalLine)
  }
}

function toLine(pair: readonly unknown[]): string {
  return `${JSON.stringify(pair)}\n`
}

function* inChunks(lines: readonly string[]): Generator<Uint8Array, void> {
  for (let from = 0; from < lines.length; from += LINES_PER_CHUNK) {
    yield new TextEncoder().encode(lines.slice(from, from + LINES_PER_CHUNK).join(''))
  }
}
