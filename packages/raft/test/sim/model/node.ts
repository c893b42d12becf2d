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
  /** Where the log ended before damage took entries from it that may not be here again. */
  lost: ModelEnd | undefined
  /** The log as it was before, for as long as nothing was written in its place: what stands behind the damage counts again once a snapshot stands for all before it. */
  behind: ModelLog | undefined
}

/** The end of a log. */
export interface ModelEnd {
  readonly index: number
  readonly term: number
}

/** A write that has begun: after a crash all of it is there, or nothing. */
export interface ModelWrite {
  readonly record: PersistRecord
  /** What the log began behind when the write began: a record that replaces the log begins there, whatever snapshot there is by then. */
  readonly base: LogBase
  /** Up to where the log is durable once it is done; less when entries are replaced meanwhile. */
  covers: number
}

/** One life of a node (figure 2, volatile state), and its disk, which outlives it. */
export interface ModelNode {
  readonly id: NodeId
  /** Which data it has: a wiped disk gets another. */
  readonly incarnation: number
  readonly disk: ModelDisk
  /** The disk had no room for what the node wrote last. */
  full: boolean
  writing: ModelWrite | undefined
  /** Where the log ended before damage took entries that are not here again: nobody may be elected who has less (section 5.4.1), this node least of all. */
  lost: ModelEnd | undefined
  /** Snapshots that were begun and are not durable: the last is being written, the others were given up, and may be there after a crash all the same. */
  saving: LogBase[]

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

  /** Two memberships, the model's and the node's own, that were found to be the same. */
  agreed: { readonly model: unknown; readonly node: unknown } | undefined

  /** It waits for no heartbeat, or, as leader, sends none. */
  quiet: boolean
  /** Of a leader: the number of its last offer to be quiet, and who agreed. */
  offered: number
  readonly agreeing: Set<NodeId>
  /** Of a follower: the last offer that it agreed to. */
  tookTerm: number
  tookOffer: number

  /** What the last snapshot took the place of, for whoever counts; `nothing` for one that a crash took. */
  took: 'the log' | 'nothing' | undefined
  /** Who would vote for it, and with which data. */
  readonly preVotes: Map<NodeId, number>
  readonly votes: Map<NodeId, number>
  /** Elections that it asked for while it knew of no founding, in this life and since anybody asked it who holds something; and since when it might have. */
  foundingTries: number
  awakeFrom: number
  /** It asks as one that does without a part of the founders. */
  foundsWithoutAll: boolean
  /** The votes with which it was elected first of all, until it has written them down. */
  elected: ReadonlyMap<NodeId, number> | undefined

  /** Of a leader: with which data those answered last whose voice is not bound to any, and which were shown before. */
  readonly shown: Map<NodeId, number>
  readonly gone: Set<number>
  readonly match: Map<NodeId, number>
  /** The latest round of the leader's that each follower has answered. */
  readonly rounds: Map<NodeId, number>
  /** When each follower last answered the leader. */
  readonly answeredAt: Map<NodeId, number>
  ledFrom: number
  /** Members were added or removed in its present term as leader. */
  changed: boolean
}

/** A node on a new disk that was never started, of a group that was founded with `voters`. */
export function newNode(id: NodeId, voters: readonly NodeId[], incarnation = 0): ModelNode {
  const log = new ModelLog({ index: 0, term: 0, membership: founding(voters) })
  return {
    id,
    incarnation,
    disk: { term: 0, vote: '', log, snapshot: undefined, lost: undefined, behind: undefined },
    full: false,
    writing: undefined,
    lost: undefined,
    saving: [],
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
    quiet: false,
    offered: 0,
    agreeing: new Set(),
    tookTerm: 0,
    tookOffer: 0,
    agreed: undefined,
    took: undefined,
    preVotes: new Map(),
    votes: new Map(),
    foundingTries: 0,
    awakeFrom: 0,
    foundsWithoutAll: false,
    elected: undefined,
    shown: new Map(),
    gone: new Set(),
    match: new Map(),
    rounds: new Map(),
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
  n.foundingTries = 0
  n.awakeFrom = now
  n.foundsWithoutAll = false
  n.writing = undefined
  n.full = false
  n.role = 'follower'
  n.leader = undefined
  n.commit = n.seen = n.mayCommit = n.applied = n.verified = n.disk.snapshot?.index ?? 0
  n.stable = n.log.last
  n.followed.clear()
  n.owed.length = 0
  n.heardAt = Number.NEGATIVE_INFINITY
  n.timerFrom = now
  n.quiet = false
  n.offered = n.tookTerm = n.tookOffer = 0
  n.agreeing.clear()
  n.preVotes.clear()
  n.votes.clear()
  n.elected = undefined
  n.match.clear()
  n.lost = n.disk.lost
  noteRegained(n)
}

/** Who has as much as the log that damage took entries from lacks nothing any more, nor who has committed as far. */
export function noteRegained(n: ModelNode): void {
  const { lost, log, commit } = n
  if (lost === undefined || (commit < lost.index && isEarlier({ index: log.last, term: log.lastTerm }, lost)))
    return
  n.lost = undefined
}

/** Section 5.4.1: the end with the later term, and of one term the longer log, is more up to date. */
export function isEarlier(a: ModelEnd, b: ModelEnd): boolean {
  return a.term === b.term ? a.index < b.index : a.term < b.term
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
