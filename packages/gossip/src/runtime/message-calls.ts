/// <reference lib="esnext.disposable" preserve="true" />
import { requireName, requireOneOf, type Clock, type Codec, type NodeId } from '@colony/host'
import type { CoreEvent } from '../core/core-event.ts'
import type { CoreInput, CoreOutputs } from '../core/input.ts'
import type { GossipError } from '../errors.ts'
import { BroadcastCalls } from './broadcast-calls.ts'
import { encodeValue, messageCodec } from './encoding.ts'
import type {
  Answer,
  AnswerOptions,
  BroadcastOptions,
  BroadcastResult,
  MessageMeta,
  QueryOptions,
  TopicOptions,
} from './messages.ts'
import { invalidOption, requireTimeout } from './options.ts'
import { QueryCalls } from './query-calls.ts'
import { refusalError } from './refusals.ts'
import type { Reports } from './reports.ts'
import { Topics } from './topics.ts'
import { callSafely } from './watches.ts'

const AWAITS = ['none', 'one', 'quorum', 'all'] as const
const LONGEST_QUERY_MS = 600_000

/** What messages go through. */
export interface MessageParts {
  readonly clock: Clock
  readonly feed: (input: CoreInput) => CoreOutputs['refused']
  readonly reports: Reports
  /** How many others are there. */
  readonly others: () => number
  /** @throws A {@link GossipError} with code `GOSSIP_CLOSED`. */
  readonly requireRunning: () => void
}

/** A handler of questions. */
type QuestionHandler<Question> = (value: Question, meta: MessageMeta) => unknown

/** Broadcasts and questions: who listens here, and what was sent from here and is waited for. */
export class MessageCalls {
  readonly broadcasts: BroadcastCalls
  readonly queries: QueryCalls
  readonly #listeners = new Topics()
  /** One a topic. */
  readonly #handlers = new Topics()
  readonly #parts: MessageParts

  constructor(parts: MessageParts) {
    this.#parts = parts
    this.broadcasts = new BroadcastCalls(parts.clock)
    this.queries = new QueryCalls(parts.clock, (from, error) =>
      parts.reports.undecodableFrom(from, 'an answer', error),
    )
  }

  /** As {@link Gossip.broadcast}. */
  broadcast<Value>(topic: string, value: Value, options: BroadcastOptions<Value>): Promise<BroadcastResult> {
    return new Promise((resolve, reject) => {
      const { timeoutMs = 10_000, signal } = options
      requireName(invalidOption, 'topic', topic)
      requireTimeout('timeoutMs', timeoutMs)
      const what = requireOneOf(invalidOption, 'await', options.await ?? 'none', AWAITS)
      const payload = encodeValue('the message', messageCodec('codec', options.codec), value)
      this.#parts.requireRunning()
      signal?.throwIfAborted()
      const id = this.broadcasts.nextId()
      const demand = { await: what, others: this.#parts.others(), timeoutMs, signal }
      this.broadcasts.wait(id, demand).then(resolve, reject)
      try {
        this.send('the message', { type: 'broadcast', id, topic, payload })
      } catch (error) {
        this.broadcasts.refused(id, error)
        throw error
      }
    })
  }

  /** As {@link Gossip.onMessage}. */
  listen<Value>(
    topic: string,
    listener: (value: Value, meta: MessageMeta) => void,
    { codec, signal }: TopicOptions<Value>,
  ): Disposable {
    requireName(invalidOption, 'topic', topic)
    // What the codec gives is what the listener takes: both are of one `Value`.
    const call = listener as (value: unknown, meta: MessageMeta) => void
    return this.#listeners.add(topic, { codec: messageCodec('codec', codec), call }, signal)
  }

  /** As {@link Gossip.query}. */
  query<Question, Reply>(
    topic: string,
    value: Question,
    options: QueryOptions<Question, Reply>,
  ): AsyncIterableIterator<Answer<Reply>> {
    const { timeoutMs = 5000, to, signal } = options
    requireName(invalidOption, 'topic', topic)
    requireTimeout('timeoutMs', timeoutMs, LONGEST_QUERY_MS)
    for (const id of to ?? []) requireName(invalidOption, 'to', id)
    const payload = encodeValue('the question', messageCodec('codec', options.codec), value)
    const codec = messageCodec('answerCodec', options.answerCodec)
    this.#parts.requireRunning()
    signal?.throwIfAborted()
    const question = this.queries.nextId()
    const answers = this.queries.open(question, codec, timeoutMs, signal)
    const named = to === undefined ? {} : { to }
    try {
      this.send('the question', { type: 'query', question, topic, payload, timeoutMs, ...named })
    } catch (error) {
      void answers.return?.()
      throw error
    }
    return answers
  }

  /** As {@link Gossip.answer}. */
  answer<Question, Reply>(
    topic: string,
    handler: QuestionHandler<Question>,
    { codec, answerCodec, signal }: AnswerOptions<Question, Reply>,
  ): Disposable {
    requireName(invalidOption, 'topic', topic)
    if (this.#handlers.has(topic)) throw invalidOption(`questions of '${topic}' have a handler already`)
    const call = this.#answering(handler, messageCodec('answerCodec', answerCodec))
    return this.#handlers.add(topic, { codec: messageCodec('codec', codec), call }, signal)
  }

  /** Says something to the core. @throws A {@link GossipError} when it is refused. */
  send(what: string, input: CoreInput): void {
    const refused = this.#parts.feed(input)
    if (refused !== undefined) throw refusalError(what, refused)
  }

  /** A message of another came. */
  broadcastCame(event: Extract<CoreEvent, { readonly type: 'broadcast' }>): void {
    this.#call(this.#listeners, event)
  }

  /** A question of another came. Where nobody answers it, nothing is said. */
  questionCame(event: Extract<CoreEvent, { readonly type: 'query' }>): void {
    this.#call(this.#handlers, event)
  }

  /** Ends every wait and all listening. */
  close(error: GossipError): void {
    this.broadcasts.close(error)
    this.queries.close(error)
    this.#listeners.clear()
    this.#handlers.clear()
  }

  /** What a handler of questions of the user's does, with its answer sent. */
  #answering<Question>(
    handler: QuestionHandler<Question>,
    codec: Codec<unknown>,
  ): (value: unknown, meta: MessageMeta) => void {
    return (value, meta) => {
      // Of questions, and of nothing else, handlers are told.
      const { question, from, lamport } = meta as QuestionMeta
      const sent = async (): Promise<void> => {
        const answer: unknown = await handler(value as Question, { from, lamport })
        if (answer === undefined) return
        const payload = encodeValue('the answer', codec, answer)
        this.send('the answer', { type: 'answer', from, question, payload })
      }
      callSafely(sent, (error) => this.#parts.reports.listenerFailed(error, 'query'))
    }
  }

  #call(topics: Topics, event: Extract<CoreEvent, { readonly type: 'broadcast' | 'query' }>): void {
    const { type, topic, from, lamport, payload } = event
    const meta: MessageMeta | QuestionMeta =
      type === 'query' ? { from, lamport, question: event.question } : { from, lamport }
    for (const { codec, call } of topics.of(topic)) {
      const value = this.#decode(codec, payload, from, topic)
      if (value !== undefined) {
        callSafely(
          () => call(value.value, meta),
          (error) => this.#parts.reports.listenerFailed(error, topic),
        )
      }
    }
  }

  #decode(
    codec: Codec<unknown>,
    payload: Uint8Array,
    from: NodeId,
    topic: string,
  ): { readonly value: unknown } | undefined {
    try {
      return { value: codec.decode(payload) }
    } catch (error) {
      this.#parts.reports.undecodableFrom(from, `a message of '${topic}'`, error)
      return undefined
    }
  }
}

/** Which question a handler answers: kept from the user, who answers by returning. */
interface QuestionMeta extends MessageMeta {
  readonly question: number
}
