import type { NodeId } from '@colony/host'
import type { Entry, LogIndex, Term } from './entry.ts'
import type { Incarnation } from './incarnation.ts'

/** What every message between cores carries. */
interface Envelope {
  /** Sender, as its transport vouches for it. */
  readonly from: NodeId
  /** Receiver. */
  readonly to: NodeId
  /** The sender's current term; in a pre-vote request, the term that it would campaign in. */
  readonly term: Term
  /**
   * Which data the sender has, in all questions and answers that elections and commits rest on. 0 or absent where it has none, or the receiver may be of a version that does not understand it.
   */
  readonly incarnation?: Incarnation
}

/**
 * "Would you vote for me?" Changes no state at either end (thesis 9.6).
 * @category Core
 */
export interface PreVoteRequest extends Envelope {
  /** Discriminant. */
  readonly type: 'pre-vote-request'
  /** Last index of the candidate's log. */
  readonly lastIndex: LogIndex
  /** Term of that entry. */
  readonly lastTerm: Term
}

/**
 * Answer to a pre-vote. When granted, `term` is the term asked for; when not, the answerer's own.
 * @category Core
 */
export interface PreVoteResponse extends Envelope {
  /** Discriminant. */
  readonly type: 'pre-vote-response'
  /** Whether the answerer would vote for the candidate. */
  readonly granted: boolean
  /** The incarnation that asked; 0 or absent when the question named none. */
  readonly candidate?: Incarnation
}

/**
 * RequestVote of section 5.2.
 * @category Core
 */
export interface VoteRequest extends Envelope {
  /** Discriminant. */
  readonly type: 'vote-request'
  /** Last index of the candidate's log. */
  readonly lastIndex: LogIndex
  /** Term of that entry. */
  readonly lastTerm: Term
  /** The leader itself asked for this election (thesis 3.10), so that hearing of it is no reason to refuse. Absent in all others. */
  readonly transfer?: true
}

/**
 * Answer to RequestVote.
 * @category Core
 */
export interface VoteResponse extends Envelope {
  /** Discriminant. */
  readonly type: 'vote-response'
  /** Whether the answerer voted for the candidate, durably. */
  readonly granted: boolean
  /** The incarnation that asked; 0 or absent when the question named none. */
  readonly candidate?: Incarnation
}

/**
 * AppendEntries of section 5.3; without entries, a heartbeat.
 * @category Core
 */
export interface AppendRequest extends Envelope {
  /** Discriminant. */
  readonly type: 'append-request'
  /** Index of the entry before `entries`. */
  readonly prevIndex: LogIndex
  /** Term of that entry. */
  readonly prevTerm: Term
  /** The leader's commit index. */
  readonly commit: LogIndex
  /** Grows with every round of heartbeats; an answer that repeats it proves that the follower followed after that round began. */
  readonly round: number
  /** The last {@link AppendResponse.sentAt} that the leader has from this follower: proves when this message was sent at the earliest. */
  readonly echo: number
  /** How long before sending the leader was last proved to lead, in whole milliseconds; -1 while its commit index may be behind. */
  readonly quorumAgeMs: number
  /** For how many milliseconds the follower is asked to elect nobody else, on its own clock, from when this arrives; 0 when the leader holds no leases. */
  readonly leaseMs: number
  /** Entries at `prevIndex + 1` and on. */
  readonly entries: readonly Entry[]
}

/**
 * Answer to AppendEntries.
 * @category Core
 */
export interface AppendResponse extends Envelope {
  /** Discriminant. */
  readonly type: 'append-response'
  /** Whether the follower's log holds the entry before the batch. */
  readonly success: boolean
  /** On success: last index that is durable at the follower and known to equal the leader's. Otherwise: the `prevIndex` refused. */
  readonly index: LogIndex
  /** On refusal: where the follower suggests to try next. */
  readonly hintIndex: LogIndex
  /** On refusal: the term of the follower's entry there. */
  readonly hintTerm: Term
  /** The highest {@link AppendRequest.round} that the follower has seen in this term. */
  readonly round: number
  /** The follower's own clock when it answered, in whole milliseconds from an origin that no other life of this node shares. */
  readonly sentAt: number
  /** Whether the follower keeps the {@link AppendRequest.leaseMs} that it was asked for, in this life and across a restart. */
  readonly lease: boolean
}

/**
 * "Campaign at once": a leader hands over to a follower that holds all it has (thesis 3.10).
 * @category Core
 */
export interface TimeoutNow extends Envelope {
  /** Discriminant. */
  readonly type: 'timeout-now'
}

/**
 * How much a follower would like to lead; comes with its answers to heartbeats, unless that is 0.
 * @category Core
 */
export interface PriorityNotice extends Envelope {
  /** Discriminant. */
  readonly type: 'priority'
  /** 0 to 255; 0 takes back what was said before. */
  readonly priority: number
}

/**
 * "Am I still a member?" Asked by a node that hears of no leader and may not stand for election: a learner, a node that was removed or wiped.
 * @category Core
 */
export interface MembershipQuery extends Envelope {
  /** Discriminant. */
  readonly type: 'membership-query'
  /** Last index of its log. */
  readonly lastIndex: LogIndex
}

/**
 * A leader tells a node what its membership says of it. `incarnation` is the receiver's, not the sender's.
 * @category Core
 */
export interface MembershipNotice extends Envelope {
  /** Discriminant. */
  readonly type: 'membership-notice'
  /** `removed`: it is no member any more. `wiped`: it is a voter, by other data than it has. */
  readonly status: 'removed' | 'wiped'
  /** Where that membership stands in the log: void for a node whose log has a later one. */
  readonly index: LogIndex
}

/**
 * "Nothing is going on: shall we be quiet?" A leader sends it in place of a heartbeat, to members that hold everything.
 * @category Core
 */
export interface QuietOffer extends Envelope {
  /** Discriminant. */
  readonly type: 'quiet-offer'
  /** Last index of the leader's log, all of which is committed. */
  readonly index: LogIndex
  /** Number of the offer in this life of the leader; each is taken once. */
  readonly offer: number
}

/**
 * "I am." The follower's log is the leader's, it is durable and known to be committed; from now on the follower waits for no heartbeat.
 * @category Core
 */
export interface QuietAnswer extends Envelope {
  /** Discriminant. */
  readonly type: 'quiet-answer'
  /** Repeats {@link QuietOffer.offer}. */
  readonly offer: number
}

/**
 * "Show that you are there": a follower that has reason to doubt it.
 * @category Core
 */
export interface WakeRequest extends Envelope {
  /** Discriminant. */
  readonly type: 'wake'
}

/**
 * Everything that cores say to each other. Codes are reserved on the wire for snapshots, leadership transfer and witnesses.
 * @category Core
 */
export type Message =
  | PreVoteRequest
  | PreVoteResponse
  | VoteRequest
  | VoteResponse
  | AppendRequest
  | AppendResponse
  | TimeoutNow
  | PriorityNotice
  | QuietOffer
  | QuietAnswer
  | WakeRequest
  | MembershipQuery
  | MembershipNotice
