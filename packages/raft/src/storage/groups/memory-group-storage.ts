import { RaftError } from '../../errors.ts'
import { canonicalIdentity, requireSameIdentity } from '../identity.ts'
import { memoryStorage } from '../memory-storage.ts'
import type { RaftStorage, StorageIdentity } from '../storage.ts'
import type { GroupStorageOwner, RaftGroupStorage } from './group-storage.ts'

/**
 * A storage of many groups in this process's memory, for tests and examples; see `memoryStorage` for what that means.
 * @throws Nothing itself; `open` rejects as {@link RaftGroupStorage} says.
 * @category Storage
 */
export function memoryGroupStorage(): RaftGroupStorage {
  return new MemoryGroupStorage()
}

class MemoryGroupStorage implements RaftGroupStorage {
  readonly #groups = new Map<string, RaftStorage>()
  #owner: StorageIdentity | undefined
  #open = false

  async open({ clusterId, nodeId }: GroupStorageOwner): Promise<void> {
    if (this.#open) {
      const problem =
        'This memory storage is open already: one storage serves one node. Close that node first.'
      throw new RaftError('RAFT_STORAGE_LOCKED', problem)
    }
    const asked = canonicalIdentity({ clusterId, group: '', nodeId, voters: [] })
    if (this.#owner !== undefined) requireSameIdentity(this.#owner, asked, 'This memory storage')
    this.#owner = asked
    this.#open = true
  }

  group(name: string): RaftStorage {
    const known = this.#groups.get(name)
    if (known !== undefined) return known
    const made = memoryStorage()
    this.#groups.set(name, made)
    return made
  }

  async close(): Promise<void> {
    this.#open = false
  }
}
