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
 * The one record that a node must make durable, atomically: after a crash either all of it is there or none.
 * It means, in this order: set term and vote; drop every entry from `firstIndex` on; append `entries` at `firstIndex`.
 * (A place for a snapshot marker is reserved.)
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
  /** Index of `entries[0]`; 1 until snapshots shorten the log. */
  readonly firstIndex: LogIndex
  /** Every entry of the log. */
  readonly entries: Entry[]
}
