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
import type { Entry, LogIndex, StoredState, Term } from './entry.ts'
import { acknowledge, onAppendRequest } from './following.ts'
import { leaseIndex } from './lease.ts'
import type { Message } from './message.ts'
import { onPriority } from './priority.ts'
import { readsMayStart } from './reads.ts'
import { advanceCommit, appendAsLeader, onAppendResponse } from './replication.ts'
import { onHeartbeatDue, requestRead } from './rounds.ts'
import { CoreState, type CoreOptions, type CoreRole, type DropCounters } from './state.ts'
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
      case 'transfer':
        beginTransfer(s, input.to)
        break
      case 'peer-closed':
        onPeerClosed(s, input.peer)
        break
      case 'candidacy':
        s.mayCampaign = input.allowed
        break
    }
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

  /** Last committed index that it knows of. */
  get commitIndex(): LogIndex {
    return this.#state.commit
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

  /** Whether it stands for election at all; the `candidacy` input says so. */
  get mayCampaign(): boolean {
    return this.#state.mayCampaign
  }

  /** To whom it hands leadership over, if it does. */
  get transferTarget(): NodeId | undefined {
    return this.#state.transfer?.to
  }

  /** Why it can't hand leadership over to `to`, or without it to anybody, just now; `undefined` when it can. */
  transferRefusal(to?: NodeId): TransferRefusal | undefined {
    return transferRefusal(this.#state, to)
  }

  /** The voters, sorted. */
  get voters(): readonly NodeId[] {
    return this.#state.configuration.voters
  }

  /** Messages dropped, by reason. */
  get drops(): Readonly<DropCounters> {
    return this.#state.drops
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
  if (m.to !== s.id || m.from === s.id || !s.configuration.isVoter(m.from)) {
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
