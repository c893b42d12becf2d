import type { NodeId, Random, Transport } from '@colony/host'
import type { Answer, FailureAnswer, Question, Reply } from './bank-protocol.ts'
import { BANK_CHANNEL, replyCodec, requestCodec } from './bank-protocol.ts'
import { monotonicMs } from './monotonic.ts'

/** An answer that answers. */
export type GoodAnswer = Exclude<Answer, FailureAnswer>

/** How long one node gets to answer before another one is asked. Longer than usual elections: asking anew costs everybody. */
const ATTEMPT_TIMEOUT_MS = 1_000
/** Before another node is asked after one that could not be reached, or that refused. */
const RETRY_DELAY_MS = 25
/** After this the outcome counts as unknown. */
const GIVE_UP_AFTER_MS = 8_000

/**
 * One operation that is under way: asked of a random node, then of another one, and so on, until somebody answers. The question
 * stays the same, and with it a transfer's idempotency key, so however many nodes end up proposing it, it is applied once.
 */
class Call {
  readonly number: number
  readonly #calls: Calls
  readonly #question: Question
  readonly #giveUpAt = monotonicMs() + GIVE_UP_AFTER_MS
  readonly #done: (answer: GoodAnswer | undefined) => void
  #timer: NodeJS.Timeout | undefined
  #asked: NodeId | undefined

  constructor(
    calls: Calls,
    number: number,
    question: Question,
    done: (answer: GoodAnswer | undefined) => void,
  ) {
    this.#calls = calls
    this.number = number
    this.#question = question
    this.#done = done
  }

  /** Asks a node, another one than last time. */
  attempt(): void {
    if (monotonicMs() >= this.#giveUpAt) return this.#end(undefined)
    if (this.#asked !== undefined) this.#calls.retries++
    this.#asked = this.#calls.pick(this.#asked)
    const sent = this.#calls.ask(this.#asked, { ...this.#question, request: this.number })
    this.#attemptIn(sent ? ATTEMPT_TIMEOUT_MS : RETRY_DELAY_MS)
  }

  /** Takes an answer: to this attempt or to an earlier one, which is as good. */
  onAnswer(answer: Answer): void {
    // The only error that trying again cannot mend: somebody gave two transfers one id.
    if ('error' in answer && answer.error === 'RAFT_KEY_REUSED') throw new Error(answer.error)
    if ('error' in answer) this.#attemptIn(RETRY_DELAY_MS)
    else this.#end(answer)
  }

  #attemptIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.attempt(), ms)
  }

  #end(answer: GoodAnswer | undefined): void {
    clearTimeout(this.#timer)
    this.#calls.settled(this)
    this.#done(answer)
  }
}

/** A client's side of the bank's channel: asks nodes, and matches their answers with what was asked. */
export class Calls {
  /** Attempts beyond the first of a call. */
  retries = 0
  readonly #transport: Transport
  readonly #nodes: readonly NodeId[]
  readonly #random: Random
  readonly #open = new Map<number, Call>()
  #lastNumber = 0

  constructor(transport: Transport, nodes: readonly NodeId[], random: Random) {
    this.#transport = transport
    this.#nodes = nodes
    this.#random = random
    transport.receive(BANK_CHANNEL, (_from, frame) => {
      const { request, ...answer }: Reply = replyCodec.decode(frame)
      this.#open.get(request)?.onAnswer(answer)
    })
  }

  /** Asks until there is an answer; `undefined` when that took too long. */
  call(question: Question): Promise<GoodAnswer | undefined> {
    return new Promise((resolve) => {
      const call = new Call(this, ++this.#lastNumber, question, resolve)
      this.#open.set(call.number, call)
      call.attempt()
    })
  }

  /** Any node but `last`. */
  pick(last: NodeId | undefined): NodeId {
    const others = this.#nodes.filter((node) => node !== last)
    return others[this.#random.integer(0, others.length - 1)] ?? ''
  }

  /** Sends a question; `false` when there is no way to that node just now. */
  ask(node: NodeId, request: Question & { readonly request: number }): boolean {
    return this.#transport.send(node, BANK_CHANNEL, requestCodec.encode(request))
  }

  /** Forgets a call. */
  settled(call: Call): void {
    this.#open.delete(call.number)
  }
}
