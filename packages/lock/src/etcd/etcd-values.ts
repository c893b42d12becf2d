import type { Clock } from '@colony/host'
import type { ValueStore, VersionedValue } from '../value-store.ts'
import { withDeadline } from './deadline.ts'
import type { EtcdClient, EtcdOperation } from './etcd-client.ts'
import type { Layout } from './layout.ts'

/** What values need of the backend. */
export interface ValueParts {
  readonly client: EtcdClient
  readonly clock: Clock
  readonly timeoutMs: number
  readonly layout: Layout
}

/** Values beside the locks. A version is the revision of the store at which the value was written, which no two writes have in common. */
export class EtcdValues implements ValueStore {
  readonly #parts: ValueParts

  constructor(parts: ValueParts) {
    this.#parts = parts
  }

  async read(key: string): Promise<VersionedValue | undefined> {
    const { client, clock, timeoutMs, layout } = this.#parts
    const success = [{ type: 'range', key: layout.value(key) } as const]
    const { results } = await withDeadline(clock, timeoutMs, (signal) =>
      client.txn({ compare: [], success }, signal),
    )
    const entry = results[0]?.entries[0]
    return entry && { text: entry.value, version: String(entry.modRevision) }
  }

  async write(key: string, expected: string | undefined, text: string | undefined): Promise<boolean> {
    const { client, clock, timeoutMs, layout } = this.#parts
    const name = layout.value(key)
    // What is not there has the revision 0.
    const compare = [{ key: name, target: 'mod', revision: Number(expected ?? 0) } as const]
    const change: EtcdOperation =
      text === undefined ? { type: 'delete', key: name } : { type: 'put', key: name, value: text }
    const { succeeded } = await withDeadline(clock, timeoutMs, (signal) =>
      client.txn({ compare, success: [change] }, signal),
    )
    return succeeded
  }
}
