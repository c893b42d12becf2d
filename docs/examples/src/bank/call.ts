import type { NodeId, Random, Transport } from '@colony/host'
import { machineClock } from '@colony/testing/node'
import type { Answer, FailureAnswer, Question, Reply } from './bank-protocol.ts'
import { BANK_CHANNEL, replyCodec, requestCodec } from './bank-protocol.ts'
import { NodeChoice } from './node-choice.ts'

/** An answer that answers. */
export type GoodAnswer = Exclude<Answer, FailureAnswer>

/** How long one node gets to answer before another one is asked: about as long as an election, so that most are sat out. */
const ATTEMPT_TIMEOUT_MS = 750
/** Before another node is asked after one that could not be reached, or that refused. */
const RETRY_DELAY_MS = 25
/** After this the outcome counts as unknown. */
const GIVE_UP_AFTER_MS = 8_000

/** What is told how a call ended; `undefined`: nobody answered. */
type Done = (answer: GoodAnswer | undefined) => void

/**
 * One operation that is under way: asked of a random node, then of another one, and so on, until somebody answers. The question
 * stays the same, and with it a transfer's idempotency key, so however many nodes end up proposing it, it is applied once.
 */
class Call {
  readonly number: number
  readonly question: Question
  readonly #calls: Calls
  readonly #giveUpAt = machineClock.now() + GIVE_UP_AFTER_MS
  readonly #done: Done
  #timer: NodeJS.Timeout | undefined
  #last: NodeId | undefined
  /** Whether that node owes an answer. */
  #waiting = false

  constructor(calls: Calls, number: number, question: Question, done: Done) {
    this.#calls = calls
    this.number = number
    this.question = question
    this.#done = done
  }

  /** Asks a node, another one than last time. */
  attempt(): void {
    this.#leave()
    if (machineClock.now() >= this.#giveUpAt) return this.#end(undefined)
    const { node, sent } = this.#calls.ask(this, this.#last)
    this.#last = node
    this.#waiting = sent
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
    this.#leave()
    this.#calls.forget(this)
    this.#done(answer)
  }

  #leave(): void {
    if (this.#waiting && this.#last !== undefined) this.#calls.choice.left(this.#last)
    this.#waiting = false
  }
}

/** A client's side of the bank's channel: asks nodes, and matches their answers with what was asked. */
export class Calls {
  /** Attempts beyond the first of a call. */
  retries = 0
  /** Whom to ask. */
  readonly choice: NodeChoice
  readonly #transport: Transport
  readonly #open = new Map<number, Call>()
  #lastNumber = 0

  constructor(
    transport: Transport,
    nodes: readonly NodeId[],
    random: Random,
    isThere: (node: NodeId) => boolean,
  ) {
    this.#transport = transport
    this.choice = new NodeChoice(nodes, random, isThere)
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

  /** Sends a question to a node that is not `last`; not `sent`: there is no way to that node just now. */
  ask(call: Call, last: NodeId | undefined): { readonly node: NodeId; readonly sent: boolean } {
    if (last !== undefined) this.retries++
    const node = 'history' in call.question ? this.choice.any(last) : this.choice.lessBusy(last)
    const frame = requestCodec.encode({ ...call.question, request: call.number })
    const sent = this.#transport.send(node, BANK_CHANNEL, frame)
    if (sent) this.choice.asked(node)
    return { node, sent }
  }

  /** Forgets a call that has ended. */
  forget(call: Call): void {
    this.#open.delete(call.number)
  }
}
