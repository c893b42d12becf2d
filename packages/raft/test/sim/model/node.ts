import type { NodeId } from '@colony/host'
import type { PersistRecord } from '../../../src/index.ts'
import { type LogBase, ModelLog } from './log.ts'
import { founding } from './membership.ts'

/** What a node is (figure 4 of the paper; the pre-candidate of thesis 9.6). */
export type ModelRole = 'follower' | 'pre-candidate' | 'candidate' | 'leader'

/** A message that a node has reason to send: the fields that it must have. */
export type Owed = Readonly<Record<string, string | number | boolean | undefined>> & {
  readonly type: string
  readonly to: NodeId
  readonly term: number
}

/** What a node followed in one term. */
export interface Followed {
  readonly leader: NodeId
  /** Last index that was both durable and known to equal that leader's log: it may acknowledge so much, also later. */
  reach: number
}

/** What survives a crash (figure 2, persistent state). */
export interface ModelDisk {
  term: number
  vote: NodeId
  log: ModelLog
  snapshot: LogBase | undefined
}

/** A write that has begun: after a crash all of it is there, or nothing. */
export interface ModelWrite {
  readonly record: PersistRecord
  /** Up to where the log is durable once it is done; less when entries are replaced meanwhile. */
  covers: number
}

/** One life of a node (figure 2, volatile state), and its disk, which outlives it. */
export interface ModelNode {
  readonly id: NodeId
  readonly disk: ModelDisk
  writing: ModelWrite | undefined
  /** A snapshot that is being written. */
  saving: LogBase | undefined

  /** It has read its disk and takes part. */
  awake: boolean
  role: ModelRole
  term: number
  vote: NodeId
  leader: NodeId | undefined
  log: ModelLog
  commit: number
  /** What it had committed when it was last looked at. */
  seen: number
  /** A leader said so to a read: the node may commit so much, and need not. */
  mayCommit: number
  applied: number
  /** Last index up to where the disk holds the log as it is. */
  stable: number
  /** Last index up to where the log is known to equal that of the leader of this term. */
  verified: number
  readonly followed: Map<number, Followed>
  readonly owed: Owed[]

  /** When the node last heard a leader of its term, on its own clock. */
  heardAt: number
  /** Until when it promised, on its own clock, to elect nobody, so that a leader's lease holds (thesis 6.4.1). */
  promisedUntil: number
  /** When its election timeout last began anew (section 5.2). */
  timerFrom: number

  /** The leader of its term has told it to stand for election at once (thesis 3.10). */
  toldToStand: boolean
  /** What the last snapshot took the place of, for whoever counts; `nothing` for one that a crash took. */
  took: 'the log' | 'nothing' | undefined
  readonly preVotes: Set<NodeId>
  readonly votes: Set<NodeId>

  readonly match: Map<NodeId, number>
  /** When each follower last answered the leader. */
  readonly answeredAt: Map<NodeId, number>
  ledFrom: number
  /** Members were added or removed in its present term as leader. */
  changed: boolean
}

/** A node on a new disk that was never started, of a group that was founded with `voters`. */
export function newNode(id: NodeId, voters: readonly NodeId[]): ModelNode {
  const log = new ModelLog({ index: 0, term: 0, membership: founding(voters) })
  return {
    id,
    disk: { term: 0, vote: '', log, snapshot: undefined },
    writing: undefined,
    saving: undefined,
    awake: false,
    role: 'follower',
    term: 0,
    vote: '',
    leader: undefined,
    log: log.copy(),
    commit: 0,
    seen: 0,
    mayCommit: 0,
    applied: 0,
    stable: 0,
    verified: 0,
    followed: new Map(),
    owed: [],
    heardAt: Number.NEGATIVE_INFINITY,
    promisedUntil: Number.NEGATIVE_INFINITY,
    timerFrom: 0,
    toldToStand: false,
    took: undefined,
    preVotes: new Set(),
    votes: new Set(),
    match: new Map(),
    answeredAt: new Map(),
    ledFrom: 0,
    changed: false,
  }
}

/** A new life, from what is on the disk. */
export function rebirth(n: ModelNode, log: ModelLog, now: number): void {
  n.term = n.disk.term
  n.vote = n.disk.vote
  n.log = log
  n.writing = undefined
  n.role = 'follower'
  n.leader = undefined
  n.commit = n.seen = n.mayCommit = n.applied = n.verified = n.disk.snapshot?.index ?? 0
  n.toldToStand = false
  n.stable = n.log.last
  n.followed.clear()
  n.owed.length = 0
  n.heardAt = Number.NEGATIVE_INFINITY
  n.timerFrom = now
  n.preVotes.clear()
  n.votes.clear()
  n.match.clear()
}

/** Section 5.1: "if one server's current term is smaller than the other's, then it updates its current term to the larger value". */
export function adopt(n: ModelNode, term: number): void {
  if (term > n.term) beginTerm(n, term, '')
  n.role = 'follower'
  n.leader = undefined
}

/** A term begins for a node, in which it votes for `vote` or nobody yet. Only what is committed is sure to be in its leader's log. */
export function beginTerm(n: ModelNode, term: number, vote: NodeId): void {
  n.term = term
  n.vote = vote
  n.verified = n.commit
}

/** Takes note of how far the node may acknowledge. */
export function noteReach(n: ModelNode): void {
  const followed = n.followed.get(n.term)
  if (followed !== undefined) followed.reach = Math.max(followed.reach, Math.min(n.stable, n.verified))
}

/** Takes a message off what the node has reason to send; `false` when it has none. */
export function takeOwed(n: ModelNode, message: object): boolean {
  const fields = message as Readonly<Record<string, unknown>>
  const at = n.owed.findIndex((owed) => Object.keys(owed).every((key) => owed[key] === fields[key]))
  if (at < 0) return false
  n.owed.splice(at, 1)
  return true
}
