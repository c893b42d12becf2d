/// <reference lib="esnext.disposable" preserve="true" />
import type { RedisServer } from './redis-server.ts'
import { ignore } from './subscriptions.ts'

/**
 * Hears which waiter of this process is next: one channel, and one connection, for all of them. Messages may be lost; whoever waits asks again by itself now and
 * then.
 */
export class WakeUps {
  readonly channel: string
  readonly #server: RedisServer
  readonly #waiters = new Map<string, () => void>()
  #listening: Promise<Disposable> | undefined

  constructor(server: RedisServer, channel: string) {
    this.#server = server
    this.channel = channel
  }

  /** Whether messages may come. */
  get isListening(): boolean {
    return this.#listening !== undefined
  }

  /** Lets `wake` be called when it is the turn of `id`. */
  add(id: string, wake: () => void): void {
    this.#waiters.set(id, wake)
  }

  remove(id: string): void {
    this.#waiters.delete(id)
  }

  /** To be called when there is something to wait for: most locks are had at once, and need no second connection. */
  listen(): void {
    if (this.#listening !== undefined) return
    const listening = this.#server.listen(this.channel, (id) => this.#waiters.get(id)?.())
    this.#listening = listening
    listening.then(
      () => this.#wakeAll(),
      () => (this.#listening = undefined),
    )
  }

  close(): void {
    void this.#listening?.then((listening) => listening[Symbol.dispose]()).catch(ignore)
  }

  /** What was said before anybody listened was said to nobody. */
  #wakeAll(): void {
    for (const wake of this.#waiters.values()) wake()
  }
}
