import type { ValueStore, VersionedValue } from '../value-store.ts'

/** Values of one process. Versions count all writes, so that none comes twice. */
export class MemoryValues implements ValueStore {
  readonly #values = new Map<string, VersionedValue>()
  #writes = 0

  async read(key: string): Promise<VersionedValue | undefined> {
    return this.#values.get(key)
  }

  async write(key: string, expected: string | undefined, text: string | undefined): Promise<boolean> {
    if (this.#values.get(key)?.version !== expected) return false
    if (text === undefined) this.#values.delete(key)
    else this.#values.set(key, { text, version: String(++this.#writes) })
    return true
  }
}
