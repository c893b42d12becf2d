import type { NodeId } from '@colony/host'
import type { LogIndex } from '../core/entry.ts'
import type { ApplyOutcome } from './applier.ts'
import { decodeCommandEntry, isOfFirstFormat } from './command-entry.ts'
import type { EntryWaiter } from './awaited-entries.ts'
import type { Route } from './route.ts'
import type { Forward, ForwardReply, ForwardStatus } from './wire.ts'

const NO_RESULT = new Uint8Array(0)
/** Counting up over so many requests that are not there costs no more than one look at all that are. */
const FEW = 1024

/** What this leader knows of one life of one node that forwards to it. */
interface Origin {
  /** Every request below is answered and forgotten. */
  floor: number
  /** Requests taken, with their answers once there are any. */
  readonly answers: Map<number, ForwardReply | undefined>
}

/** A forwarded proposal that is to be appended. */
export class RemoteProposal<Result> implements EntryWaiter<Result> {
  readonly data: Uint8Array
  readonly #answer: (status: ForwardStatus | undefined, index: LogIndex, result: Uint8Array) => void
  readonly #encodeResult: (value: Result) => Uint8Array | undefined

  constructor(
    data: Uint8Array,
    encodeResult: (value: Result) => Uint8Array | undefined,
    answer: (status: ForwardStatus | undefined, index: LogIndex, result: Uint8Array) => void,
  ) {
    this.data = data
    this.#encodeResult = encodeResult
    this.#answer = answer
  }

  applied(index: LogIndex, outcome: ApplyOutcome<Result>): void {
    if (outcome.status === 'skipped') return
    if (outcome.status === 'repeated') return this.#answer('applied', outcome.index, outcome.encoded)
    if (outcome.status !== 'applied') return this.#answer(outcome.status, index, NO_RESULT)
    const result = outcome.encoded ?? this.#encodeResult(outcome.value)
    if (result === undefined) this.#answer('not-encodable', index, NO_RESULT)
    else this.#answer('applied', outcome.index, result)
  }

  superseded(): void {
    this.#answer('superseded', 0, NO_RESULT)
  }

  lost(): void {
    this.#answer(undefined, 0, NO_RESULT)
  }
}

/** Whether an entry can be applied, and is none that only a leader makes. */
function isProposal(data: Uint8Array): boolean {
  const decoded = decodeCommandEntry(data)
  return decoded.ok && decoded.value.kind !== 'clock'
}

/**
 * The leader's side of forwarding: takes each request of another node at most once in its term, however often the network or the
 * sender repeats it, and answers repetitions as it answered first.
 *
 * "Not the leader" tells the sender that its proposal was not appended and may be made anew, so it is said only where that is certain: by the
 * life that led the term and remembers what it took. A copy that arrives after the term, or at a later life of the node, gets no answer at
 * all; its sender learns of the new term soon.
 */
export class RemoteProposals<Result> {
  readonly #route: Route
  readonly #encodeResult: (value: Result) => Uint8Array | undefined
  readonly #maxEntryBytes: number
  readonly #knowsFormat: () => boolean
  readonly #origins = new Map<string, Origin>()
  #waiting: RemoteProposal<Result>[] = []
  /** The term that this life led last, whose requests `origins` has; 0 before the first. */
  #ledTerm = 0
  #unanswered = 0
  #bytes = 0

  /**
   * `maxEntryBytes`: larger ones are refused, which only a member with a higher limit sends. `knowsFormat`: whether this node has applied an entry of the present
   * format, so that all members understand more of them.
   */
  constructor(
    route: Route,
    encodeResult: (value: Result) => Uint8Array | undefined,
    maxEntryBytes: number = Number.POSITIVE_INFINITY,
    knowsFormat: () => boolean = () => true,
  ) {
    this.#knowsFormat = knowsFormat
    this.#route = route
    this.#encodeResult = encodeResult
    this.#maxEntryBytes = maxEntryBytes
  }

  /** Requests taken and not answered. */
  get size(): number {
    return this.#unanswered
  }

  /** Their bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Takes a request. `hasRoom` says whether the node can take one more. */
  onForward(from: NodeId, forward: Forward, hasRoom: boolean): void {
    this.#noteTerm()
    // What no node could apply must not enter the log: it would stop every one of them, at every start.
    if (forward.term !== this.#ledTerm || !isProposal(forward.data)) return
    const origin = this.#origin(from, forward)
    if (forward.request < origin.floor) return
    if (origin.answers.has(forward.request)) {
      const answer = origin.answers.get(forward.request)
      if (answer !== undefined) this.#route.send(from, answer)
    } else if (this.#route.role !== 'leader' || !(isOfFirstFormat(forward.data) || this.#knowsFormat())) {
      // Final: this term was led and will not be led again. Or it is too early: whoever asks has applied more than this leader.
      origin.answers.set(forward.request, this.#send(from, forward, 'not-leader', 0, NO_RESULT))
    } else if (forward.data.length > this.#maxEntryBytes) {
      origin.answers.set(forward.request, this.#send(from, forward, 'too-large', 0, NO_RESULT))
    } else if (hasRoom) {
      this.#take(from, forward, origin)
    } else {
      origin.answers.set(forward.request, this.#send(from, forward, 'overloaded', 0, NO_RESULT))
    }
  }

  /** Forgets the requests of earlier terms once another one is led. */
  #noteTerm(): void {
    const { role, term } = this.#route
    if (role !== 'leader' || term === this.#ledTerm) return
    this.#ledTerm = term
    this.#origins.clear()
  }

  /** On the leader: everything that is to be appended now. */
  takeWaiting(): readonly RemoteProposal<Result>[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }

  /** Hands back what was taken and not yet appended when this node stopped leading. */
  onChange(): void {
    this.#noteTerm()
    if (this.#route.role !== 'leader') this.handBack()
  }

  /** Tells the senders of what was taken and not yet appended to try again: a leader that hands over does so before the next term makes that uncertain. */
  handBack(): void {
    const waiting = this.takeWaiting()
    for (const proposal of waiting) proposal.superseded()
  }

  #take(from: NodeId, forward: Forward, origin: Origin): void {
    origin.answers.set(forward.request, undefined)
    this.#unanswered++
    this.#bytes += forward.data.length
    const answer = (status: ForwardStatus | undefined, index: LogIndex, result: Uint8Array): void => {
      this.#unanswered--
      this.#bytes -= forward.data.length
      // Nothing certain can be said; whoever asked hears of the next leader and knows what that means.
      if (status === undefined) return
      const reply = this.#send(from, forward, status, index, result)
      if (forward.request >= origin.floor) origin.answers.set(forward.request, reply)
    }
    this.#waiting.push(new RemoteProposal(forward.data, this.#encodeResult, answer))
    this.#route.wake()
  }

  #origin(from: NodeId, forward: Forward): Origin {
    const name = `${forward.life}/${from}`
    let origin = this.#origins.get(name)
    if (origin === undefined) {
      origin = { floor: 0, answers: new Map() }
      this.#origins.set(name, origin)
    }
    this.#forget(origin, forward.oldest)
    return origin
  }

  /** Forgets requests below `oldest`, one by one: to look for the first key of a Map is to walk over all that were deleted before it. */
  #forget(origin: Origin, oldest: number): void {
    if (oldest - origin.floor > origin.answers.size + FEW) {
      for (const request of origin.answers.keys()) if (request < oldest) origin.answers.delete(request)
      origin.floor = oldest
    }
    for (; origin.floor < oldest; origin.floor++) origin.answers.delete(origin.floor)
  }

  #send(
    to: NodeId,
    forward: Forward,
    status: ForwardStatus,
    index: LogIndex,
    result: Uint8Array,
  ): ForwardReply {
    const { life, request } = forward
    const reply: ForwardReply = { type: 'forward-reply', life, request, status, index, result }
    this.#route.send(to, reply)
    return reply
  }
}
