/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'

/** How often what waits is looked through for deadlines and for what to send again. */
const SWEEP_INTERVAL_MS = 50

/** Calls that wait for something. */
export interface WaitingCalls {
  /** How many there are. */
  readonly size: number
  /** Gives up what is past its deadline, sends again what was not answered. */
  sweep(): void
}

/** Looks through what waits, again and again, for as long as anything does. */
export class Sweep {
  readonly #clock: Clock
  readonly #waiting: readonly WaitingCalls[]
  readonly #around: { readonly before: () => void; readonly after: () => void }
  #timer: Disposable | undefined

  /** `around` is called before and after each look. */
  constructor(
    clock: Clock,
    waiting: readonly WaitingCalls[],
    around: { readonly before: () => void; readonly after: () => void },
  ) {
    this.#clock = clock
    this.#waiting = waiting
    this.#around = around
  }

  /** Sees that there will be a look, if anything waits. Called after every turn, so it costs little. */
  arm(): void {
    if (this.#timer !== undefined || !this.#anyWaits()) return
    this.#timer = this.#clock.after(SWEEP_INTERVAL_MS, () => {
      this.#timer = undefined
      this.#around.before()
      for (const calls of this.#waiting) calls.sweep()
      this.#around.after()
    })
  }

  /** No look any more. */
  stop(): void {
    this.#timer?.[Symbol.dispose]()
  }

  #anyWaits(): boolean {
    for (const { size } of this.#waiting) if (size > 0) return true
    return false
  }
}
