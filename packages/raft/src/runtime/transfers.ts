import type { NodeId } from '@colony/host'
import type { Term } from '../core/entry.ts'
import type { TransferRefusal } from '../core/transfer.ts'
import { RaftError } from '../errors.ts'
import type { NewLeader } from './raft.ts'
import type { Route } from './route.ts'
import type { TransferReply, TransferRequest, TransferStatus } from './wire.ts'

/** How long a request to the leader goes unanswered before it is sent again; the leader recognises the copy. */
const RESEND_AFTER_MS = 250

/** One call of `transferLeadership`. */
export interface TransferCall {
  /** Who is to lead; `undefined` for whoever is fittest. */
  readonly to: NodeId | undefined
  /** When to give up, on the clock of the host. */
  readonly deadline: number
  readonly resolve: (done: NewLeader) => void
  readonly reject: (reason: unknown) => void
}

/** A call under way. */
interface Pending extends TransferCall {
  readonly request: number
  /** The leader that was asked, and its term; 0 while nobody was. */
  asked: NodeId
  term: Term
  sentAt: number
}

/** The core's side of a transfer. */
export interface TransferControl {
  /** Why this node can't hand over just now. */
  refusal(to: NodeId | undefined): TransferRefusal | undefined
  /** Begins to. */
  begin(to: NodeId | undefined): void
  /** Whether it is handing over. */
  underWay(): boolean
}

/** Leadership transfers that were asked for on this node, and those that other nodes ask of it while it leads. */
export class Transfers {
  readonly #route: Route
  readonly #control: TransferControl
  readonly #calls = new Set<Pending>()
  #lastRequest = 0
  /** On the leader of `#answersTerm`: what each request of another node was told last, so that a copy begins nothing anew. */
  readonly #answers = new Map<string, TransferReply>()
  #answersTerm: Term = 0
  /** Who waits for the transfer under way. */
  #askers: { readonly from: NodeId; readonly key: string; readonly request: TransferRequest }[] = []

  constructor(route: Route, control: TransferControl) {
    this.#route = route
    this.#control = control
  }

  /** How many calls of this node wait. */
  get size(): number {
    return this.#calls.size
  }

  /** Takes a call in. Returns what forgets it again, with a reason. */
  submit(call: TransferCall): (reason: unknown) => void {
    const pending: Pending = { ...call, request: ++this.#lastRequest, asked: '', term: 0, sentAt: 0 }
    this.#calls.add(pending)
    this.#route.wake()
    return (reason) => this.#reject(pending, reason)
  }

  /** In every turn: asks the leader for what was not asked for yet, and sees how a transfer of this node ended. */
  dispatch(): void {
    if (this.#calls.size > 0) for (const call of this.#calls) if (call.term === 0) this.#ask(call)
    if (this.#route.role === 'leader' && !this.#control.underWay()) this.#onGivenUp()
  }

  #ask(call: Pending): void {
    const { leader, term, role, id } = this.#route
    if (leader === undefined) return
    if (call.to === leader) return this.#resolve(call, { leader, term })
    call.asked = leader
    call.term = term
    if (role === 'leader') {
      const refusal = this.#begin(call.to)
      if (refusal !== undefined) this.#fail(call, refusal, id)
    } else this.#send(call)
  }

  #send(call: Pending): void {
    const { life, now } = this.#route
    const { request, asked, term, to = '' } = call
    call.sentAt = now
    this.#route.send(asked, { type: 'transfer', life, request, term, to })
  }

  /** As leader: takes another node's request, each at most once. */
  onRequest(from: NodeId, request: TransferRequest): void {
    const { role, term } = this.#route
    // Not of this term: the sender learns of the new one soon, and asks whoever leads then.
    if (role !== 'leader' || request.term !== term) {
      this.#reply(from, request, 'not-leader')
      return
    }
    if (this.#answersTerm !== term) this.#answers.clear()
    this.#answersTerm = term
    const key = `${request.life}/${request.request}/${from}`
    const answer = this.#answers.get(key)
    if (answer !== undefined) {
      this.#route.send(from, answer)
      return
    }
    const refusal = this.#begin(request.to === '' ? undefined : request.to)
    if (refusal === undefined) this.#askers.push({ from, key, request })
    this.#answers.set(key, this.#reply(from, request, refusal ?? 'begun'))
  }

  #begin(to: NodeId | undefined): TransferRefusal | undefined {
    const refusal = this.#control.refusal(to)
    if (refusal === undefined) this.#control.begin(to)
    return refusal
  }

  /** This node still leads and hands over to nobody: what was asked of it in this term has failed. */
  #onGivenUp(): void {
    const { term, id } = this.#route
    for (const call of this.#calls) if (call.term === term) this.#fail(call, 'failed', id)
    const askers = this.#askers
    this.#askers = []
    for (const { from, key, request } of askers) {
      if (request.term === term) this.#answers.set(key, this.#reply(from, request, 'failed'))
    }
  }

  /** Takes the leader's answer. That it has begun is no news: the end of it will be. */
  onReply({ life, request, status }: TransferReply): void {
    if (life !== this.#route.life || status === 'begun') return
    for (const call of this.#calls) {
      if (call.request !== request || call.term === 0) continue
      // Asked again at the next sweep, or when there is another leader: whoever said so may still be thought to lead here.
      if (status !== 'not-leader') this.#fail(call, status, call.asked)
    }
  }

  /** Who leads changed: a new leader of a later term settles what was asked of its predecessor. */
  onChange(): void {
    const { leader, term } = this.#route
    if (leader === undefined) return
    for (const call of this.#calls) {
      if (call.term === 0 || term <= call.term) continue
      const wanted = call.to === undefined ? leader !== call.asked : leader === call.to
      if (wanted) this.#resolve(call, { leader, term })
      else this.#reject(call, failure('another node was elected', leader))
    }
  }

  /** Gives up what is past its deadline, and sends again what went unanswered. */
  sweep(): void {
    const { now, role, leader } = this.#route
    for (const call of this.#calls) {
      if (now >= call.deadline) this.#reject(call, failure('no new leader was known in time', leader))
      else if (call.term !== 0 && role !== 'leader' && now - call.sentAt >= RESEND_AFTER_MS) this.#send(call)
    }
  }

  /** Ends everything. */
  rejectAll(error: RaftError): void {
    for (const call of this.#calls) this.#reject(call, error)
  }

  #fail(call: Pending, status: Exclude<TransferStatus, 'begun'>, leader: NodeId): void {
    if (status === 'not-a-voter') {
      const problem = `'${call.to}' is no voter of this group, so it can't lead`
      this.#reject(call, new RaftError('RAFT_TRANSFER_REFUSED', problem, { leader }))
      return
    }
    this.#reject(call, failure(REASONS[status], leader))
  }

  #resolve(call: Pending, done: NewLeader): void {
    this.#calls.delete(call)
    call.resolve(done)
  }

  #reject(call: Pending, reason: unknown): void {
    if (this.#calls.delete(call)) call.reject(reason)
  }

  #reply(to: NodeId, { life, request }: TransferRequest, status: TransferStatus): TransferReply {
    const reply: TransferReply = { type: 'transfer-reply', life, request, status }
    this.#route.send(to, reply)
    return reply
  }
}

const REASONS: Readonly<Record<Exclude<TransferStatus, 'begun' | 'not-a-voter'>, string>> = {
  'not-leader': 'the node that was asked does not lead',
  busy: 'leadership is just being handed to another node',
  'no-target': 'no other voter was heard within an election timeout',
  failed: 'the target did not take over within an election timeout; the leader goes on',
}

function failure(reason: string, leader: NodeId | undefined): RaftError {
  const options = leader === undefined ? { retryable: true } : { retryable: true, leader }
  return new RaftError('RAFT_TRANSFER_FAILED', `leadership was not handed over: ${reason}`, options)
}
