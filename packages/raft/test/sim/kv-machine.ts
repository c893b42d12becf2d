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
  readonly #applied: (index: LogIndex, command: KvCommand, time: number) => void
  readonly #pause: (() => Promise<void>) | undefined
  /** What came with each value that nobody reads: it makes snapshots long. */
  readonly #padding = new Map<string, string>()
  #restoring = false

  /** `pause`: for a machine that takes its time to restore. */
  constructor(
    applied: (index: LogIndex, command: KvCommand, time: number) => void,
    pause?: () => Promise<void>,
  ) {
    this.#applied = applied
    this.#pause = pause
  }

  apply(command: KvCommand, { index, time }: ApplyContext): boolean {
    if (this.#restoring) throw new Error(`${index} is applied to a machine that is being restored`)
    this.#applied(index, command, time)
    const { key } = command
    if (command.f === 'delete') this.#padding.delete(key)
    else if (command.padding) this.#padding.set(key, command.padding)
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

  /** Lines with one JSON array each: a key, its value and its padding. */
  *snapshot(): Generator<Uint8Array, void> {
    const pairs = [...this.values].sort(([a], [b]) => (a < b ? -1 : 1))
    const lines = pairs.map((pair) => `${JSON.stringify([...pair, this.#padding.get(pair[0]) ?? ''])}\n`)
    for (let from = 0; from < lines.length; from += PAIRS_PER_CHUNK)
      yield new TextEncoder().encode(lines.slice(from, from + PAIRS_PER_CHUNK).join(''))
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.#restoring = true
    this.values.clear()
    this.#padding.clear()
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of chunks) {
      text += decoder.decode(chunk, { stream: true })
      await this.#pause?.()
    }
    for (const line of text.split('\n')) {
      if (line === '') continue
      const [key, value, padding] = JSON.parse(line) as [string, string, string]
      this.values.set(key, value)
      if (padding !== '') this.#padding.set(key, padding)
    }
    this.#restoring = false
  }
}
