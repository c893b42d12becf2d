import type { NodeId } from '@colony/host'
import type { RaftCore } from '../../../src/core/raft-core.ts'
import type { Message, PersistRecord, StoredState } from '../../../src/index.ts'
import type { DriverMessage } from '../../../src/runtime/wire.ts'
import type { DurableLog } from '../observed-storage.ts'

/** Everything that must hold after every event: Raft's promises (figure 3 of the paper), durability, and what the driver adds to them. */
export type RuleName =
  | 'one leader a term'
  | 'leaders have every committed entry'
  | 'logs match'
  | 'nodes commit the same'
  | 'machines apply the same'
  | 'snapshots of one index are the same'
  | 'answers are for what was proposed'
  | 'commits are on the disks of a quorum'
  | 'leaders commit entries of their own term'
  | 'terms and commits never go back'
  | 'messages make sense'
  | 'acknowledged entries are on disk'
  | 'votes are on disk'
  | 'one vote a term'
  | 'disks give back what was durable'
  | 'what is written is the log'
  | 'nodes take notice of later terms'
  | 'candidates have a quorum of pre-votes'
  | 'who hears a leader does not depose it'
  | 'unanswered leaders step down'
  | 'stalled nodes read before they campaign'
  | 'reads are confirmed by a quorum'
  | 'a lease excludes other leaders'
  | 'local reads are as fresh as they say'
  | 'reads are as fresh as was asked for'
  | 'reads come after what they wait for'
  | 'a transfer waits for its target'
  | 'a transfer keeps proposals waiting, and not for long'
  | 'whoever is told that it leads does'
  | 'every step is one that the model allows'

/** States that all seeds together must reach, or the suite shows nothing about them. */
export const SOMETIMES = [
  'leader elected with an uncommitted tail',
  'committed before the own disk was done',
  'a write in flight survived the crash',
  'a write in flight was lost in the crash',
  'a follower replaced entries',
  'a leader stepped down without a quorum',
  'a pre-vote was refused for a leader that is heard',
  'a candidate lost its election',
  'a forwarded read was confirmed',
  'a leader answered under its lease',
  'a lease read waited for a round or for the leader',
  'a bounded read was answered at once',
  'a bounded read waited for something fresher',
  'a read waited for an index',
  'a write was tried again under its key or number',
  'a session expired while its client had more to say',
  'without effect: a key that is known',
  'without effect: a number that is known',
  'without effect: an acknowledged number',
  'without effect: no session',
  'an outcome stayed unknown',
  'a write was rejected',
  'a node stopped because its disk failed',
  'a node started without entries that it lost',
  'a node has again what it lost',
  'a node on a full disk wrote down its term or vote',
  'a node went on when its disk had room again',
  'members were changed',
  'voters were exchanged',
  'a joint membership was ended by another leader',
  'a change of members was taken up by another leader',
  'a leader that was removed handed over',
  'a quorum with members that joined worked alone',
  'leadership was handed over',
  'leadership could not be handed over',
  'a node was told that it leads',
  'a follower took a snapshot',
  'a snapshot took the place of the log',
  'a snapshot went on where its sending had stopped',
  'a snapshot that was being written was lost in the crash',
  'a node started from a snapshot',
  'a wiped node was recognised',
  'a wiped node votes again',
  'a wiped node knows that it was wiped',
  'a node came back empty before the group was founded',
  'a group was founded without one of its founders',
  'a founder that was missing was written down',
] as const

/** One of them. */
export type SometimesName = (typeof SOMETIMES)[number]

/** What all rules know of a run. */
export interface Facts {
  readonly nodes: readonly NodeId[]
  readonly electionTimeoutMs: number
  /** After how many elections that came to nothing a majority of the founders is enough. */
  readonly foundingPatience: number
  readonly heartbeatIntervalMs: number
  /** What each node's storage has promised to keep, across all its lives. */
  readonly durable: ReadonlyMap<NodeId, DurableLog>
  /** The cores of the nodes that run, as they are now. */
  readonly cores: ReadonlyMap<NodeId, RaftCore>
  /** Whether those for whom `has` holds may decide, by the latest membership in a node's log: the model's own count, not that of the code under test. */
  isQuorum(node: NodeId, has: (id: NodeId) => boolean): boolean
  /** The same; where the latest membership is not committed, by the one before as well: the leader may have appended it in the step in which it committed. */
  couldCommit(node: NodeId, has: (id: NodeId) => boolean): boolean
  /** The largest number that such a quorum has reached. */
  reachedByQuorum(node: NodeId, valueOf: (id: NodeId) => number): number
  /** The same; where the latest membership is not committed, by the one before as well: the leader may have appended it in the step in which it was reached. */
  couldBeReached(node: NodeId, valueOf: (id: NodeId) => number): number
  /** Whether a node knows another by this data, or by none. */
  recognises(node: NodeId, id: NodeId, incarnation: number): boolean
  /** The disk of the data by which a node knows another: that of today, or the one that was wiped. */
  diskOf(node: NodeId, id: NodeId): DurableLog | undefined
  /** Which data a node has. */
  incarnationOf(node: NodeId): number
  /** Whether a node has lost its data. */
  wasWiped(node: NodeId): boolean
  /** Whether a node's log names itself as a voter. */
  isVoter(node: NodeId): boolean
  /** Whether a node's log names another as a member. */
  isMember(node: NodeId, other: NodeId): boolean
  /** Simulated milliseconds. */
  now(): number
  /** The clock of a node that runs, in milliseconds. */
  localNow(node: NodeId): number
  /** A rule does not hold. */
  broken(rule: RuleName, message: string): void
  /** Something interesting happened. */
  sometimes(name: SometimesName): void
}

/** What a node was when it was last looked at. */
export interface Before {
  readonly core: RaftCore
  readonly term: number
  readonly commit: number
  readonly role: string
}

/** A message, and the clock of the node that sends or receives it. */
export interface Passing {
  readonly peer: NodeId
  readonly message: Message | DriverMessage
  readonly localMs: number
}

/** Watches a run for one or a few rules. */
export interface Watcher {
  /** A node begins a new life. */
  onBoot?(node: NodeId): void
  /** A core changed its term, role or commit index. */
  onChange?(node: NodeId, core: RaftCore, before: Before): void
  onSend?(node: NodeId, passing: Passing): void
  onReceive?(node: NodeId, passing: Passing): void
  /** A node is looked at after an event, changed or not. */
  onLook?(node: NodeId, core: RaftCore): void
  /** A node begins to write to its disk. */
  onPersist?(node: NodeId, record: PersistRecord): void
  /** What it began to write is durable. */
  onPersisted?(node: NodeId): void
  /** The disk had no room for it, and nothing of it was written. */
  onRefused?(node: NodeId): void
  /** A node read back its disk. */
  onRecovery?(node: NodeId, recovered: StoredState): void
}
