import type { NodeId } from '@colony/host'
import type { DropCounters, Farewell, SentRound, Transfer, WaitingRead } from './bookkeeping.ts'
import type { Configuration } from './configuration.ts'
import type { CoreOptions, CoreRole } from './core-options.ts'
import type { Entry, LogEnd, LogIndex, PersistRecord, SnapshotMeta, StoredState, Term } from './entry.ts'
import type { Incarnation } from './incarnation.ts'
import { Incarnations } from './known-incarnations.ts'
import type { Log } from './log.ts'
import { addMembership, type MembershipLog, openMemberships } from './membership-log.ts'
import type { Message } from './message.ts'
import type { Progress } from './progress.ts'
import { Quiet } from './quiet-state.ts'
import type { Outputs, ReadAnswer } from './step.ts'
import { openStoredLog } from './stored-log.ts'

const NOBODY: readonly NodeId[] = []
const NO_ENTRIES: readonly Entry[] = []
const NO_MESSAGES: readonly Message[] = []
const NO_ANSWERS: readonly ReadAnswer[] = []

/** Most entries that one step hands out for application: what a node finds committed after a restart may be its whole log. */
const MOST_APPLIED = 16_384

/**
 * Everything that one core remembers; the modules beside this file are its behaviour. What step outputs collects is at the end.
 * Invariant: `commit <= log.lastIndex`, `stable <= log.lastIndex`, `emitted <= commit`.
 */
export class CoreState {
  readonly options: CoreOptions
  readonly id: NodeId
  /** That of the last membership in the log, committed or not (section 6). */
  configuration: Configuration
  readonly memberships: MembershipLog
  readonly incarnations: Incarnations
  readonly log: Log
  /** Makes `sentAt` readings of this life unlike those of every other life of the node. */
  readonly sentAtOrigin: number
  readonly drops: DropCounters = { stranger: 0, impossible: 0 }
  now: number

  // What every node keeps (figure 2).
  role: CoreRole = 'follower'
  term: Term
  vote: NodeId | ''
  leader: NodeId | undefined = undefined
  commit: LogIndex
  /** Last index handed out for application. */
  emitted: LogIndex
  /** The newest snapshot here, if there is any. Invariant: `log.firstIndex - 1 <= snapshot.index <= emitted`. */
  snapshot: SnapshotMeta | undefined

  // Durability.
  /** Number of the last record handed out. */
  sequence = 0
  /** Number of the last record known to be durable. */
  durableSequence = 0
  /** Number of the record with the current term and vote. */
  hardStateSequence = 0
  /** Last index that is durable here, as it stands in `log`. */
  stable: LogIndex
  /** Records handed out and not yet durable: up to where each makes the log durable. */
  readonly unstable: { sequence: number; lastIndex: LogIndex }[] = []
  #persistedTerm: Term
  #persistedVote: NodeId | ''
  /** First index changed since the last record; 0 for none. */
  #changedFrom: LogIndex = 0
  /** A snapshot took the place of the log since the last record. */
  #logReplaced = false

  // Followers.
  electionDeadline = 0
  leaderHeardAt: number = Number.NEGATIVE_INFINITY
  /** The election was brought forward because the connection to the leader closed. */
  hastened = false
  /** Highest commit index that a leader has told of. */
  leaderCommit: LogIndex = 0
  /** Last index known to equal the current leader's log. */
  verified: LogIndex
  /** The round to repeat in answers. */
  roundSeen = 0
  /** Answer the leader once what it sent is durable. */
  ackDue = false
  /** On this node's clock: its state contains everything that completed anywhere before this moment. */
  freshAt: number = Number.NEGATIVE_INFINITY
  /** Until then this node elects nobody: a leader may hold a lease that counts on it. */
  promisedUntil: number = Number.NEGATIVE_INFINITY
  /** Whether what the leader of this term asks for was promised. */
  leasePromised = false

  // Candidates.
  /** Who gave its vote, or would, and with which data. */
  readonly votes: Map<NodeId, Incarnation> = new Map()
  campaignedAt = 0
  /** Whether this node stands for election at all. */
  mayCampaign = true
  /** Where the log ended before damage took entries that are not here again; `undefined` on nearly every node. */
  lost: LogEnd | undefined

  // Leaders.
  readonly progress: Map<NodeId, Progress> = new Map()
  heartbeatAt = 0
  round = 0
  /** Rounds sent and not yet answered by a quorum, oldest first. */
  readonly rounds: SentRound[] = []
  /** Highest round answered by a quorum, and when it was sent: this node led then. */
  confirmedRound = 0
  quorumAt = 0
  /** What followers are asked to promise, in milliseconds; 0 for no leases. */
  leaseMs = 0
  /** When the last round was sent that a quorum answered with the promise of a lease. */
  leaseFrom: number = Number.NEGATIVE_INFINITY
  /** Whose quorum that was. */
  leaseConfiguration: Configuration | undefined = undefined
  /** Index of the no-op of this term: once it is committed, `commit` is known to be as new as any earlier leader's. */
  termStart: LogIndex = 0
  /** Leadership that is being handed over. */
  transfer: Transfer | undefined = undefined
  /** How long a node of higher priority must keep up before it is given the lead; and the commit index at the last heartbeat. */
  yieldAfterMs = 0
  commitAtHeartbeat: LogIndex = 0
  /** Reads sent out with a round, and reads that wait for the next. */
  readonly reading: WaitingRead[] = []
  readonly readsQueued: number[] = []

  readonly quiet: Quiet = new Quiet()

  /** There is something to do about members: a goal, somebody to take leave of, or this leader's own removal. */
  changing = false
  /** Who was removed and is to hear of it. */
  readonly leaving: Map<NodeId, Farewell> = new Map()
  /** This leader was removed, and has tried to hand over. */
  handedOver = false

  // What the current step collects.
  send: Message[] = []
  sendAfterPersist: Message[] = []
  readAnswers: ReadAnswer[] = []
  snapshotTo: readonly NodeId[] = NOBODY
  appendedAt: LogIndex = 0
  #lastBatch:
    { readonly from: LogIndex; readonly to: LogIndex; readonly entries: readonly Entry[] } | undefined

  constructor(options: CoreOptions, stored: StoredState, now: number) {
    this.options = options
    this.id = options.id
    this.incarnations = new Incarnations(options.incarnation ?? 0)
    this.snapshot = stored.snapshot
    this.lost = stored.lost
    const { log, replaced } = openStoredLog(stored)
    this.log = log
    this.memberships = openMemberships(options.voters, log, stored.snapshot)
    this.configuration = this.memberships.latest.configuration
    this.#logReplaced = replaced
    this.sentAtOrigin = options.random.integer(1, 0xffffffff) * 2 ** 20
    this.term = this.#persistedTerm = stored.term
    this.vote = this.#persistedVote = stored.vote
    this.commit = this.emitted = this.verified = stored.snapshot?.index ?? 0
    this.stable = this.log.lastIndex
    this.now = now
    // Nobody else can lead a group of one, so it needs not wait to find out.
    const alone = this.configuration.isLoneVoter(options.id)
    if (alone) this.electionDeadline = now
    else this.resetElectionDeadline()
    // What an earlier life promised is forgotten, and it never promised more than this.
    if (!alone && stored.term > 0) this.promisedUntil = now + options.electionTimeoutMs
  }

  /** Whether the current term and vote would survive a crash. */
  get hardStateDurable(): boolean {
    const handedOut = this.term === this.#persistedTerm && this.vote === this.#persistedVote
    return handedOut && this.hardStateSequence <= this.durableSequence
  }

  /** Whether this leader has committed an entry of its own term, so that `commit` is up to date (section 8). */
  get commitIsCurrent(): boolean {
    return this.role === 'leader' && this.commit >= this.termStart
  }

  /** Appends an entry of the current term or one that the leader sent. */
  append(entry: Entry): LogIndex {
    this.log.append(entry)
    const index = this.log.lastIndex
    if (this.#changedFrom === 0) this.#changedFrom = index
    if (entry.kind === 'configuration') this.#adopt(entry, index)
    return index
  }

  /** A membership counts as soon as it is in the log (section 6). */
  #adopt(entry: Entry, index: LogIndex): void {
    addMembership(this.memberships, entry, index)
    this.configuration = this.memberships.latest.configuration
    this.changing = true
  }

  /** Drops entries that contradict the leader's (section 5.3). Never committed ones. */
  truncateFrom(index: LogIndex): void {
    this.log.truncateFrom(index)
    this.memberships.truncateFrom(index)
    this.configuration = this.memberships.latest.configuration
    this.#changedFrom = this.#changedFrom === 0 ? index : Math.min(this.#changedFrom, index)
    if (this.stable >= index) this.stable = index - 1
    // Writes still under way made the dropped entries durable, not the ones that will stand in their places.
    for (const record of this.unstable) if (record.lastIndex >= index) record.lastIndex = index - 1
  }

  /** Begins the log anew behind a snapshot that is durable and that it does not agree with. */
  replaceLog({ index, term, membership }: SnapshotMeta): void {
    this.log.replaceBySnapshot(index, term)
    this.memberships.restart(index, term, membership)
    this.configuration = this.memberships.latest.configuration
    this.#logReplaced = true
    this.#changedFrom = 0
    this.stable = index
    // Writes still under way made durable what is gone.
    for (const record of this.unstable) if (record.lastIndex > index) record.lastIndex = index
  }

  /** Remembers a snapshot that is durable here, unless there is a newer one. */
  noteSnapshot(snapshot: SnapshotMeta): void {
    if (snapshot.index <= (this.snapshot?.index ?? 0)) return
    this.snapshot = snapshot
    this.memberships.compact(snapshot.index)
  }

  /** On a leader: asks whoever drives this core to send a follower our newest snapshot. */
  askForSnapshot(to: NodeId): void {
    this.snapshotTo = [...this.snapshotTo, to]
  }

  /** Takes note of what became durable. */
  persisted(sequence: number): void {
    this.durableSequence = Math.max(this.durableSequence, sequence)
    let done = 0
    for (const record of this.unstable) {
      if (record.sequence > sequence) break
      if (record.lastIndex > this.stable) this.stable = record.lastIndex
      done++
    }
    if (done > 0) this.unstable.splice(0, done)
  }

  /** On a leader: entries to send. The same array for all followers that stand at the same place, so that it is made and encoded once. */
  batch(from: LogIndex, to: LogIndex): readonly Entry[] {
    const last = this.#lastBatch
    if (last !== undefined && last.from === from && last.to === to) return last.entries
    const entries = this.log.slice(from, to)
    this.#lastBatch = { from, to, entries }
    return entries
  }

  /** The one record with all that changed since the last one, if anything did. */
  takeRecord(): PersistRecord | undefined {
    const hardStateChanged = this.term !== this.#persistedTerm || this.vote !== this.#persistedVote
    const firstIndex = this.#changedFrom
    if (!hardStateChanged && firstIndex === 0 && !this.#logReplaced) return undefined
    this.sequence++
    if (hardStateChanged) {
      this.#persistedTerm = this.term
      this.#persistedVote = this.vote
      this.hardStateSequence = this.sequence
    }
    if (this.#logReplaced) return this.#takeReplacingRecord()
    const { lastIndex } = this.log
    if (firstIndex !== 0) this.unstable.push({ sequence: this.sequence, lastIndex })
    this.#changedFrom = 0
    const entries = firstIndex === 0 ? [] : this.log.slice(firstIndex, lastIndex)
    return { term: this.term, vote: this.vote, firstIndex, entries }
  }

  #takeReplacingRecord(): PersistRecord {
    const { firstIndex, lastIndex } = this.log
    this.unstable.push({ sequence: this.sequence, lastIndex })
    this.#changedFrom = 0
    this.#logReplaced = false
    const entries = this.log.slice(firstIndex, lastIndex)
    return { term: this.term, vote: this.vote, firstIndex, entries, replacesLog: true }
  }

  /** Hands out what this step collected. */
  takeOutputs(): Outputs {
    const persist = this.takeRecord()
    const applyFrom = this.emitted + 1
    const applyTo = Math.min(this.commit, this.emitted + MOST_APPLIED)
    const apply = applyTo > this.emitted ? this.log.slice(applyFrom, applyTo) : NO_ENTRIES
    this.emitted = applyTo
    this.log.settle(this.commit)
    const { snapshotTo, appendedAt, sequence } = this
    // A commit takes a dozen steps, most of which leave most of these empty: only what is handed out is made anew.
    const send = this.send.length === 0 ? NO_MESSAGES : this.send
    if (send === this.send) this.send = []
    const sendAfterPersist = this.sendAfterPersist.length === 0 ? NO_MESSAGES : this.sendAfterPersist
    if (sendAfterPersist === this.sendAfterPersist) this.sendAfterPersist = []
    const reads = this.readAnswers.length === 0 ? NO_ANSWERS : this.readAnswers
    if (reads === this.readAnswers) this.readAnswers = []
    this.snapshotTo = NOBODY
    this.appendedAt = 0
    this.#lastBatch = undefined
    const nextAt = this.role === 'leader' ? this.heartbeatAt : this.electionDeadline
    const dueAt = this.quiet.on ? Number.POSITIVE_INFINITY : nextAt
    const wakeAt = applyTo < this.commit ? this.now : dueAt
    return {
      persist,
      sequence,
      send,
      sendAfterPersist,
      apply,
      applyFrom,
      appendedAt,
      reads,
      snapshotTo,
      wakeAt,
    }
  }

  /** Puts the next election a random time ahead, so that two rarely start together (section 5.2). */
  resetElectionDeadline(): void {
    this.hastened = false
    const { electionTimeoutMs, random } = this.options
    this.electionDeadline = this.now + electionTimeoutMs * (1 + random.float())
  }

  /** This node's clock as answers carry it. */
  get sentAt(): number {
    return this.sentAtOrigin + Math.floor(this.now)
  }
}
