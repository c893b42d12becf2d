import type { LogIndex, PersistRecord, SnapshotMeta, StoredState } from '../../core/entry.ts'
import { RaftError } from '../../errors.ts'
import type { RaftStorage, StorageIdentity, StoredSnapshot } from '../storage.ts'
import { storageFailed } from './damage.ts'
import { type CompleteLogOptions, completeOptions, type LogStorageOptions } from './log-options.ts'
import type { LogWriter } from './log-writer.ts'
import { openLog } from './open-log.ts'
import { SnapshotFiles } from './snapshot-files.ts'

/**
 * A storage that keeps the log in segment files with a CRC in each record, on any `Disk` of `@colony/host`. Of the options' `directory` it assumes that
 * nobody else uses it: what keeps two processes apart is for the caller to add (as `fileStorage` of `@colony/raft/node` does).
 *
 * A record is on disk when `persist` resolves. At `open`, a write that a crash interrupted is cut off and reported to the observer; damage to anything
 * that was acknowledged raises `RAFT_STORAGE_DAMAGED`. One case cannot be told apart: damage to the very last record looks like
 * an interrupted write.
 * @throws A {@link RaftError} with code `RAFT_INVALID_OPTION` for an option out of range.
 * @category Storage
 */
export function logStorage(options: LogStorageOptions): Required<RaftStorage> {
  return new LogStorage(options)
}

class LogStorage implements Required<RaftStorage> {
  readonly #options: CompleteLogOptions
  #writer: LogWriter | undefined
  #snapshots: SnapshotFiles | undefined
  #opening: Promise<StoredState> | undefined

  constructor(options: LogStorageOptions) {
    this.#options = completeOptions(options)
  }

  get maxRecordBytes(): number {
    return this.#options.maxRecordBytes
  }

  async open(identity: StorageIdentity): Promise<StoredState> {
    if (this.#opening !== undefined || this.#writer !== undefined) {
      throw new RaftError(
        'RAFT_STORAGE_LOCKED',
        `The log in ${this.#options.directory} is open already: one storage serves one node. Close that node first.`,
      )
    }
    this.#opening = this.#openLog(identity)
    try {
      return await this.#opening
    } finally {
      this.#opening = undefined
    }
  }

  async persist(record: PersistRecord): Promise<void> {
    if (this.#writer === undefined) {
      throw new RaftError('RAFT_CLOSED', `The log in ${this.#options.directory} is not open.`)
    }
    await this.#writer.append(record)
  }

  async saveSnapshot(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#open.snapshots.save(meta, chunks)
  }

  async openSnapshot(): Promise<StoredSnapshot | undefined> {
    return await this.#open.snapshots.open()
  }

  async forgetLogBefore(index: LogIndex): Promise<void> {
    const { writer, snapshots } = this.#open
    if (index > snapshots.newestIndex + 1) {
      const problem = `no snapshot stands for what is before index ${index}; the newest ends at ${snapshots.newestIndex}`
      throw new RaftError('RAFT_INVARIANT_BROKEN', problem)
    }
    // Without a snapshot nothing may be missing in front, not even a segment that holds nothing but votes.
    if (snapshots.newestIndex === 0) return
    try {
      await writer.removeBefore(index)
    } catch (error) {
      throw storageFailed(`Removing old segments in ${this.#options.directory}`, error)
    }
  }

  get #open(): { readonly writer: LogWriter; readonly snapshots: SnapshotFiles } {
    if (this.#writer === undefined || this.#snapshots === undefined) {
      throw new RaftError('RAFT_CLOSED', `The log in ${this.#options.directory} is not open.`)
    }
    return { writer: this.#writer, snapshots: this.#snapshots }
  }

  async close(): Promise<void> {
    // Whoever called `open` hears of its failure; here it only matters that it is over.
    await this.#opening?.catch(() => undefined)
    const writer = this.#writer
    const snapshots = this.#snapshots
    this.#writer = undefined
    this.#snapshots = undefined
    await snapshots?.close()
    await writer?.close().catch(() => undefined)
  }

  async #openLog(identity: StorageIdentity): Promise<StoredState> {
    try {
      const { state, writer, place, snapshot } = await openLog(this.#options, identity)
      this.#writer = writer
      this.#snapshots = new SnapshotFiles(place, snapshot)
      return state
    } catch (error) {
      throw storageFailed(`Opening the log in ${this.#options.directory}`, error)
    }
  }
}
