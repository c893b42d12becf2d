import type { NodeId } from '@colony/host'
import type { LogIndex } from '../core/entry.ts'
import type { ReadAnswer } from '../core/step.ts'
import { RaftError } from '../errors.ts'
import type { Route } from './route.ts'
import type { ReadReply, ReadRequest } from './wire.ts'

/** How long a read that was sent to the leader goes unanswered before it is sent again. Asking twice is harmless. */
const RESEND_AFTER_MS = 250

/** One call of `read` that has to be linearizable. */
export interface LocalRead {
  /** When to give up, on the clock of the host. */
  readonly deadline: number
  /** Settled meanwhile: aborted or timed out. */
  done: boolean
  /** Runs the query; the machine is new enough. */
  readonly run: () => void
  readonly reject: (reason: unknown) => void
}

/** Reads of this node that were sent for confirmation together. */
interface Batch {
  readonly reads: readonly LocalRead[]
  sentAt: number
  /** Whom we asked: this node's own core, or the leader of `term`. */
  readonly via: NodeId
  readonly term: number
}

/** Who asked this node's core to confirm that it leads. */
type Asker = { readonly batch: Batch } | { readonly from: NodeId; readonly request: ReadRequest }

/**
 * Linearizable reads: those of this node, and those that other nodes ask this one, as leader, to confirm. Every batch takes three steps:
 * a quorum confirms the leader after the read began, the machine catches up with what was committed then, the queries run.
 */
export class Reads {
  readonly #route: Route
  #waiting: LocalRead[] = []
  /** Sent to the leader, by request number. */
  readonly #sent = new Map<number, Batch>()
  /** Asked of our own core, by read number. */
  readonly #asked = new Map<number, Asker>()
  /** Confirmed; run once the machine has applied `index`. */
  #confirmed: { readonly index: LogIndex; readonly reads: readonly LocalRead[] }[] = []
  readonly #unsettled = new Set<LocalRead>()
  /** Whom we asked does not lead (any more): asked again at the next sweep, or when we know of another leader. */
  #refused: LocalRead[] = []
  #lastNumber = 0

  constructor(route: Route) {
    this.#route = route
  }

  /** How many calls of this node wait. */
  get size(): number {
    return this.#unsettled.size
  }

  /** How many wait to be confirmed, ended ones included until the next sweep. */
  get waiting(): number {
    return this.#waiting.length + this.#refused.length
  }

  /** Takes a read in. */
  submit(read: LocalRead): void {
    this.#unsettled.add(read)
    this.#waiting.push(read)
    this.#route.wake()
  }

  /** Forgets a read that its caller gave up. */
  abandon(read: LocalRead, reason: unknown): void {
    if (read.done) return
    read.done = true
    this.#unsettled.delete(read)
    read.reject(reason)
  }

  /** Sends what waits for confirmation; `askCore` starts a read of this node's own core. */
  dispatch(askCore: (id: number) => void): void {
    const { role, leader, term, now, id, life } = this.#route
    if (this.#waiting.length === 0 || leader === undefined) return
    const batch: Batch = { reads: this.#waiting, sentAt: now, via: leader, term }
    const number = ++this.#lastNumber
    if (role === 'leader' || leader === id) {
      this.#waiting = []
      this.#asked.set(number, { batch })
      askCore(number)
    } else if (this.#route.send(leader, { type: 'read', life, request: number })) {
      this.#waiting = []
      this.#sent.set(number, batch)
    }
  }

  /** As leader: takes another node's question. */
  onRequest(from: NodeId, request: ReadRequest, askCore: (id: number) => void): void {
    const number = ++this.#lastNumber
    this.#asked.set(number, { from, request })
    askCore(number)
  }

  /** Takes what our own core says. */
  onAnswer({ id, index }: ReadAnswer): void {
    const asker = this.#asked.get(id)
    if (asker === undefined) return
    this.#asked.delete(id)
    if ('batch' in asker) {
      this.#settle(asker.batch, index)
      return
    }
    const { life, request } = asker.request
    this.#route.send(asker.from, { type: 'read-reply', life, request, term: this.#route.term, index })
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
    if (this.#confirmed.length === 0) return
    const later = []
    for (const group of this.#confirmed) {
      if (group.index > applied) later.push(group)
      else for (const read of group.reads) this.#run(read)
    }
    this.#confirmed = later
  }

  #run(read: LocalRead): void {
    if (read.done) return
    read.done = true
    this.#unsettled.delete(read)
    read.run()
  }

  /** Gives up what is past its deadline; asks again where the leader changed or did not answer. */
  sweep(): void {
    const { now, leader, term } = this.#route
    for (const read of this.#unsettled) {
      if (now >= read.deadline) this.abandon(read, timedOut(leader))
    }
    for (const [number, batch] of this.#sent) {
      if (batch.via !== leader || batch.term !== term) {
        this.#sent.delete(number)
        this.#requeue(batch)
      } else if (now - batch.sentAt >= RESEND_AFTER_MS) {
        // Under the same number: on a link slower than this the answer to the first is on its way.
        batch.sentAt = now
        this.#route.send(leader, { type: 'read', life: this.#route.life, request: number })
      }
    }
    this.#waiting = this.#refused.concat(this.#waiting).filter((read) => !read.done)
    this.#refused = []
  }

  /** Ends everything. */
  rejectAll(error: RaftError): void {
    for (const read of this.#unsettled) this.abandon(read, error)
  }

  #settle(batch: Batch, index: LogIndex): void {
    if (index >= 0) this.#confirmed.push({ index, reads: batch.reads })
    else for (const read of batch.reads) this.#refused.push(read)
  }

  #requeue(batch: Batch): void {
    for (const read of batch.reads) if (!read.done) this.#waiting.push(read)
  }
}

function timedOut(leader: NodeId | undefined): RaftError {
  const options = leader === undefined ? { retryable: true } : { retryable: true, leader }
  return new RaftError(
    'RAFT_READ_TIMEOUT',
    "no leader with a quorum confirmed the read in time; try again, or read with consistency 'local' if an older answer will do",
    options,
  )
}
