/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock, Codec, NodeId } from '@colony/host'
import type { CoreEvent } from '../core/core-event.ts'
import type { CoreInput, CoreOutputs } from '../core/input.ts'
import type { GossipError } from '../errors.ts'
import { BroadcastCalls } from './broadcast-calls.ts'
import { encodeValue } from './encoding.ts'
import type { MessageMeta } from './messages.ts'
import { QueryCalls } from './query-calls.ts'
import { refusalError } from './refusals.ts'
import type { Reports } from './reports.ts'
import { Topics } from './topics.ts'
import { callSafely } from './watches.ts'

/** What messages go through. */
export interface MessageParts {
  readonly clock: Clock
  readonly feed: (input: CoreInput) => CoreOutputs['refused']
  readonly reports: Reports
}

/** A handler of questions. */
export type QuestionHandler = (value: never, meta: MessageMeta) => unknown

/** Broadcasts and questions: who listens here, and what was sent from here and is waited for. */
export class MessageCalls {
  readonly broadcasts: BroadcastCalls
  readonly queries: QueryCalls
  /** Listeners for broadcasts. */
  readonly listeners: Topics = new Topics()
  /** Handlers of questions; one a topic. */
  readonly handlers: Topics = new Topics()
  readonly #parts: MessageParts

  constructor(parts: MessageParts) {
    this.#parts = parts
    this.broadcasts = new BroadcastCalls(parts.clock)
    this.queries = new QueryCalls(parts.clock, (from, error) =>
      parts.reports.undecodableFrom(from, 'an answer', error),
    )
  }

  /** Sends something. @throws A {@link GossipError} when it is refused. */
  send(what: string, input: CoreInput): void {
    const refused = this.#parts.feed(input)
    if (refused !== undefined) throw refusalError(what, refused)
  }

  /** A message of another came. */
  broadcastCame(event: Extract<CoreEvent, { readonly type: 'broadcast' }>): void {
    this.#call(this.listeners, event)
  }

  /** A question of another came. Where nobody answers it, nothing is said. */
  questionCame(event: Extract<CoreEvent, { readonly type: 'query' }>): void {
    this.#call(this.handlers, event)
  }

  /** What a handler of questions of the user's does, with its answer sent. */
  answering(handler: QuestionHandler, codec: Codec<unknown>): (value: unknown, meta: MessageMeta) => void {
    return (value, meta) => {
      const { question } = meta as QuestionMeta
      const sent = async (): Promise<void> => {
        const answer: unknown = await handler(value as never, { from: meta.from, lamport: meta.lamport })
        if (answer === undefined) return
        const payload = encodeValue('the answer', codec, answer)
        this.send('the answer', { type: 'answer', from: meta.from, question, payload })
      }
      callSafely(sent, (error) => this.#parts.reports.listenerFailed(error, 'query'))
    }
  }

  /** Ends every wait and all listening. */
  close(error: GossipError): void {
    this.broadcasts.close(error)
    this.queries.close(error)
    this.listeners.clear()
    this.handlers.clear()
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
