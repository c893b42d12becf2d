import type { NodeId } from '@colony/host'
import type { PersistRecord, StoredState } from '../../../src/index.ts'
import { ModelLog } from './log.ts'

/** What a node is (figure 4 of the paper; the pre-candidate of thesis 9.6). */
export type ModelRole = 'follower' | 'pre-candidate' | 'candidate' | 'leader'

/** A message that a node has reason to send: the fields that it must have. */
export type Owed = Readonly<Record<string, string | number | boolean>> & {
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

  role: ModelRole
  term: number
  vote: NodeId
  leader: NodeId | undefined
  log: ModelLog
  commit: number
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

  readonly preVotes: Set<NodeId>
  readonly votes: Set<NodeId>

  readonly match: Map<NodeId, number>
  /** When each follower last answered the leader. */
  readonly answeredAt: Map<NodeId, number>
  ledFrom: number
}

/** A node on a new disk that was never started. */
export function newNode(id: NodeId): ModelNode {
  return {
    id,
    disk: { term: 0, vote: '', log: new ModelLog() },
    writing: undefined,
    role: 'follower',
    term: 0,
    vote: '',
    leader: undefined,
    log: new ModelLog(),
    commit: 0,
    mayCommit: 0,
    applied: 0,
    stable: 0,
    verified: 0,
    followed: new Map(),
    owed: [],
    heardAt: Number.NEGATIVE_INFINITY,
    promisedUntil: Number.NEGATIVE_INFINITY,
    timerFrom: 0,
    preVotes: new Set(),
    votes: new Set(),
    match: new Map(),
    answeredAt: new Map(),
    ledFrom: 0,
  }
}

/** A new life, with what the disk gave back. */
export function rebirth(n: ModelNode, { term, vote, firstIndex, entries }: StoredState, now: number): void {
  n.disk.term = n.term = term
  n.disk.vote = n.vote = vote
  n.disk.log = new ModelLog(entries, firstIndex - 1, n.disk.log.termAt(firstIndex - 1))
  n.log = n.disk.log.copy()
  n.writing = undefined
  n.role = 'follower'
  n.leader = undefined
  n.commit = n.mayCommit = n.applied = n.verified = firstIndex - 1
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
