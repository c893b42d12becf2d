import type { LogIndex, PersistRecord, SnapshotMeta, StoredState } from '../core/entry.ts'

/**
 * Whose data a storage holds. Written when the storage is first used; cluster, group and node are checked at every later start, so that data can't be
 * mixed up. Who is a member now, the log says.
 * @category Storage
 */
export interface StorageIdentity {
  /** `clusterId` of the host. */
  readonly clusterId: string
  /** Raft group within the cluster. */
  readonly group: string
  /** The node that owns the data. */
  readonly nodeId: string
  /**
   * The voters that the group is founded with, sorted; none on a node that joins. At later starts they are not compared, and those of the first time are given
   * back as {@link StoredState.founders}.
   */
  readonly voters: readonly string[]
  /**
   * A random number from 1 to 2^52 - 1, drawn anew for every call: a fresh storage that has no better one keeps it. Not compared at later starts; that of the first time is given back as
   * {@link StoredState.incarnation}.
   */
  readonly incarnation?: number
}

/**
 * A snapshot that is open for reading. It stays readable until it is closed, also when newer ones take its place meanwhile.
 * @category Storage
 */
export interface StoredSnapshot {
  /** What it stands for. */
  readonly meta: SnapshotMeta
  /** How long its content is. */
  readonly bytes: number
  /** Reads up to `length` bytes of the content from `offset` on; shorter only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>
  /** Lets go of it. Idempotent. */
  close(): Promise<void>
}

/**
 * Where a node keeps its term, its vote and its log. One raft node uses one storage, and nobody else does.
 *
 * The runtime never calls `persist` before the previous call settled: whatever queued meanwhile comes as one record (group commit). The methods for
 * snapshots come together or not at all; without them the log grows for ever, and the node refuses snapshots from others. They are called while
 * a `persist` is under way, but never two of `saveSnapshot` at a time.
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
   *
   * With one exception: after `RAFT_STORAGE_FULL` nothing of the record is there, and it may be persisted again, as it is or merged with later ones. A storage that raises it keeps
   * room for records that change term and vote alone, so that a node on a full disk can still vote.
   */
  persist(record: PersistRecord): Promise<void>

  /**
   * Saves a snapshot and resolves when it is durable; from then on it is the one that `open` and `openSnapshot` give, and older ones may be dropped. Atomic:
   * until it resolves, and for ever if it rejects or the machine crashes, the one before is there as it was. The log does not change.
   *
   * `chunks` is read to its end, one chunk at a time, and not asked for the next before the last one was written; when it throws, saving is given
   * up and rejects with what it threw. A rejection harms nothing else: records are persisted, and later snapshots saved, as before.
   */
  saveSnapshot?(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void>

  /** Opens the newest snapshot; `undefined` when there is none. */
  openSnapshot?(): Promise<StoredSnapshot | undefined>

  /**
   * May forget the entries before `index`, which is at most one past the newest snapshot's. How many of them it does forget, and when, is its own business:
   * at the next `open`, the log begins at `index` or earlier.
   */
  forgetLogBefore?(index: LogIndex): Promise<void>

  /** Lets go of the storage. Idempotent; resolves when another process may open it. */
  close(): Promise<void>
}
