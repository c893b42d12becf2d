import type { Address, NodeId } from '@colony/host'
import type { Entry, EntryKind, LogIndex, PersistRecord, SnapshotMeta } from './entry.ts'
import type { MembershipGoal } from './membership.ts'
import type { Message } from './message.ts'

/**
 * Time passed. Due when the clock reaches {@link Outputs.wakeAt}, harmless at any other time. Feed it only after every message that has
 * already arrived (see `Clock.afterInput`).
 * @category Core
 */
export interface TickInput {
  /** Discriminant. */
  readonly type: 'tick'
}

/**
 * A message from a peer arrived. Invalid ones are counted and dropped.
 * @category Core
 */
export interface MessageInput {
  /** Discriminant. */
  readonly type: 'message'
  /** What arrived. */
  readonly message: Message
}

/**
 * Append these entries, if this node leads.
 * @category Core
 */
export interface ProposeInput {
  /** Discriminant. */
  readonly type: 'propose'
  /** What the data means, for all of it. */
  readonly kind: EntryKind
  /** One entry each. */
  readonly data: readonly Uint8Array[]
}

/**
 * Every {@link Outputs.persist} up to and including number `sequence` is durable.
 * @category Core
 */
export interface PersistedInput {
  /** Discriminant. */
  readonly type: 'persisted'
  /** The {@link Outputs.sequence} that came with the record. */
  readonly sequence: number
}

/**
 * Confirm, after this moment, that this node leads, and say up to where its machine must be for a linearizable read.
 * @category Core
 */
export interface ReadInput {
  /** Discriminant. */
  readonly type: 'read'
  /** Comes back in the {@link ReadAnswer}. */
  readonly id: number
}

/**
 * Hand leadership over, to `to` or else to whoever is fittest. Nothing happens where that is impossible, see {@link RaftCore.transferRefusal}.
 * @category Core
 */
export interface TransferInput {
  /** Discriminant. */
  readonly type: 'transfer'
  /** A voter other than this node. */
  readonly to?: NodeId
}

/**
 * A connection with `peer` was closed from its side. If it leads, its heartbeats have likely ended with it.
 * @category Core
 */
export interface PeerClosedInput {
  /** Discriminant. */
  readonly type: 'peer-closed'
  /** The node at the other end. */
  readonly peer: NodeId
}

/**
 * Nothing has been heard of `peer` for an election timeout. For groups that may be quiet, whose driver watches over nodes.
 * @category Core
 */
export interface PeerSilentInput {
  /** Discriminant. */
  readonly type: 'peer-silent'
  /** The node. */
  readonly peer: NodeId
}

/**
 * Something may be wrong with a group that is quiet: a leader shows that it is there, a follower asks its leader to.
 * @category Core
 */
export interface WakeInput {
  /** Discriminant. */
  readonly type: 'wake'
}

/**
 * Whether this node may stand for election; at first it may. It votes and follows in any case.
 * @category Core
 */
export interface CandidacyInput {
  /** Discriminant. */
  readonly type: 'candidacy'
  /** From now on. */
  readonly allowed: boolean
}

/**
 * This node made a snapshot, and it is durable: the entries before `firstIndex` need not be kept.
 * @category Core
 */
export interface CompactedInput {
  /** Discriminant. */
  readonly type: 'compacted'
  /** What the snapshot stands for. */
  readonly snapshot: SnapshotMeta
  /** First entry to keep, at most one past the snapshot's index. What is before it is sent as a snapshot to whoever lacks it. */
  readonly firstIndex: LogIndex
}

/**
 * A snapshot from the leader is durable here, and the machine holds what is in it. Ignored when this node has committed as much already.
 * @category Core
 */
export interface SnapshotInstalledInput {
  /** Discriminant. */
  readonly type: 'snapshot-installed'
  /** What the snapshot stands for. */
  readonly snapshot: SnapshotMeta
}

/**
 * On the leader: a follower says that it has installed a snapshot.
 * @category Core
 */
export interface SnapshotSentInput {
  /** Discriminant. */
  readonly type: 'snapshot-sent'
  /** The follower. */
  readonly to: NodeId
  /** Index of the snapshot. */
  readonly index: LogIndex
}

/**
 * On the leader: sending a follower a snapshot was given up. It is asked for again once the follower is heard.
 * @category Core
 */
export interface SnapshotFailedInput {
  /** Discriminant. */
  readonly type: 'snapshot-failed'
  /** The follower. */
  readonly to: NodeId
}

/**
 * Change the members, if this node leads. {@link Outputs.appendedAt} is 0 when that cannot be now: voters are being exchanged, an earlier change is not
 * committed, or this leader has not committed anything yet. Once appended, whoever leads goes on until the goal is reached.
 * @category Core
 */
export interface ChangeMembersInput {
  /** Discriminant. */
  readonly type: 'change-members'
  /** Who shall be a member; takes the place of any earlier goal. */
  readonly goal: MembershipGoal
  /** Where members are, all that is known. */
  readonly addresses: ReadonlyMap<NodeId, Address>
}

/**
 * One thing that happens to a core.
 * @category Core
 */
export type Input =
  | TickInput
  | MessageInput
  | ProposeInput
  | PersistedInput
  | ReadInput
  | ChangeMembersInput
  | TransferInput
  | PeerClosedInput
  | PeerSilentInput
  | WakeInput
  | CandidacyInput
  | CompactedInput
  | SnapshotInstalledInput
  | SnapshotSentInput
  | SnapshotFailedInput

/**
 * Answer to a `read` input: run it once the machine has applied `index`. `index` is -1 when this node does not lead (any more).
 * @category Core
 */
export interface ReadAnswer {
  /** The `id` of the input. */
  readonly id: number
  /** What must be applied before the query runs; -1 when the read must go elsewhere. */
  readonly index: LogIndex
}

/**
 * What a core asks for after one step. All of it must be carried out; the parts are independent of each other except as said.
 * @category Core
 */
export interface Outputs {
  /** Make this durable, atomically. Records may be merged in order (see `mergeRecords`), never reordered or split. */
  persist: PersistRecord | undefined
  /** Number of the last record handed out, this one included; report it with `persisted`. */
  sequence: number
  /** Send these at once, without waiting for `persist`. */
  send: readonly Message[]
  /** Send these only when every record up to `sequence` is durable: they promise something that a crash must not undo. */
  sendAfterPersist: readonly Message[]
  /** Apply these committed entries, in order; the first one's index is `applyFrom`. Each entry is handed out exactly once. When many are, the next `tick` brings more. */
  apply: readonly Entry[]
  /** Index of `apply[0]`. */
  applyFrom: LogIndex
  /** After `propose`: index of the first entry appended, the others follow; 0 when this node does not lead and nothing was appended. */
  appendedAt: LogIndex
  /** Reads that are confirmed or refused. */
  reads: readonly ReadAnswer[]
  /** On the leader: followers that lack entries which are gone; send each of them the newest snapshot, and say what became of it. */
  snapshotTo: readonly NodeId[]
  /** When the next `tick` is due, on the clock that `now` is read from. */
  wakeAt: number
}

/**
 * One record with the effect of all of `records`, in order: how everything that queued during a write becomes one write.
 * @category Core
 */
export function mergeRecords(records: readonly [PersistRecord, ...PersistRecord[]]): PersistRecord {
  if (records.length === 1) return records[0]
  let { term, vote } = records[0]
  let firstIndex = 0
  let replacesLog = false
  const entries: Entry[] = []
  for (const record of records) {
    term = record.term
    vote = record.vote
    if (record.firstIndex === 0) continue
    if (record.replacesLog === true) {
      replacesLog = true
      firstIndex = 0
    }
    // A record begins at most one past what came before it, so it either extends the entries or cuts into them.
    if (firstIndex === 0 || record.firstIndex <= firstIndex) {
      firstIndex = record.firstIndex
      entries.length = 0
    } else {
      entries.length = record.firstIndex - firstIndex
    }
    for (const entry of record.entries) entries.push(entry)
  }
  return replacesLog ? { term, vote, firstIndex, entries, replacesLog } : { term, vote, firstIndex, entries }
}
