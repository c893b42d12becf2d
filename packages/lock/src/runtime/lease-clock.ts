/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'

/** Two clocks that are read one after the other, and that are set right now and then, differ by this much without any sleep, in milliseconds. */
const TOLERANCE_MS = 20

/**
 * The monotonic clock, put forward by what it missed: on most systems it stands still while the host sleeps, and leases at servers run on. Told by a clock that runs on,
 * too: either of the two may end a lock, neither can keep it. One that goes back changes nothing.
 */
export class LeaseClock implements Clock {
  readonly #clock: Clock
  readonly #sleeplessNow: (() => number) | undefined
  #ahead = 0
  #slept = 0

  constructor(clock: Clock, sleeplessNow: (() => number) | undefined) {
    this.#clock = clock
    this.#sleeplessNow = sleeplessNow
    if (sleeplessNow !== undefined) this.#ahead = sleeplessNow() - clock.now()
  }

  /** Whether it can tell. */
  get isWatching(): boolean {
    return this.#sleeplessNow !== undefined
  }

  now(): number {
    return this.#clock.now() + this.slept()
  }

  after(delayMs: number, task: () => void): Disposable {
    return this.#clock.after(delayMs, task)
  }

  afterInput(task: () => void): void {
    this.#clock.afterInput(task)
  }

  /** Milliseconds that the host has slept so far. */
  slept(): number {
    if (this.#sleeplessNow === undefined) return 0
    const ahead = this.#sleeplessNow() - this.#clock.now()
    const missed = ahead - this.#ahead
    this.#ahead = ahead
    if (missed > TOLERANCE_MS) this.#slept += missed
    return this.#slept
  }
}
