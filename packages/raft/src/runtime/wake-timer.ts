/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'

/**
 * One timer for a time that keeps moving: set anew only when it must ring earlier. Every heartbeat pushes the election away, far more
 * often than the election comes.
 */
export class WakeTimer {
  readonly #clock: Clock
  readonly #due: () => void
  #timer: Disposable | undefined
  #ringsAt: number = Number.POSITIVE_INFINITY
  #wakeAt: number = Number.POSITIVE_INFINITY
  #stopped = false

  /** `due` is called when the time has come, after everything that had arrived by then was delivered. */
  constructor(clock: Clock, due: () => void) {
    this.#clock = clock
    this.#due = due
  }

  /** Says when to ring next, in place of any time said before. */
  set(wakeAt: number): void {
    this.#wakeAt = wakeAt
    if (this.#stopped || wakeAt >= this.#ringsAt) return
    this.#timer?.[Symbol.dispose]()
    this.#ringsAt = wakeAt
    this.#timer = this.#clock.after(Math.max(0, wakeAt - this.#clock.now()), () => this.#ring())
  }

  /** Never rings again. */
  stop(): void {
    this.#stopped = true
    this.#timer?.[Symbol.dispose]()
  }

  #ring(): void {
    this.#timer = undefined
    this.#ringsAt = Number.POSITIVE_INFINITY
    if (this.#clock.now() < this.#wakeAt) this.set(this.#wakeAt)
    // Never straight from the timer: the heartbeat that it missed may be waiting in the inbox of a process that was stalled.
    else this.#clock.afterInput(() => this.#due())
  }
}
