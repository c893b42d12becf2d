import type { Clock } from '@colony/host'

/** How long calls are answered at once, in milliseconds, before the event loop must have turned: far below any heartbeat interval. */
const SHARE_MS = 5
/** Calls between two looks at the clock. */
const CALLS_A_LOOK = 64

/**
 * Sees to it that calls which are answered without the network or a disk leave time for the rest of the process. Whoever makes the next call in the
 * continuation of the one before never lets the event loop turn: no heartbeat goes out, no vote comes in, and a leader that answers reads under its lease
 * in this way, or refuses what there is no room for, loses its lead when followers have waited long enough.
 */
export class LoopShare {
  readonly #clock: Pick<Clock, 'now' | 'afterInput'>
  /** Calls since the last look, from all turns of the loop: where they are few, nothing here costs anything. */
  #calls = 0
  /** When the loop was asked to say that it has turned; `undefined` while it need not. */
  #since: number | undefined
  #usedUp = false
  #waiting: (() => void)[] = []

  constructor(clock: Pick<Clock, 'now' | 'afterInput'>) {
    this.#clock = clock
  }

  /** Counts a call that could be answered at once; false when it has to wait. */
  take(): boolean {
    if (this.#usedUp || ++this.#calls < CALLS_A_LOOK) return !this.#usedUp
    this.#calls = 0
    const now = this.#clock.now()
    if (this.#since === undefined) {
      this.#since = now
      this.#clock.afterInput(() => this.#turned())
    }
    this.#usedUp = now - this.#since >= SHARE_MS
    return !this.#usedUp
  }

  /** Calls `task`: now, while that leaves time for others, and else once the loop has turned. */
  run(task: () => void): void {
    if (this.take()) task()
    else this.whenTurned(task)
  }

  /** Calls `task` once the loop has turned. For use while the share is used up. */
  whenTurned(task: () => void): void {
    this.#waiting.push(task)
  }

  /** Goes on with what waits, in order, as far as the next share reaches: there may be as many callers as there is memory. */
  #turned(): void {
    const began = this.#clock.now()
    let done = 0
    this.#since = began
    this.#calls = 0
    this.#usedUp = false
    for (const task of this.#waiting) {
      task()
      this.#usedUp = ++done % CALLS_A_LOOK === 0 && this.#clock.now() - began >= SHARE_MS
      if (this.#usedUp) break
    }
    this.#waiting = this.#waiting.slice(done)
    this.#usedUp = this.#waiting.length > 0
    this.#since = this.#usedUp ? began : undefined
    if (this.#usedUp) this.#clock.afterInput(() => this.#turned())
  }
}
