import type { Membership } from './membership.ts'

/**
 * Position in the log: 1 for the first entry, growing by one. Plain numbers: 2^53 lasts 285 years at a million a second.
 * @category Core
 */
export type LogIndex = number

/**
 * Raft's logical clock: grows with every election (Raft section 5.1). 0 before the first.
 * @category Core
 */
export type Term = number

/**
 * What an entry holds. `command`: a user's command for the state machine. `noop`: the empty entry that a leader appends at the
 * start of its term (section 8). `configuration` is reserved for membership changes.
 * @category Core
 */
export type EntryKind = 'command' | 'noop' | 'configuration'

/**
 * One entry of the replicated log. Immutable once made; its index is its position and is not repeated here.
 * @category Core
 */
export interface Entry {
  /** Term of the leader that created it. */
  readonly term: Term
  /** What `data` means. */
  readonly kind: EntryKind
  /** Opaque to the core. Never changed by anyone after the entry was made. */
  readonly data: Uint8Array
}

/**
 * What a snapshot stands for: everything up to and including one entry of the log (Raft section 7).
 * @category Core
 */
export interface SnapshotMeta {
  /** Last index whose effect it contains. */
  readonly index: LogIndex
  /** Term of that entry. */
  readonly term: Term
  /** Who was a member as of that entry. */
  readonly membership: Membership
}

/**
 * The one record that a node must make durable, atomically: after a crash either all of it is there or none.
 * It means, in this order: set term and vote; drop every entry from `firstIndex` on, or every entry there is when `replacesLog` is set; append
 * `entries` at `firstIndex`.
 * @category Core
 */
export interface PersistRecord {
  /** Current term. */
  readonly term: Term
  /** Whom this node voted for in `term`; empty string for nobody. */
  readonly vote: string
  /** Where `entries` begin, and from where on older entries are dropped; 0 when the log does not change. */
  readonly firstIndex: LogIndex
  /** Entries at `firstIndex`, `firstIndex + 1`, …; empty when the log does not change or is only cut. */
  readonly entries: readonly Entry[]
  /**
   * Set when a snapshot that ends just before `firstIndex`, and that is durable already, takes the place of the whole log: the log then begins at
   * `firstIndex`, which may lie behind its end.
   */
  readonly replacesLog?: true
}

/**
 * Where a log ends, which is all that elections compare of it (Raft section 5.4.1).
 * @category Core
 */
export interface LogEnd {
  /** Index of the last entry; 0 when there is none. */
  readonly index: LogIndex
  /** Term of that entry. */
  readonly term: Term
}

/**
 * What a node finds in its storage when it starts.
 * @category Core
 */
export interface StoredState {
  /** Last durable term; 0 on a fresh storage. */
  readonly term: Term
  /** Last durable vote in that term; empty string for nobody. */
  readonly vote: string
  /** Index of `entries[0]`: 1, or later when snapshots have shortened the log. At most one past the snapshot's index. */
  readonly firstIndex: LogIndex
  /** Every entry of the log. */
  readonly entries: Entry[]
  /**
   * The newest snapshot, if there is any. The log may end before it, or hold another entry at its index, after a crash; the core then goes on from
   * the snapshot alone and says so with its first {@link PersistRecord}.
   */
  readonly snapshot?: SnapshotMeta | undefined
  /**
   * Where the log ended before damage took entries from it, at the earliest: those that are here are the ones before the damage. The node then stands for no election, and elects nobody
   * whose log ends before this, until it has again what it lost. Absent: nothing is missing.
   */
  readonly lost?: LogEnd | undefined
  /**
   * Which data this is: a whole number from 1 to 2^52 - 1 that no other storage has, drawn when this one was founded. Absent where the storage knows none: the group then cannot tell
   * when this node has lost its data, and lets it vote only while it records nobody's.
   */
  readonly incarnation?: number
  /** The voters of the identity that the storage was first opened with, sorted. Absent: those of the present one. */
  readonly founders?: readonly string[]
}
