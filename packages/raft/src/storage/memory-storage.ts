import type { PersistRecord, StoredState } from '../core/entry.ts'
import { RaftError } from '../errors.ts'
import { canonicalIdentity, requireSameIdentity } from './identity.ts'
import { emptyState, replay, requireContinuity } from './replay.ts'
import type { RaftStorage, StorageIdentity } from './storage.ts'

/**
 * A storage in this process's memory, for tests, examples and browsers.
 *
 * It outlives the node, not the process: close it, open the same object again, and everything is there. A cluster whose nodes
 * all use it loses its data, and with it Raft's guarantees, when a process ends: a node must never come back with an empty one
 * under the same id, because it has forgotten how it voted.
 * @throws Nothing itself; `open` and `persist` reject as {@link RaftStorage} says.
 * @category Storage
 */
export function memoryStorage(): RaftStorage {
  return new MemoryStorage()
}

class MemoryStorage implements RaftStorage {
  readonly #state = emptyState()
  #identity: StorageIdentity | undefined
  #open = false

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
    this.#identity = asked
    this.#open = true
    return { ...this.#state, entries: this.#state.entries.slice() }
  }

  async persist(record: PersistRecord): Promise<void> {
    if (!this.#open) throw new RaftError('RAFT_CLOSED', 'This memory storage is not open.')
    const { firstIndex, entries } = this.#state
    requireContinuity(record, firstIndex + entries.length - 1)
    replay(this.#state, record)
  }

  async close(): Promise<void> {
    this.#open = false
  }
}
