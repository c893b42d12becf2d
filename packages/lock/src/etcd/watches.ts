/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'
import type { EtcdClient, EtcdKeys } from './etcd-client.ts'

/** What somebody waits for. */
export interface Wait {
  /** The queue. */
  readonly keys: EtcdKeys
  /** The place that has to go; `undefined`: any of them. */
  readonly place: string | undefined
  /** What was read is as old as this; what is deleted later is told. */
  readonly revision: number
  readonly wake: () => void
}

/** How long a queue is not watched after a watch of it has ended, in milliseconds. */
const RETRY_MS = 200

/** One watch for each queue in which somebody of this process waits. */
export class Watches {
  readonly #client: EtcdClient
  readonly #clock: Clock
  readonly #queues = new Map<string, WatchedQueue>()

  constructor(client: EtcdClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  /** Wakes once, and too often rather than too seldom. Dispose of it to wait no more. */
  wait(wait: Wait): Disposable {
    const { key } = wait.keys
    let queue = this.#queues.get(key)
    if (queue === undefined) {
      queue = new WatchedQueue(this.#client, this.#clock, wait, () => this.#queues.delete(key))
      this.#queues.set(key, queue)
    }
    return queue.add(wait)
  }
}

class WatchedQueue {
  readonly #clock: Clock
  readonly #unused: () => void
  readonly #waits = new Set<Wait>()
  readonly #watch: Disposable
  #retry: Disposable | undefined
  /** Of the newest deletion that was told. */
  #revision: number

  constructor(client: EtcdClient, clock: Clock, { keys, revision }: Wait, unused: () => void) {
    this.#clock = clock
    this.#unused = unused
    this.#revision = revision
    this.#watch = client.watchDeletes(keys, revision + 1, {
      deleted: (key, at) => this.#onDeleted(key, at),
      ended: () => this.#onEnded(),
    })
  }

  add(wait: Wait): Disposable {
    this.#waits.add(wait)
    // The watch is further than what was read: what is waited for may have been told already.
    if (this.#revision > wait.revision) this.#clock.afterInput(() => this.#wake(wait))
    return { [Symbol.dispose]: () => this.#remove(wait) }
  }

  #onDeleted(key: string, revision: number): void {
    this.#revision = Math.max(this.#revision, revision)
    for (const wait of this.#waits) {
      if (wait.place === undefined || wait.place === key) this.#wake(wait)
    }
  }

  /** Whoever waits looks again, and is watched for anew then. */
  #onEnded(): void {
    this.#retry = this.#clock.after(RETRY_MS, () => {
      for (const wait of this.#waits) this.#wake(wait)
    })
  }

  #wake(wait: Wait): void {
    if (!this.#remove(wait)) return
    wait.wake()
  }

  #remove(wait: Wait): boolean {
    if (!this.#waits.delete(wait)) return false
    if (this.#waits.size === 0) {
      this.#unused()
      this.#watch[Symbol.dispose]()
      this.#retry?.[Symbol.dispose]()
    }
    return true
  }
}
