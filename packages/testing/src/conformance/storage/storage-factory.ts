import type { ConformancePlace } from '../conformance-case.ts'

/**
 * Whose data a storage holds: `StorageIdentity` of `@colony/raft`.
 * @category Conformance
 */
export interface LogOwner {
  /** The cluster. */
  readonly clusterId: string
  /** The raft group within it. */
  readonly group: string
  /** The node. */
  readonly nodeId: string
  /** The voters that the group is founded with, sorted. */
  readonly voters: readonly string[]
}

/**
 * One entry of a log: `Entry` of `@colony/raft`.
 * @category Conformance
 */
export interface LogEntry {
  /** Term of the leader that created it. */
  readonly term: number
  /** What the bytes mean. */
  readonly kind: 'command' | 'noop' | 'configuration'
  /** The content. */
  readonly data: Uint8Array
}

/**
 * The members that a leader works towards.
 * @category Conformance
 */
export interface SnapshotGoal {
  /** Who will vote. */
  readonly voters: readonly string[]
  /** Who will receive the log without a vote. */
  readonly learners: readonly string[]
}

/**
 * Who was a member as of a snapshot: `Membership` of `@colony/raft`.
 * @category Conformance
 */
export interface SnapshotMembership {
  /** Who votes. */
  readonly voters: readonly string[]
  /** Who voted before, while that changes. */
  readonly outgoing: readonly string[]
  /** Who receives the log without a vote. */
  readonly learners: readonly string[]
  /** What the leader works towards. */
  readonly goal: SnapshotGoal | undefined
  /** Where members are. */
  readonly addresses: ReadonlyMap<string, string>
}

/**
 * What a snapshot stands for: `SnapshotMeta` of `@colony/raft`.
 * @category Conformance
 */
export interface LogSnapshot {
  /** Last index whose effect it contains. */
  readonly index: number
  /** Term of that entry. */
  readonly term: number
  /** Who was a member. */
  readonly membership: SnapshotMembership
}

/**
 * A snapshot that is open for reading: `StoredSnapshot` of `@colony/raft`.
 * @category Conformance
 */
export interface OpenSnapshot {
  /** What it stands for. */
  readonly meta: LogSnapshot
  /** Length of its content. */
  readonly bytes: number
  /** Reads from an offset. */
  read(offset: number, length: number): Promise<Uint8Array>
  /** Lets go of it. */
  close(): Promise<void>
}

/**
 * What is persisted at once, and what is found at the start: `PersistRecord` and `StoredState` of `@colony/raft`, which have the same fields.
 * @category Conformance
 */
export interface LogRecord {
  /** Current term. */
  readonly term: number
  /** The vote in that term; empty for none. */
  readonly vote: string
  /** Index of the first of `entries`; in a record, 0 when the log does not change. */
  readonly firstIndex: number
  /** Entries from there on. */
  readonly entries: readonly LogEntry[]
  /** In what is found: the voters of the first time. */
  readonly founders?: readonly string[]
  /** In a record: a snapshot takes the place of the whole log before `firstIndex`. */
  readonly replacesLog?: true
  /** In what is found at the start: what the newest snapshot stands for. */
  readonly snapshot?: LogSnapshot | undefined
  /** In what is found at the start: the last entry that was there before damage took some. */
  readonly lost?:
    | {
        /** Its index. */
        readonly index: number
        /** Its term. */
        readonly term: number
      }
    | undefined
}

/**
 * `RaftStorage` of `@colony/raft`, by its shape: who tests something else with this package needs no raft. That every raft storage has this
 * shape is checked by the compiler wherever one is handed to {@link storageConformance}.
 * @category Conformance
 */
export interface LogStore {
  /** Largest record in bytes; none when absent. */
  readonly maxRecordBytes?: number
  /** Takes hold of it and returns what it holds. */
  open(owner: LogOwner): Promise<LogRecord>
  /** Makes a record durable, atomically. */
  persist(record: LogRecord): Promise<void>
  /** Saves a snapshot, durably and atomically. */
  saveSnapshot?(meta: LogSnapshot, chunks: AsyncIterable<Uint8Array>): Promise<void>
  /** Opens the newest snapshot. */
  openSnapshot?(): Promise<OpenSnapshot | undefined>
  /** May forget the entries before an index. */
  forgetLogBefore?(index: number): Promise<void>
  /** Lets go of it. */
  close(): Promise<void>
}

/**
 * What a storage, or the place that it is made on, may allow beyond the least.
 *
 * - `crash`: the power can be cut, with {@link StoragePlace.crash}.
 * - `lock`: a second process that opens the same place is refused. Without it, only a second `open` of the same object is tried.
 * - `failure`: a write can be made to fail, with {@link StoragePlace.failNext}.
 * - `damage`: what is stored can be damaged, with {@link StoragePlace.damage}.
 * - `snapshots`: it has the methods for snapshots.
 * - `limit`: it has `maxRecordBytes`. Choose it below some megabytes: the suite makes a record as large.
 * @category Conformance
 */
export type StorageAbility = 'crash' | 'lock' | 'failure' | 'damage' | 'limit' | 'snapshots'

/**
 * A place that storages are made on, one after the other.
 * @category Conformance
 */
export interface StoragePlace extends ConformancePlace {
  /** Makes a storage on the place; each call stands for a new process that finds what the last one left. */
  storage(): Promise<LogStore> | LogStore
  /** Cuts the power: whatever is not durable may be gone, and storages made before are of no use any more. For the ability `crash`. */
  crash?(): Promise<void> | void
  /** Makes the next write to the place fail. For the ability `failure`. */
  failNext?(): Promise<void> | void
  /**
   * Damages the first record that was persisted, while nobody has the place open. For the ability `damage`.
   */
  damage?(): Promise<void> | void
}

/**
 * Makes storages for {@link storageConformance}.
 * @category Conformance
 */
export interface StorageFactory {
  /** What can be done with the storages. */
  readonly supports: readonly StorageAbility[]
  /** Makes an empty place; called once a case, and several times for one that crashes. */
  place(): Promise<StoragePlace> | StoragePlace
}
