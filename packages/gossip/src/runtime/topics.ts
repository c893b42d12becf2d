/// <reference lib="esnext.disposable" preserve="true" />
import type { Codec } from '@colony/host'
import type { MessageMeta } from './messages.ts'

/** One listener for the messages of a topic, or the handler of its questions. */
export interface TopicListener {
  readonly codec: Codec<unknown>
  call(value: unknown, meta: MessageMeta): void
}

const LISTENS_NO_MORE: Disposable = { [Symbol.dispose]: () => {} }

/** Who listens to which topic. */
export class Topics {
  readonly #listeners = new Map<string, Set<TopicListener>>()
  readonly #leaves = new Set<() => void>()

  /** Listens until the result is disposed of, or `signal` aborts. */
  add(topic: string, listener: TopicListener, signal: AbortSignal | undefined): Disposable {
    if (signal?.aborted === true) return LISTENS_NO_MORE
    const listeners = this.#listeners.get(topic) ?? new Set()
    this.#listeners.set(topic, listeners.add(listener))
    const leave = (): void => {
      signal?.removeEventListener('abort', leave)
      this.#leaves.delete(leave)
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(topic) === listeners) this.#listeners.delete(topic)
    }
    this.#leaves.add(leave)
    signal?.addEventListener('abort', leave)
    return { [Symbol.dispose]: leave }
  }

  /** Who listens to a topic, in the order of registration. */
  of(topic: string): Iterable<TopicListener> {
    return this.#listeners.get(topic) ?? []
  }

  /** Whether anybody listens to a topic. */
  has(topic: string): boolean {
    return this.#listeners.has(topic)
  }

  /** Nobody listens any more. */
  clear(): void {
    for (const leave of this.#leaves) leave()
  }
}
