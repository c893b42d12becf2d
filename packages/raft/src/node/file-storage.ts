import type { Observer } from '@colony/host'
import { nodeDisk } from '@colony/host/node'
import type { LogIndex, PersistRecord, SnapshotMeta, StoredState } from '../core/entry.ts'
import { logStorage } from '../storage/log/log-storage.ts'
import type { RaftStorage, StorageIdentity, StoredSnapshot } from '../storage/storage.ts'
import { fastChecksum } from './fast-checksum.ts'
import { LockedOpening, requireDirectory } from './locked-opening.ts'

/**
 * How {@link fileStorage} keeps a log.
 * @category Storage
 */
export interface FileStorageOptions {
  /**
   * Size of a segment file in bytes, from 1024 to 1 GiB, a multiple of 8; default 16 MiB. The log takes at least two of them. Smaller ones waste less
   * space, larger ones are made less often. May differ from start to start.
   */
  readonly segmentBytes?: number
  /** Largest record that is written, in bytes, from 4096 to 1 GiB; default 80 MiB. All entries that become durable together are one record. */
  readonly maxRecordBytes?: number
  /** Told of what was found and done: `raft.storage-tail-cut`, `raft.storage-preparation-failed`. Default: nobody. */
  readonly observer?: Observer
}

/**
 * A storage in a directory of this machine: a log of segment files, safe against crashes of process and machine, and locked against a second process.
 *
 * The directory must be on a file system that keeps what `fdatasync` promises; on a network file system the lock holds only between machines that
 * see each other's files at once. The lock of a process that died, even by `kill -9`, is taken over.
 * @param directory Made when it is missing; a relative path is taken from the working directory of now. One directory serves one node.
 * @throws A `RaftError`: `RAFT_INVALID_OPTION` at once; from `open`, what {@link RaftStorage} says.
 * @category Storage
 */
export async function fileStorage(directory: string, options: FileStorageOptions = {}): Promise<RaftStorage> {
  const path = requireDirectory(directory)
  const checksum = fastChecksum()
  const log = logStorage({ ...options, disk: nodeDisk(), directory: path, ...(checksum && { checksum }) })
  return new FileStorage(path, log)
}

class FileStorage implements RaftStorage {
  readonly maxRecordBytes: number
  readonly #opening: LockedOpening
  readonly #log: Required<RaftStorage>

  constructor(directory: string, log: Required<RaftStorage>) {
    this.#opening = new LockedOpening(directory)
    this.#log = log
    this.maxRecordBytes = log.maxRecordBytes
  }

  async open(identity: StorageIdentity): Promise<StoredState> {
    return await this.#opening.open(() => this.#log.open(identity))
  }

  persist(record: PersistRecord): Promise<void> {
    return this.#log.persist(record)
  }

  saveSnapshot(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    return this.#log.saveSnapshot(meta, chunks)
  }

  openSnapshot(): Promise<StoredSnapshot | undefined> {
    return this.#log.openSnapshot()
  }

  forgetLogBefore(index: LogIndex): Promise<void> {
    return this.#log.forgetLogBefore(index)
  }

  async close(): Promise<void> {
    await this.#opening.close(() => this.#log.close())
  }
}
