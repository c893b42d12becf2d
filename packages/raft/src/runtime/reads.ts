import type { NodeId } from '@colony/host'
import type { LogIndex } from '../core/entry.ts'
import type { ReadAnswer } from '../core/step.ts'
import { RaftError } from '../errors.ts'
import type { WaitingRead } from './local-read.ts'
import type { LoopShare } from './loop-share.ts'
import { ReadCounters } from './read-counters.ts'
import type { ReadDemand } from './read-demand.ts'
import type { ReadRoute } from './route.ts'
import type { ReadReply, ReadRequest } from './wire.ts'

/** How long a read that was sent to the leader goes unanswered before it is sent again. Asking twice is harmless. */
const RESEND_AFTER_MS = 250

/** Reads of this node that were sent for confirmation together. */
interface Batch<Read> {
  readonly reads: readonly Read[]
  readonly lease: boolean
  sentAt: number
  /** Whom we asked: this node's own core, or the leader of `term`. */
  readonly via: NodeId
  readonly term: number
}

/** Who asked this node's core to confirm that it leads. */
type Asker<Read> = { readonly batch: Batch<Read> } | { readonly from: NodeId; readonly request: ReadRequest }

/**
 * Reads that wait: those of this node, and those that other nodes ask this one, as leader, to confirm. Every batch takes three steps:
 * a quorum (or a lease) confirms the leader after the read began, the machine catches up with what was committed then, the queries run.
 */
export class Reads<Machine> {
  /** What became of all reads of this node, those that need not wait included. */
  readonly counters: ReadCounters = new ReadCounters()
  readonly #route: ReadRoute
  readonly #machine: Machine
  readonly #share: LoopShare
  #waiting: WaitingRead<Machine>[] = []
  /** Sent to the leader, by request number. */
  readonly #sent = new Map<number, Batch<WaitingRead<Machine>>>()
  /** Asked of our own core, by read number. */
  readonly #asked = new Map<number, Asker<WaitingRead<Machine>>>()
  /** Confirmed; run once the machine has applied `index`. */
  #confirmed: { readonly index: LogIndex; readonly reads: readonly WaitingRead<Machine>[] }[] = []
  /** The smallest index that any of them waits for. */
  #leastIndex: LogIndex = Number.POSITIVE_INFINITY
  readonly #unsettled = new Set<WaitingRead<Machine>>()
  /** Whom we asked does not lead (any more): asked again at the next sweep, or when we know of another leader. */
  #refused: WaitingRead<Machine>[] = []
  #lastNumber = 0

  constructor(route: ReadRoute, machine: Machine, share: LoopShare) {
    this.#route = route
    this.#machine = machine
    this.#share = share
  }

  /** How many calls of this node wait. */
  get size(): number {
    return this.#unsettled.size
  }

  /** How many wait to be confirmed or for the machine, ended ones included until the next sweep. */
  get waiting(): number {
    const confirmed = this.#confirmed.reduce((sum, { reads }) => sum + reads.length, 0)
    return this.#waiting.length + this.#refused.length + confirmed
  }

  /** How old the answer can be if the query runs now; `undefined` when it has to wait. */
  ageNow(demand: ReadDemand): number | undefined {
    const staleMs = this.#ageOf(demand)
    return staleMs === undefined || this.#share.take() ? staleMs : undefined
  }

  #ageOf({ consistency, maxStalenessMs, after }: ReadDemand): number | undefined {
    const route = this.#route
    if (consistency === 'linearizable' || route.applied < after) return undefined
    if (consistency === 'lease') {
      // From here to the query nothing can come between but a pause, and whatever completes during that was not complete when the read began.
      const index = route.leaseIndex()
      return index >= 0 && index <= route.applied ? 0 : undefined
    }
    const staleMs = route.staleMs()
    return consistency === 'local' || staleMs <= maxStalenessMs ? staleMs : undefined
  }

  /** Takes a read in that has to wait. */
  submit(read: WaitingRead<Machine>): void {
    this.#unsettled.add(read)
    if (this.#share.take()) this.#enqueue(read)
    else this.#share.whenTurned(() => this.#enqueue(read))
  }

  #enqueue(read: WaitingRead<Machine>): void {
    if (read.done) return
    const { consistency } = read.demand
    const leaseIndex = consistency === 'lease' ? this.#route.leaseIndex() : -1
    if (consistency === 'local') this.#confirm([read], 0)
    else if (leaseIndex >= 0) this.#confirm([read], leaseIndex)
    // Also what is too old here: the leader's word makes it fresh.
    else this.#waiting.push(read)
    this.#route.wake()
  }

  /** Ends a read that is given up. */
  readonly abandon = (read: WaitingRead<Machine>, reason: unknown): void => {
    if (read.done) return
    this.#unsettled.delete(read)
    this.counters.failed(read.demand.consistency)
    read.reject(reason)
  }

  /** Sends what waits for confirmation; `askCore` starts a read of this node's own core. */
  dispatch(askCore: (id: number) => void): void {
    const { role, leader, id } = this.#route
    const waiting = this.#waiting
    if (waiting.length === 0 || leader === undefined) return
    this.#waiting = []
    if (role === 'leader' || leader === id) {
      const number = ++this.#lastNumber
      this.#asked.set(number, { batch: this.#batch(waiting, false, id) })
      this.counters.rounds++
      askCore(number)
      return
    }
    this.#forward(leader, waiting.filter(takesLease), true)
    this.#forward(
      leader,
      waiting.filter((read) => !takesLease(read)),
      false,
    )
  }

  #forward(leader: NodeId, reads: readonly WaitingRead<Machine>[], lease: boolean): void {
    if (reads.length === 0) return
    const request = ++this.#lastNumber
    const { life } = this.#route
    if (this.#route.send(leader, { type: 'read', life, request, lease })) {
      this.#sent.set(request, this.#batch(reads, lease, leader))
      this.counters.forwarded++
    } else {
      this.#waiting.push(...reads)
    }
  }

  #batch(reads: readonly WaitingRead<Machine>[], lease: boolean, via: NodeId): Batch<WaitingRead<Machine>> {
    const { now, term } = this.#route
    return { reads, lease, sentAt: now, via, term }
  }

  /** As leader: takes another node's question. */
  onRequest(from: NodeId, request: ReadRequest, askCore: (id: number) => void): void {
    const index = request.lease ? this.#route.leaseIndex() : -1
    if (index >= 0) {
      this.#reply(from, request, index)
      return
    }
    const number = ++this.#lastNumber
    this.#asked.set(number, { from, request })
    this.counters.rounds++
    askCore(number)
  }

  #reply(to: NodeId, { life, request }: ReadRequest, index: LogIndex): void {
    this.#route.send(to, { type: 'read-reply', life, request, term: this.#route.term, index })
  }

  /** Takes what our own core says. */
  onAnswer({ id, index }: ReadAnswer): void {
    const asker = this.#asked.get(id)
    if (asker === undefined) return
    this.#asked.delete(id)
    if ('batch' in asker) this.#settle(asker.batch, index)
    else this.#reply(asker.from, asker.request, index)
  }

  /** Takes what the leader says. True if it was still wanted. */
  onReply(reply: ReadReply): boolean {
    const batch = this.#sent.get(reply.request)
    if (batch === undefined || reply.life !== this.#route.life) return false
    this.#sent.delete(reply.request)
    this.#settle(batch, reply.index)
    return reply.index >= 0
  }

  /** Runs every confirmed read for which the machine is new enough. */
  runReady(applied: LogIndex): void {
    if (applied < this.#leastIndex) return
    const groups = this.#confirmed
    this.#confirmed = []
    this.#leastIndex = Number.POSITIVE_INFINITY
    for (const group of groups) {
      if (group.index > applied) this.#hold(group.reads, group.index)
      else for (const read of group.reads) this.#run(read, applied)
    }
  }

  #run(read: WaitingRead<Machine>, applied: LogIndex): void {
    if (read.done) return
    this.#unsettled.delete(read)
    const { consistency } = read.demand
    this.counters.served(consistency)
    read.run(this.#machine, applied, consistency === 'local' ? this.#route.staleMs() : 0)
  }

  /** Gives up what is past its deadline; asks again where the leader changed or did not answer. */
  sweep(): void {
    const { now, leader, term, applied } = this.#route
    for (const read of this.#unsettled) {
      if (now >= read.deadline) this.abandon(read, timedOut(read.demand, applied, leader))
    }
    for (const [request, batch] of this.#sent) {
      if (batch.via !== leader || batch.term !== term) {
        this.#sent.delete(request)
        for (const read of batch.reads) this.#waiting.push(read)
      } else if (now - batch.sentAt >= RESEND_AFTER_MS) {
        // Under the same number: on a link slower than this the answer to the first is on its way.
        batch.sentAt = now
        this.#route.send(leader, { type: 'read', life: this.#route.life, request, lease: batch.lease })
      }
    }
    this.#waiting = this.#refused.concat(this.#waiting).filter(isPending)
    this.#refused = []
    this.#letGo()
  }

  /** What was given up may wait for an index that never comes. */
  #letGo(): void {
    const groups = this.#confirmed
    this.#confirmed = []
    this.#leastIndex = Number.POSITIVE_INFINITY
    for (const { index, reads } of groups) {
      const pending = reads.filter(isPending)
      if (pending.length > 0) this.#hold(pending, index)
    }
  }

  /** Ends everything. */
  rejectAll(error: RaftError): void {
    for (const read of this.#unsettled) this.abandon(read, error)
  }

  #settle(batch: Batch<WaitingRead<Machine>>, index: LogIndex): void {
    if (index >= 0) this.#confirm(batch.reads, index)
    else for (const read of batch.reads) this.#refused.push(read)
  }

  /** The machine must get to `index`, and for some of them further. */
  #confirm(reads: readonly WaitingRead<Machine>[], index: LogIndex): void {
    const isLater = ({ demand }: WaitingRead<Machine>): boolean => demand.after > index
    if (!reads.some(isLater)) {
      this.#hold(reads, index)
      return
    }
    this.#hold(
      reads.filter((read) => !isLater(read)),
      index,
    )
    for (const read of reads.filter(isLater)) this.#hold([read], read.demand.after)
  }

  #hold(reads: readonly WaitingRead<Machine>[], index: LogIndex): void {
    this.#confirmed.push({ index, reads })
    this.#leastIndex = Math.min(this.#leastIndex, index)
  }
}

function isPending({ done }: { readonly done: boolean }): boolean {
  return !done
}

function takesLease({ demand }: { readonly demand: ReadDemand }): boolean {
  return demand.consistency === 'lease'
}

function timedOut(
  { consistency, maxStalenessMs, after }: ReadDemand,
  applied: LogIndex,
  leader?: NodeId,
): RaftError {
  const options = leader === undefined ? { retryable: true } : { retryable: true, leader }
  if (applied < after) {
    const problem = `this node has applied index ${applied}, the read waits for ${after}`
    return new RaftError('RAFT_READ_TIMEOUT', `${problem}, which did not come in time; try again`, options)
  }
  if (consistency === 'bounded') {
    const problem = `this node's state may be older than ${maxStalenessMs} ms, and nothing fresher came in time`
    return new RaftError(
      'RAFT_TOO_STALE',
      `${problem}; try again or elsewhere, or read with consistency 'local', which says how old its answer is`,
      options,
    )
  }
  return new RaftError(
    'RAFT_READ_TIMEOUT',
    "no leader with a quorum confirmed the read in time; try again, or read with consistency 'local' if an older answer will do",
    options,
  )
}
