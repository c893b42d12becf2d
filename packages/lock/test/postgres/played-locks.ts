/** Whoever has advisory locks or waits for them. */
export interface Holder {
  readonly pid: number
}

interface Held {
  readonly holder: Holder
  readonly shared: boolean
  count: number
}

interface Waiter {
  readonly holder: Holder
  readonly shared: boolean
  readonly granted: () => void
}

interface KeyLocks {
  held: Held[]
  queue: Waiter[]
}

/** The lock manager of PostgreSQL, as far as advisory locks need it. */
export class PlayedLocks {
  readonly #keys = new Map<string, KeyLocks>()

  /** Whether it was free, or the holder's already: locks of a session are counted. */
  take(holder: Holder, key: string, shared: boolean): boolean {
    const locks = this.#locksOf(key)
    const own = locks.held.find((held) => held.holder === holder && held.shared === shared)
    if (own !== undefined) {
      own.count += 1
      return true
    }
    if (locks.queue.some((waiter) => !(waiter.shared && shared))) return false
    if (!isFree(locks, holder, shared)) return false
    locks.held.push({ holder, shared, count: 1 })
    return true
  }

  /** Takes it, or waits behind whoever wants something else. Whether it was taken at once. */
  wait(holder: Holder, key: string, shared: boolean, granted: () => void): boolean {
    if (this.take(holder, key, shared)) return true
    this.#locksOf(key).queue.push({ holder, shared, granted })
    return false
  }

  give(holder: Holder, key: string, shared: boolean): boolean {
    const locks = this.#locksOf(key)
    const own = locks.held.find((held) => held.holder === holder && held.shared === shared)
    if (own === undefined) return false
    own.count -= 1
    if (own.count === 0) {
      locks.held = locks.held.filter((held) => held !== own)
      this.#wake(locks)
    }
    return true
  }

  giveAll(holder: Holder): void {
    for (const locks of this.#keys.values()) {
      locks.held = locks.held.filter((held) => held.holder !== holder)
      this.#wake(locks)
    }
  }

  /** It waits no more. Whether it did. */
  leave(holder: Holder): boolean {
    for (const locks of this.#keys.values()) {
      const before = locks.queue.length
      locks.queue = locks.queue.filter((waiter) => waiter.holder !== holder)
      if (locks.queue.length === before) continue
      this.#wake(locks)
      return true
    }
    return false
  }

  isAwaited(key: string): boolean {
    return this.#locksOf(key).queue.length > 0
  }

  isWaiting(pid: number): boolean {
    return [...this.#keys.values()].some(({ queue }) => queue.some(({ holder }) => holder.pid === pid))
  }

  /** Keys that somebody has or waits for. */
  keys(): string[] {
    return [...this.#keys].flatMap(([key, { held, queue }]) => (held.length + queue.length > 0 ? [key] : []))
  }

  #locksOf(key: string): KeyLocks {
    let locks = this.#keys.get(key)
    if (locks === undefined) this.#keys.set(key, (locks = { held: [], queue: [] }))
    return locks
  }

  /** In the order of the queue; nobody passes one who waits for something else. */
  #wake(locks: KeyLocks): void {
    const passed: Waiter[] = []
    for (const waiter of locks.queue) {
      const { holder, shared, granted } = waiter
      const isBehind = passed.some((earlier) => !(earlier.shared && shared))
      if (isBehind || !isFree(locks, holder, shared)) {
        passed.push(waiter)
        continue
      }
      locks.held.push({ holder, shared, count: 1 })
      granted()
    }
    locks.queue = passed
  }
}

function isFree({ held }: KeyLocks, holder: Holder, shared: boolean): boolean {
  return held.every((other) => other.holder === holder || (other.shared && shared))
}
