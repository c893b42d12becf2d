import { RaftError } from '../../errors.ts'
import { storageFailed } from '../log/damage.ts'
import { type CompleteLogOptions, completeOptions, type LogStorageOptions } from '../log/log-options.ts'
import type { RaftStorage } from '../storage.ts'
import { GroupLog } from './group-log.ts'
import type { GroupStorageOwner, RaftGroupStorage } from './group-storage.ts'
import { SharedLog } from './shared-log.ts'

/**
 * A storage that keeps the logs of many groups in one log of segment files, on any `Disk` of `@colony/host`: what the groups have to write in one turn of the event loop is one
 * record, made durable by one sync. Segments are removed once no group needs them; the records of a group that is idle are written anew rather than keeping an old segment.
 * Snapshots are files, in a directory for each group. Of damage and of crashes holds what `logStorage` says.
 * @throws A {@link RaftError} with code `RAFT_INVALID_OPTION` for an option out of range.
 * @category Storage
 */
export function groupLogStorage(options: LogStorageOptions): RaftGroupStorage {
  return new GroupLogStorage(options)
}

class GroupLogStorage implements RaftGroupStorage {
  readonly maxRecordBytes: number
  readonly #options: CompleteLogOptions
  readonly #groups = new Map<string, GroupLog>()
  #shared: SharedLog | undefined
  #opening: Promise<SharedLog> | undefined

  constructor(options: LogStorageOptions) {
    this.#options = completeOptions(options)
    this.maxRecordBytes = SharedLog.maxRecordBytes(this.#options)
  }

  async open(owner: GroupStorageOwner): Promise<void> {
    const { directory } = this.#options
    if (this.#opening !== undefined || this.#shared !== undefined) {
      const problem = `The log in ${directory} is open already: one storage serves one node. Close that node first.`
      throw new RaftError('RAFT_STORAGE_LOCKED', problem)
    }
    this.#opening = SharedLog.open(this.#options, owner)
    try {
      this.#shared = await this.#opening
    } catch (error) {
      throw storageFailed(`Opening the log in ${directory}`, error)
    } finally {
      this.#opening = undefined
    }
  }

  group(name: string): RaftStorage {
    const known = this.#groups.get(name)
    if (known !== undefined) return known
    const made = new GroupLog(name, this.maxRecordBytes, () => this.#shared)
    this.#groups.set(name, made)
    return made
  }

  async close(): Promise<void> {
    // Whoever called `open` hears of its failure; here it only matters that it is over.
    await this.#opening?.catch(() => undefined)
    const shared = this.#shared
    this.#shared = undefined
    for (const group of this.#groups.values()) await group.close()
    await shared?.close()
  }
}
