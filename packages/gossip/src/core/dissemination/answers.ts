import { type ByteReader, type NodeId, type Random } from '@colony/host'
import type { Component, CoreContext, Section } from '../component.ts'
import { SCRATCH } from '../wire/scratch.ts'
import { TAGS } from '../wire/tags.ts'
import { TokenBucket } from '../wire/token-bucket.ts'
import { MAX_ANSWER_BYTES, type MessageRefusal } from './message-limits.ts'
import { type AnswerItem, type QueryItem, readAnswer, writeAnswer } from './query-item.ts'
import { receiptWindowMs } from './receipts.ts'

/** Questions of others that may still be answered, and answers that are not yet known to have arrived. */
const MAX_OPEN = 1024
/** How often an answer is sent: directly, then twice both directly and through one other member. */
const MAX_ATTEMPTS = 3
/** Answers of others that are passed on, a second: nobody is made a relay for a flood. */
const RELAYS_PER_SECOND = 200
const NOTHING = new Uint8Array(0)

interface OpenQuestion {
  readonly asker: NodeId
  readonly epoch: number
  readonly sequence: number
  readonly endsAt: number
  answer: Uint8Array | undefined
  attempts: number
  nextAt: number
}

/** Takes an answer to a question of this node. */
export type AnswerSink = (answer: AnswerItem) => void

/**
 * The answering side of queries. An answer goes straight to the asker, after a random wait so that those of a whole cluster do not meet there, and is repeated until the asker has
 * thanked for it; the repetitions go through another member too, for the case that the direct way is broken.
 */
export class Answers implements Component, Section {
  readonly tag: number = TAGS.answers
  /** Answers go to one member each; gossip carries none. */
  readonly backlog = 0
  readonly #context: CoreContext
  readonly #sink: AnswerSink
  readonly #random: Random
  readonly #relays: TokenBucket
  readonly #open = new Map<string, OpenQuestion>()
  #deadline = Number.POSITIVE_INFINITY

  constructor(context: CoreContext, sink: AnswerSink) {
    this.#context = context
    this.#sink = sink
    this.#random = context.random.fork('answers')
    this.#relays = new TokenBucket(RELAYS_PER_SECOND, context)
  }

  get deadline(): number {
    return this.#deadline
  }

  /** A question came that may be answered from now on. Whether there is room for it. */
  opened(item: QueryItem): boolean {
    if (this.#open.size >= MAX_OPEN) return false
    const endsAt = this.#context.now + item.remainingMs
    const { asker, epoch, sequence } = item
    const question = { asker, epoch, sequence, endsAt, answer: undefined, attempts: 0, nextAt: endsAt }
    this.#open.set(openKey(asker, sequence), question)
    this.#wakeAt(endsAt)
    return true
  }

  /** The answer of this node's user to question `sequence` of `asker`. Too late or twice is counted and ignored. */
  answer(asker: NodeId, sequence: number, payload: Uint8Array): MessageRefusal | undefined {
    if (payload.length > MAX_ANSWER_BYTES) return 'too-large'
    const question = this.#open.get(openKey(asker, sequence))
    const { now } = this.#context
    if (question === undefined || question.answer !== undefined || question.endsAt <= now) {
      this.#context.drop('late-answer')
      return undefined
    }
    question.answer = payload
    const window = Math.min(receiptWindowMs(this.#context), (question.endsAt - now) / 2)
    question.nextAt = now + this.#random.float() * window
    this.#wakeAt(question.nextAt)
    return undefined
  }

  tick(): void {
    const { now } = this.#context
    this.#deadline = Number.POSITIVE_INFINITY
    for (const [key, question] of this.#open) {
      if (question.endsAt <= now) {
        this.#open.delete(key)
        continue
      }
      if (question.answer !== undefined && question.nextAt <= now) this.#attempt(question, question.answer)
      this.#wakeAt(question.nextAt)
    }
  }

  write(): number {
    return 0
  }

  read(reader: ByteReader, from: NodeId): void {
    const item = readAnswer(reader)
    if (item === undefined || reader.remaining > 0) {
      this.#context.drop('malformed-answer')
    } else if (item.kind === 'thanks') {
      if (item.answerer === this.#context.self) this.#open.delete(openKey(item.asker, item.sequence))
    } else if (item.asker === this.#context.self) {
      this.#sink(item)
      this.#send(item.answerer, { ...item, kind: 'thanks', payload: NOTHING })
    } else if (item.answerer === from && this.#mayRelay(item.asker)) {
      this.#send(item.asker, item)
    }
  }

  /** Only the first hop asks for a relay, so an answer never travels in circles. */
  #mayRelay(asker: NodeId): boolean {
    if (!this.#context.members.isPresent(asker) || this.#relays.available < 1) {
      this.#context.drop('answer-not-relayed')
      return false
    }
    this.#relays.charge(1)
    return true
  }

  #attempt(question: OpenQuestion, payload: Uint8Array): void {
    const { asker, epoch, sequence } = question
    const item = { kind: 'answer', asker, epoch, sequence, answerer: this.#context.self, payload } as const
    this.#send(asker, item)
    if (question.attempts > 0) {
      const [relay] = this.#context.members.pick(1, (id) => id === asker)
      if (relay !== undefined) this.#send(relay, item)
    }
    question.attempts++
    const again = this.#context.now + this.#context.timing.probeTimeoutMs
    question.nextAt = question.attempts < MAX_ATTEMPTS ? again : question.endsAt
  }

  #send(to: NodeId, item: AnswerItem): void {
    writeAnswer(SCRATCH, item)
    if (!this.#context.send(to, TAGS.answers, SCRATCH.finish())) this.#context.drop('answer-too-large')
  }

  #wakeAt(at: number): void {
    if (at < this.#deadline) this.#deadline = at
  }
}

function openKey(asker: NodeId, sequence: number): string {
  return `${sequence}/${asker}`
}
