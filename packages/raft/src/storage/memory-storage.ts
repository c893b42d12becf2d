import type { LogIndex, PersistRecord, SnapshotMeta, StoredState } from '../core/entry.ts'
import { RaftError } from '../errors.ts'
import { canonicalIdentity, requireSameIdentity } from './identity.ts'
import { emptyState, replay, requireContinuity } from './replay.ts'
import type { RaftStorage, StorageIdentity, StoredSnapshot } from './storage.ts'

/**
 * A storage in this process's memory, for tests, examples and browsers.
 *
 * It outlives the node, not the process: close it, open the same object again, and everything is there. A cluster whose nodes
 * all use it loses its data, and with it Raft's guarantees, when a process ends. A node that comes back with an empty one under the same id has
 * forgotten how it voted: the others take it for wiped, and bring it back as a new member.
 * @throws Nothing itself; `open` and `persist` reject as {@link RaftStorage} says.
 * @category Storage
 */
export function memoryStorage(): RaftStorage {
  return new MemoryStorage()
}

class MemoryStorage implements RaftStorage {
  readonly #state = emptyState()
  #identity: StorageIdentity | undefined
  #incarnation: number | undefined
  #open = false
  #snapshot: SavedSnapshot | undefined

  // Async, so that every refusal is a rejection and never a throw.
  async open(identity: StorageIdentity): Promise<StoredState> {
    if (this.#open) {
      throw new RaftError(
        'RAFT_STORAGE_LOCKED',
        'This memory storage is open already: one storage serves one node. Close that node first.',
      )
    }
    const asked = canonicalIdentity(identity)
    if (this.#identity !== undefined) requireSameIdentity(this.#identity, asked, 'This memory storage')
    this.#identity ??= asked
    this.#incarnation ??= identity.incarnation
    const founders = this.#identity.voters
    const incarnation = this.#incarnation
    this.#open = true
    return {
      ...this.#state,
      entries: this.#state.entries.slice(),
      snapshot: this.#snapshot?.meta,
      founders,
      ...(incarnation !== undefined && { incarnation }),
    }
  }

  async persist(record: PersistRecord): Promise<void> {
    this.#requireOpen()
    const { firstIndex, entries } = this.#state
    requireContinuity(record, firstIndex + entries.length - 1)
    replay(this.#state, record)
  }

  async saveSnapshot(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.#requireOpen()
    const parts: Uint8Array[] = []
    for await (const chunk of chunks) parts.push(chunk.slice())
    this.#requireOpen()
    this.#snapshot = { meta, content: joined(parts) }
  }

  async openSnapshot(): Promise<StoredSnapshot | undefined> {
    this.#requireOpen()
    if (this.#snapshot === undefined) return undefined
    const { meta, content } = this.#snapshot
    return {
      meta,
      bytes: content.length,
      read: async (offset, length) => content.slice(offset, offset + length),
      close: async () => undefined,
    }
  }

  async forgetLogBefore(index: LogIndex): Promise<void> {
    this.#requireOpen()
    const { firstIndex, entries } = this.#state
    const count = Math.min(index - firstIndex, entries.length)
    if (count <= 0) return
    entries.splice(0, count)
    this.#state.firstIndex += count
  }

  async close(): Promise<void> {
    this.#open = false
  }

  #requireOpen(): void {
    if (!this.#open) throw new RaftError('RAFT_CLOSED', 'This memory storage is not open.')
  }
}

interface SavedSnapshot {
  readonly meta: SnapshotMeta
  readonly content: Uint8Array
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
