import type { ApplyContext, LogIndex } from '../../src/index.ts'

/** What the simulated clients do to a key. `id`: which operation of the history it is, if any. */
export type KvCommand = { readonly key: string; readonly id?: number } & (
  | { readonly f: 'put' | 'append'; readonly value: string; readonly padding?: string }
  | { readonly f: 'delete' }
)

/** Pairs in one chunk of a snapshot: few, so that there are several. */
const PAIRS_PER_CHUNK = 2

/** A map of strings that tells a listener everything it applies. */
export class KvMachine {
  readonly values = new Map<string, string>()
  readonly #applied: (index: LogIndex, command: KvCommand) => void

  constructor(applied: (index: LogIndex, command: KvCommand) => void) {
    this.#applied = applied
  }

  apply(command: KvCommand, { index }: ApplyContext): boolean {
    this.#applied(index, command)
    const { key } = command
    const existed = this.values.has(key)
    switch (command.f) {
      case 'put':
        this.values.set(key, command.value)
        return true
      case 'append':
        this.values.set(key, `${this.values.get(key) ?? ''}${command.value}`)
        return true
      case 'delete':
        this.values.delete(key)
        return existed
    }
  }

  get(key: string): string | null {
    return this.values.get(key) ?? null
  }

  /** Lines with one JSON array each: a key and its value. */
  *snapshot(): Generator<Uint8Array, void> {
    const pairs = [...this.values].sort(([a], [b]) => (a < b ? -1 : 1))
    for (let from = 0; from < pairs.length; from += PAIRS_PER_CHUNK) {
      const lines = pairs.slice(from, from + PAIRS_PER_CHUNK).map((pair) => `${JSON.stringify(pair)}\n`)
      yield new TextEncoder().encode(lines.join(''))
    }
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true })
    this.values.clear()
    for (const line of text.split('\n')) {
      if (line === '') continue
      const [key, value] = JSON.parse(line) as [string, string]
      this.values.set(key, value)
    }
  }
}
