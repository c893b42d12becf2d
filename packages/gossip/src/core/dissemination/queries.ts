import type { ByteReader, ByteWriter, NodeId } from '@colony/host'
import type { Component, CoreContext, Section } from '../component.ts'
import { SECTION_OVERHEAD } from '../wire/fair-shares.ts'
import { SCRATCH } from '../wire/scratch.ts'
import { TAGS } from '../wire/tags.ts'
import { TokenBucket } from '../wire/token-bucket.ts'
import { Answers } from './answers.ts'
import type { LamportClock } from './lamport-clock.ts'
import { MAX_QUERY_BYTES, MAX_QUEUE_BYTES, MAX_SENDERS, type MessageRefusal } from './message-limits.ts'
import { type AnswerItem, type QueryItem, MAX_QUERY_MS, readQuery, writeQuery } from './query-item.ts'
import { RetransmitQueue } from './retransmit-queue.ts'
import { SeenMessages } from './seen-messages.ts'
import { spreadLimit } from './spread-limit.ts'

/** Own questions that wait for answers. */
const MAX_QUESTIONS = 64
/** Questions of others that are taken and passed on, a second, and how many at once. */
const QUERIES_PER_SECOND = 64

interface Question {
  /** The caller's name for it. */
  readonly id: number
  readonly sequence: number
  readonly item: QueryItem
  /** Whom it is for; all when absent. */
  readonly to: ReadonlySet<NodeId> | undefined
  readonly endsAt: number
  readonly answered: Set<NodeId>
  /** When those asked by name who are silent are asked again. */
  repeatAt: number
}

/** The asking side of a query. */
export interface QueryOptions {
  /** Whom to ask; all members when absent. */
  readonly to?: readonly NodeId[]
  /** How long answers are waited for. */
  readonly timeoutMs: number
}

/**
 * Questions to all members, spread like broadcasts, or to some, sent to each. Answers become events until the time is over or nobody is left who could answer. Each question reaches a member once;
 * how many are taken a second is bounded.
 */
export class Queries implements Component, Section {
  readonly tag: number = TAGS.queries
  /** A section and a component of its own: plug it in too. */
  readonly answers: Answers
  readonly #context: CoreContext
  readonly #clock: LamportClock
  readonly #epoch: number
  readonly #queue = new RetransmitQueue(MAX_QUEUE_BYTES)
  readonly #seen = new SeenMessages(MAX_SENDERS)
  readonly #rate: TokenBucket
  readonly #questions = new Map<number, Question>()
  #sequence = 0
  #deadline = Number.POSITIVE_INFINITY

  /** `epoch`: this node's life. */
  constructor(context: CoreContext, clock: LamportClock, epoch: number) {
    this.#context = context
    this.#clock = clock
    this.#epoch = epoch
    this.#rate = new TokenBucket(QUERIES_PER_SECOND, context)
    this.answers = new Answers(context, (answer) => this.#receiveAnswer(answer))
  }

  get backlog(): number {
    return this.#queue.bytes
  }

  get deadline(): number {
    return this.#deadline
  }

  /** Asks; `id` comes back in `answer` events. Why not, when it is refused. */
  ask(id: number, topic: string, payload: Uint8Array, options: QueryOptions): MessageRefusal | undefined {
    if (this.#context.members.get(this.#context.self)?.status === 'left') return 'left'
    if (payload.length > MAX_QUERY_BYTES) return 'too-large'
    if (this.#questions.size >= MAX_QUESTIONS) return 'queue-full'
    const { now, self, packetBytes, timing } = this.#context
    const remainingMs = options.timeoutMs >= 0 ? Math.min(options.timeoutMs, MAX_QUERY_MS) : 0
    const to = options.to === undefined ? undefined : new Set(options.to)
    to?.delete(self)
    const sequence = this.#sequence + 1
    const lamport = this.#clock.time + 1
    const name = { asker: self, epoch: this.#epoch, sequence, lamport }
    const item = { ...name, remainingMs, forAll: to === undefined, topic, payload }
    const bytes = this.#encode(item)
    if (bytes.length > packetBytes - SECTION_OVERHEAD) return 'too-large'
    this.#sequence = sequence
    this.#clock.advance()
    const endsAt = now + remainingMs
    const repeatAt = to ? now + timing.probeTimeoutMs : endsAt
    const question = { id, sequence, item, to, endsAt, answered: new Set<NodeId>(), repeatAt }
    this.#questions.set(sequence, question)
    if (to) this.#askByName(question)
    else this.#enqueue(item, bytes)
    this.#wakeAt(this.#waitsForNobody(question) ? now : Math.min(endsAt, repeatAt))
    return undefined
  }

  tick(): void {
    const { now, timing } = this.#context
    this.#deadline = Number.POSITIVE_INFINITY
    for (const question of this.#questions.values()) {
      if (now >= question.endsAt || this.#waitsForNobody(question)) {
        this.#end(question)
        continue
      }
      if (now >= question.repeatAt) {
        this.#askByName(question)
        // Each wait is twice as long as the one before: a handful of repetitions, whatever the time limit.
        question.repeatAt =
          now + Math.max(timing.probeTimeoutMs, now + question.item.remainingMs - question.endsAt)
      }
      this.#wakeAt(Math.min(question.endsAt, question.repeatAt))
    }
  }

  write(writer: ByteWriter, budget: number): number {
    this.#queue.begin()
    return this.#queue.write(writer, budget, spreadLimit(this.#context))
  }

  read(reader: ByteReader): void {
    while (reader.remaining > 0) {
      const item = readQuery(reader)
      if (item === undefined || !this.#clock.accepts(item.lamport)) {
        this.#context.drop('malformed-query')
        return
      }
      if (item.asker !== this.#context.self) this.#receive(item)
    }
  }

  #receive(item: QueryItem): void {
    if (this.#rate.available < 1) {
      this.#context.drop('query-rate')
      return
    }
    if (this.#seen.see(item.asker, item.epoch, item.sequence) !== 'new') return
    this.#rate.charge(1)
    this.#clock.witness(item.lamport)
    if (item.forAll) this.#enqueue(item, this.#encode(item))
    if (!this.answers.opened(item)) {
      this.#context.drop('query-overflow')
      return
    }
    const { asker, sequence, topic, payload, lamport } = item
    this.#context.emit({ type: 'query', from: asker, question: sequence, topic, payload, lamport })
  }

  #receiveAnswer({ epoch, sequence, answerer, payload }: AnswerItem): void {
    const question = epoch === this.#epoch ? this.#questions.get(sequence) : undefined
    if (question === undefined || question.endsAt <= this.#context.now) {
      this.#context.drop('late-answer')
      return
    }
    if (question.answered.has(answerer) || question.to?.has(answerer) === false) return
    question.answered.add(answerer)
    this.#context.emit({ type: 'answer', question: question.id, from: answerer, payload })
    if (this.#waitsForNobody(question)) this.#wakeAt(this.#context.now)
  }

  #askByName(question: Question): void {
    const bytes = this.#encode(question.item)
    for (const id of question.to ?? []) {
      if (!question.answered.has(id)) this.#context.send(id, TAGS.queries, bytes)
    }
  }

  /** Whether everybody who was asked and is there has answered. */
  #waitsForNobody(question: Question): boolean {
    const { members } = this.#context
    if (question.to) {
      for (const id of question.to) if (!question.answered.has(id) && members.isPresent(id)) return false
      return true
    }
    if (question.answered.size < members.size - 1) return false
    for (const id of members.present()) if (!question.answered.has(id)) return false
    return true
  }

  #end(question: Question): void {
    this.#questions.delete(question.sequence)
    this.#queue.delete(queueKey(question.item))
    this.#context.emit({ type: 'answer', question: question.id })
  }

  #enqueue(item: QueryItem, bytes: Uint8Array): void {
    const thrownOut = this.#queue.put(queueKey(item), bytes, item.asker === this.#context.self)
    for (let count = 0; count < thrownOut; count++) this.#context.drop('query-overflow')
  }

  #encode(item: QueryItem): Uint8Array {
    writeQuery(SCRATCH, item)
    return SCRATCH.finish().slice()
  }

  #wakeAt(at: number): void {
    if (at < this.#deadline) this.#deadline = at
  }
}

function queueKey({ asker, epoch, sequence }: QueryItem): string {
  return `${epoch}/${sequence}/${asker}`
}
