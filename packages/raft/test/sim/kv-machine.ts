import type { ApplyContext, LogIndex } from '../../src/index.ts'

/** What the simulated clients do to a key. */
export type KvCommand =
  | { readonly f: 'put' | 'append'; readonly key: string; readonly value: string; readonly padding?: string }
  | { readonly f: 'delete'; readonly key: string }

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
}
