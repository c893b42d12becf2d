import type { NodeId } from '@colony/host'
import {
  countOwnVote,
  onPeerClosed,
  onPreVoteRequest,
  onPreVoteResponse,
  onTimeoutNow,
  onVoteRequest,
  onVoteResponse,
  preCampaign,
} from './election.ts'
import type { Entry, LogEnd, LogIndex, SnapshotMeta, StoredState, Term } from './entry.ts'
import { acknowledge, onAppendRequest } from './following.ts'
import { leaseIndex } from './lease.ts'
import { changeMembers, onMembershipQuery, reconcileMembers } from './change-members.ts'
import type { Incarnation } from './incarnation.ts'
import { isFounding, isWiped, noticed, onMembershipNotice, wipedVoters } from './incarnations.ts'
import type { MembershipRecord } from './membership-log.ts'
import type { Message } from './message.ts'
import { onPriority } from './priority.ts'
import { onPeerSilent, onQuietAnswer, onQuietOffer, onWake, onWakeRequest, wakeFor } from './quiet.ts'
import { readsMayStart } from './reads.ts'
import { advanceCommit, appendAsLeader, onAppendResponse } from './replication.ts'
import { onHeartbeatDue, requestRead } from './rounds.ts'
import { onCompacted, onSnapshotFailed, onSnapshotInstalled, onSnapshotSent } from './snapshots.ts'
import type { DropCounters } from './bookkeeping.ts'
import type { CoreOptions, CoreRole } from './core-options.ts'
import { CoreState } from './state.ts'
import type { Input, Outputs } from './step.ts'
import { beginTransfer, transferRefusal, type TransferRefusal } from './transfer.ts'

/**
 * Raft as a pure state machine: no clock, no timer, no promise, no I/O. Whoever drives it feeds {@link Input}s and carries out
 * {@link Outputs}; `createRaft` does that in production, a simulator can do it directly.
 * @category Core
 */
export class RaftCore {
  readonly #state: CoreState

  /** Starts a node as follower with what its storage holds. `now` is the clock that every step is given, in milliseconds. */
  constructor(options: CoreOptions, stored: StoredState, now: number) {
    this.#state = new CoreState(options, stored, now)
  }

  /** Takes one input, at time `now`, to its consequences. Time never goes back; an earlier `now` counts as the latest seen. */
  step(now: number, input: Input): Outputs {
    const s = this.#state
    if (now > s.now) s.now = now
    const wasQuiet = s.quiet.on
    if (wasQuiet) wakeFor(s, input)
    switch (input.type) {
      case 'tick':
        tick(s)
        break
      case 'message':
        receive(s, input.message)
        break
      case 'propose':
        propose(s, input.kind, input.data)
        break
      case 'persisted':
        persisted(s, input.sequence)
        break
      case 'read':
        requestRead(s, input.id)
        break
      case 'compacted':
        onCompacted(s, input.snapshot, input.firstIndex)
        break
      case 'snapshot-installed':
        onSnapshotInstalled(s, input.snapshot)
        break
      case 'snapshot-sent':
        onSnapshotSent(s, input.to, input.index)
        break
      case 'snapshot-failed':
        onSnapshotFailed(s, input.to)
        break
      case 'transfer':
        beginTransfer(s, input.to)
        break
      case 'peer-closed':
        onPeerClosed(s, input.peer)
        break
      case 'peer-silent':
        onPeerSilent(s, input.peer, wasQuiet)
        break
      case 'wake':
        onWake(s)
        break
      case 'candidacy':
        s.mayCampaign = input.allowed
        break
      case 'change-members':
        changeMembers(s, input.goal, input.addresses)
        break
    }
    if (s.changing) reconcileMembers(s)
    return s.takeOutputs()
  }

  /** What the node is. */
  get role(): CoreRole {
    return this.#state.role
  }

  /** Its current term. */
  get term(): Term {
    return this.#state.term
  }

  /** Whom it takes for the leader. */
  get leader(): NodeId | undefined {
    return this.#state.leader
  }

  /** Whether it stands for election at all; the `candidacy` input says so. */
  get mayCampaign(): boolean {
    return this.#state.mayCampaign
  }

  /** Where its log ended before damage took entries from it that are not here again; `undefined` when nothing is missing. */
  get lost(): LogEnd | undefined {
    return this.#state.lost
  }

  /** Last committed index that it knows of. */
  get commitIndex(): LogIndex {
    return this.#state.commit
  }

  /** First index that is in its log; what is before is in the {@link RaftCore.snapshot}. */
  get firstIndex(): LogIndex {
    return this.#state.log.firstIndex
  }

  /** The newest snapshot that it was told of. */
  get snapshot(): SnapshotMeta | undefined {
    return this.#state.snapshot
  }

  /** On the leader: whether a follower waits for a snapshot. */
  awaitsSnapshot(id: NodeId): boolean {
    return this.#state.progress.get(id)?.state === 'snapshot'
  }

  /** On the leader: bytes of entries that were pipelined to a follower and that it has not acknowledged; at most {@link CoreOptions.maxInflightBytes}, or one entry. */
  inflightBytes(id: NodeId): number {
    return this.#state.progress.get(id)?.inflightBytes ?? 0
  }

  /** Last index of its log. */
  get lastIndex(): LogIndex {
    return this.#state.log.lastIndex
  }

  /** Bytes of the entries of its log that are not committed as far as it knows. */
  get uncommittedBytes(): number {
    return this.#state.log.unsettledBytes
  }

  /** Whether it leads and knows what is committed (section 8), and is not about to hand over. */
  get leads(): boolean {
    return readsMayStart(this.#state)
  }

  /** Whether it is quiet: neither sends heartbeats nor waits for any, until it gets an input that ends this (`CoreOptions.quietAfterMs`). */
  get quiet(): boolean {
    return this.#state.quiet.on
  }

  /** On a leader: whether a follower may be quiet. Should this leader end, that follower has to be told by others. */
  get mayHaveQuietFollowers(): boolean {
    return this.#state.quiet.followersMayBe
  }

  /** How often it ceased to lead while a follower might be quiet. */
  get quietFollowersLeft(): number {
    return this.#state.quiet.abandoned
  }

  /** To whom it hands leadership over, if it does. */
  get transferTarget(): NodeId | undefined {
    return this.#state.transfer?.to
  }

  /** Why it can't hand leadership over to `to`, or without it to anybody, just now; `undefined` when it can. */
  transferRefusal(to?: NodeId): TransferRefusal | undefined {
    return transferRefusal(this.#state, to)
  }

  /** The voters, sorted; while joint, those that are coming. */
  get voters(): readonly NodeId[] {
    return this.#state.configuration.voters
  }

  /** The membership that holds now, committed or not, and where in the log it stands. */
  get membership(): MembershipRecord {
    return this.#state.memberships.latest
  }

  /** The membership that held at `index`; the oldest known for indexes before that. */
  membershipAt(index: LogIndex): MembershipRecord {
    return this.#state.memberships.at(index)
  }

  /** The memberships of the entries after `from` up to `to`, in their order. */
  membershipsBetween(from: LogIndex, to: LogIndex): readonly MembershipRecord[] {
    return this.#state.memberships.between(from, to)
  }

  /**
   * Where the group has decided that this node is a member no more, if it has: its latest membership is committed and leaves it out, and it has caught up with
   * all that a leader said was committed; or a leader told it so.
   */
  get removedAt(): LogIndex | undefined {
    const s = this.#state
    const { index } = s.memberships.latest
    const known = index > 0 && index <= s.commit && s.commit >= s.leaderCommit
    return known && !s.configuration.isMember(s.id) ? index : noticed(s, 'removed')
  }

  /** Whether the group has decided that this node is a member no more; see {@link RaftCore.removedAt}. */
  get removed(): boolean {
    return this.removedAt !== undefined
  }

  /** Whether the group knows this node as a voter by data that it does not have: its storage was wiped, and its voice counts for nothing until it was taken back. */
  get wiped(): boolean {
    return isWiped(this.#state)
  }

  /** Voters that answered this node with other data than the group knows them by, and which: they were wiped. */
  get wipedVoters(): ReadonlyMap<NodeId, Incarnation> {
    return wipedVoters(this.#state)
  }

  /** Whether this node is a founder of a group that was not founded yet as far as it knows, which takes all founders. */
  get founding(): boolean {
    return isFounding(this.#state)
  }

  /** Messages dropped, by reason. */
  get drops(): Readonly<DropCounters> {
    return this.#state.drops
  }

  /** Term of the entry at `index`, also of the one that the log begins behind; -1 where it has none. */
  termAt(index: LogIndex): Term {
    return this.#state.log.termAt(index)
  }

  /** The entry at `index`, if the log has one. For checks and tools. */
  entryAt(index: LogIndex): Entry | undefined {
    return this.#state.log.at(index)
  }

  /**
   * A moment on the clock of `now` such that everything that completed anywhere before it is within the commit index; `-Infinity`
   * when there is none yet.
   */
  freshAt(): number {
    const s = this.#state
    if (s.commitIsCurrent) return Math.max(s.freshAt, s.progress.size === 0 ? s.now : s.quorumAt)
    return s.freshAt
  }

  /**
   * While this node leads and holds a lease at `now`: up to where its machine must be for a linearizable read, without asking anyone; else -1.
   * `now` must have been read after the read began: what a clock showed before a pause says nothing about the time after it.
   */
  leaseIndex(now: number): LogIndex {
    return leaseIndex(this.#state, now)
  }

  /**
   * On a follower: takes over that the leader of `term` had committed `index` (a leader's answer to a forwarded read says so).
   * Returns what there is to apply.
   */
  learnCommit(now: number, term: Term, index: LogIndex): Outputs {
    const s = this.#state
    if (now > s.now) s.now = now
    if (s.role === 'follower' && term === s.term) s.commit = Math.max(s.commit, Math.min(index, s.verified))
    return s.takeOutputs()
  }
}

function tick(s: CoreState): void {
  if (s.quiet.on) return
  if (s.role === 'leader') {
    if (s.now >= s.heartbeatAt) onHeartbeatDue(s)
  } else if (s.now >= s.electionDeadline) {
    // Its own vote is still being written and nobody was asked yet: a new term would only start the same write again.
    if (s.role === 'candidate' && !s.hardStateDurable) s.resetElectionDeadline()
    else preCampaign(s)
  }
}

/**
 * Terms grow by one an election, so no peer is this far ahead. Whoever followed one that claims to be would soon stand at the largest number
 * there is, where no election can be held any more.
 */
const MAX_TERM_LEAP = 2 ** 32

function receive(s: CoreState, m: Message): void {
  if (m.to !== s.id || m.from === s.id) {
    s.drops.stranger++
    return
  }
  if (m.term > s.term + MAX_TERM_LEAP) {
    s.drops.impossible++
    return
  }
  switch (m.type) {
    case 'pre-vote-request':
      return onPreVoteRequest(s, m)
    case 'pre-vote-response':
      return onPreVoteResponse(s, m)
    case 'vote-request':
      return onVoteRequest(s, m)
    case 'vote-response':
      return onVoteResponse(s, m)
    case 'append-request':
      return onAppendRequest(s, m)
    case 'append-response':
      return onAppendResponse(s, m)
    case 'timeout-now':
      return onTimeoutNow(s, m)
    case 'priority':
      return onPriority(s, m)
    case 'quiet-offer':
      return onQuietOffer(s, m)
    case 'quiet-answer':
      return onQuietAnswer(s, m)
    case 'wake':
      return onWakeRequest(s, m)
    case 'membership-query':
      return onMembershipQuery(s, m)
    case 'membership-notice':
      return onMembershipNotice(s, m)
  }
}

function propose(s: CoreState, kind: Entry['kind'], data: readonly Uint8Array[]): void {
  // Whoever hands over takes nothing: its target would never hold everything.
  if (s.role !== 'leader' || s.transfer !== undefined) return
  const { term } = s
  appendAsLeader(
    s,
    data.map((bytes) => ({ term, kind, data: bytes })),
  )
}

function persisted(s: CoreState, sequence: number): void {
  s.persisted(sequence)
  if (s.role === 'leader') advanceCommit(s)
  else if (s.role === 'candidate') countOwnVote(s)
  else if (s.ackDue) acknowledge(s)
}
