/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'

/** What a timer tells. */
export interface WakeHandlers {
  /** The timer rang so many milliseconds after it should have: the event loop was held up. Told at once, before what waits in the inbox was read. */
  late(ms: number): void
  /** The time has come, and everything that had arrived by then was delivered. */
  due(): void
}

/** One timer for a time that keeps moving: set anew only when it must ring earlier. */
export class WakeTimer {
  readonly #clock: Clock
  readonly #handlers: WakeHandlers
  #timer: Disposable | undefined
  #ringsAt: number = Number.POSITIVE_INFINITY
  #wakeAt: number = Number.POSITIVE_INFINITY
  #waitsForInput = false
  #stopped = false

  constructor(clock: Clock, handlers: WakeHandlers) {
    this.#clock = clock
    this.#handlers = handlers
  }

  /** Says when to ring next, in place of any time said before. */
  set(wakeAt: number): void {
    this.#wakeAt = wakeAt
    if (this.#stopped || wakeAt >= this.#ringsAt) return
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    const now = this.#clock.now()
    // Overdue already (the core had more to do than fits a step): no timer that could be late.
    if (wakeAt <= now) return this.#afterInput()
    this.#ringsAt = wakeAt
    this.#timer = this.#clock.after(Math.min(wakeAt - now, LONGEST_MS), () => this.#ring())
  }

  /** Never rings again. */
  stop(): void {
    this.#stopped = true
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
  }

  #ring(): void {
    const now = this.#clock.now()
    const late = now - this.#ringsAt
    this.#timer = undefined
    this.#ringsAt = Number.POSITIVE_INFINITY
    if (late > 0) this.#handlers.late(late)
    if (now < this.#wakeAt) this.set(this.#wakeAt)
    // Never straight from the timer: the acknowledgement that it missed may wait in the socket of a process that was held up.
    else this.#afterInput()
  }

  #afterInput(): void {
    this.#ringsAt = Number.POSITIVE_INFINITY
    if (this.#waitsForInput) return
    this.#waitsForInput = true
    this.#clock.afterInput(() => {
      this.#waitsForInput = false
      if (!this.#stopped) this.#handlers.due()
    })
  }
}

/** What any timer can hold. */
const LONGEST_MS = 2 ** 31 - 1
