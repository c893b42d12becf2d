import type { PersistRecord, StoredState } from '../core/entry.ts'

/**
 * Whose data a storage holds. Written when the storage is first used and checked at every later start,
 * so that data can neither be mixed up between clusters nor between nodes, nor a member list be swapped unnoticed.
 * @category Storage
 */
export interface StorageIdentity {
  /** `clusterId` of the host. */
  readonly clusterId: string
  /** Raft group within the cluster. */
  readonly group: string
  /** The node that owns the data. */
  readonly nodeId: string
  /** The voters that the group was founded with, sorted. */
  readonly voters: readonly string[]
}

/**
 * Where a node keeps its term, its vote and its log. One raft node uses one storage, and nobody else does.
 *
 * The runtime never calls `persist` before the previous call settled: whatever queued meanwhile comes as one record (group commit).
 * @category Storage
 */
export interface RaftStorage {
  /** Largest record that it takes, in bytes as it stores them. Commands and writes are kept below. Default: no limit. */
  readonly maxRecordBytes?: number

  /**
   * Takes hold of the storage and returns what it holds; on a fresh one, writes `identity` durably first.
   * @throws A {@link RaftError}: `RAFT_STORAGE_LOCKED` when another process uses it, `RAFT_STORAGE_FOREIGN` when it holds data of
   *   another identity, `RAFT_STORAGE_DAMAGED` when acknowledged data in it can't be read, `RAFT_STORAGE_FAILED` otherwise.
   *   Nothing is changed in any of these cases.
   */
  open(identity: StorageIdentity): Promise<StoredState>

  /**
   * Makes a record durable, atomically: resolves only when it survives a crash of the machine. After a rejection the record may or
   * may not be there, and the storage accepts nothing more until it is opened anew.
   */
  persist(record: PersistRecord): Promise<void>

  /** Lets go of the storage. Idempotent; resolves when another process may open it. */
  close(): Promise<void>
}
