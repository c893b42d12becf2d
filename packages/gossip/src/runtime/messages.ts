import type { Codec, NodeId } from '@colony/host'

/**
 * How many others must have a message before {@link Gossip.broadcast} resolves: none, one, so many that they and the sender are more than half of the
 * members, or all that are there when it is sent.
 * @category Messages
 */
export type BroadcastAwait = 'none' | 'one' | 'quorum' | 'all'

/**
 * How to send a message to everybody.
 * @category Messages
 */
export interface BroadcastOptions<Value> {
  /** What to wait for. Default `'none'`. */
  readonly await?: BroadcastAwait
  /** Longest wait, in milliseconds, 1 to 2^31 - 1. Default 10,000. */
  readonly timeoutMs?: number
  /** Bytes of the message. Default: strict JSON. */
  readonly codec?: Codec<Value>
  /** Gives up waiting: the promise rejects with the signal's reason. The message goes on. */
  readonly signal?: AbortSignal
}

/**
 * What became of a message.
 * @category Messages
 */
export interface BroadcastResult {
  /** How many other members have acknowledged it so far. */
  readonly delivered: number
  /** How many others there were when it was sent. */
  readonly of: number
  /** Whether as many as were waited for have it; `false` after the time was over. */
  readonly reached: boolean
}

/**
 * What comes with a message or a question.
 * @category Messages
 */
export interface MessageMeta {
  /** Who sent it. */
  readonly from: NodeId
  /** Its Lamport time: greater than that of everything that its sender had received before it sent it. */
  readonly lamport: number
}

/**
 * How to listen for messages or questions of a topic.
 * @category Messages
 */
export interface TopicOptions<Value> {
  /** Bytes of the message. Default: strict JSON. */
  readonly codec?: Codec<Value>
  /** Stops listening. */
  readonly signal?: AbortSignal
}

/**
 * How to ask.
 * @category Messages
 */
export interface QueryOptions<Question, Answer> {
  /** Whom to ask. Default: everybody. */
  readonly to?: readonly NodeId[]
  /** How long answers are waited for, in milliseconds, 1 to 600,000. Default 5,000. */
  readonly timeoutMs?: number
  /** Bytes of the question. Default: strict JSON. */
  readonly codec?: Codec<Question>
  /** Bytes of the answers. Default: strict JSON. An answer that it can't decode is counted and left out. */
  readonly answerCodec?: Codec<Answer>
  /** Ends the loop. */
  readonly signal?: AbortSignal
}

/**
 * One answer.
 * @category Messages
 */
export interface Answer<Value> {
  /** Whose. */
  readonly from: NodeId
  /** What it says. */
  readonly value: Value
}

/**
 * How to answer questions.
 * @category Messages
 */
export interface AnswerOptions<Question, Answer> extends TopicOptions<Question> {
  /** Bytes of the answers. Default: strict JSON. */
  readonly answerCodec?: Codec<Answer>
}
