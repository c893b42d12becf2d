import type { Clock, Codec, NodeId } from '@colony/host'
import type { GossipError } from '../errors.ts'
import type { Answer } from './messages.ts'
import { watchWait } from './timeouts.ts'

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }
/** Beyond the deadline that the core keeps: only what goes wrong there is ended here. */
const GRACE_MS = 1000

type Resolve<Value> = (result: IteratorResult<Answer<Value>, undefined>) => void

interface Waiting<Value> {
  readonly resolve: Resolve<Value>
  readonly reject: (error: unknown) => void
}

/** Questions of this node whose answers are collected. */
export class QueryCalls {
  readonly #clock: Clock
  readonly #onUndecodable: (from: NodeId, error: unknown) => void
  readonly #calls = new Map<number, Pick<QueryCall<unknown>, 'push' | 'end' | 'fail'>>()
  #ids = 0

  constructor(clock: Clock, onUndecodable: (from: NodeId, error: unknown) => void) {
    this.#clock = clock
    this.#onUndecodable = onUndecodable
  }

  /** A name for the next question. */
  nextId(): number {
    return ++this.#ids
  }

  /** Collects the answers to question `id`. */
  open<Value>(
    id: number,
    codec: Codec<Value>,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): AsyncIterableIterator<Answer<Value>> {
    const call = new QueryCall<Value>(codec, () => {
      stop()
      this.#calls.delete(id)
    })
    const stop = watchWait({
      clock: this.#clock,
      timeoutMs: timeoutMs + GRACE_MS,
      signal,
      timedOut: () => call.end(),
      aborted: () => call.end(),
    })
    this.#calls.set(id, call)
    return call
  }

  /** An answer came; without `from` the time is over, or everybody has answered. */
  answered(id: number, from: NodeId | undefined, payload: Uint8Array | undefined): void {
    const call = this.#calls.get(id)
    if (call === undefined) return
    if (from === undefined || payload === undefined) call.end()
    else call.push(from, payload, this.#onUndecodable)
  }

  /** Ends every loop. */
  close(error: GossipError): void {
    for (const call of this.#calls.values()) call.fail(error)
  }
}

/** The answers to one question: as many as there are members at most, so they need no limit of their own. */
class QueryCall<Value> implements AsyncIterableIterator<Answer<Value>> {
  readonly #codec: Codec<Value>
  readonly #release: () => void
  readonly #answers: Answer<Value>[] = []
  #waiting: Waiting<Value>[] = []
  #error: GossipError | undefined
  #ended = false

  constructor(codec: Codec<Value>, release: () => void) {
    this.#codec = codec
    this.#release = release
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  push(from: NodeId, payload: Uint8Array, onUndecodable: (from: NodeId, error: unknown) => void): void {
    let value: Value
    try {
      value = this.#codec.decode(payload)
    } catch (error) {
      onUndecodable(from, error)
      return
    }
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) waiting.resolve({ done: false, value: { from, value } })
    else this.#answers.push({ from, value })
  }

  next(): Promise<IteratorResult<Answer<Value>, undefined>> {
    const answer = this.#answers.shift()
    if (answer !== undefined) return Promise.resolve({ done: false, value: answer })
    const error = this.#error
    this.#error = undefined
    if (error !== undefined) return Promise.reject(error)
    if (this.#ended) return Promise.resolve(DONE)
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#answers.length = 0
    this.#error = undefined
    this.end()
    return Promise.resolve(DONE)
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#release()
    for (const { resolve } of this.#waiting) resolve(DONE)
    this.#waiting = []
  }

  /** Ends with an error, told to whoever asks for the next answer. */
  fail(error: GossipError): void {
    const [first, ...others] = this.#waiting
    this.#waiting = others
    if (first !== undefined) first.reject(error)
    else this.#error = error
    this.end()
  }
}
