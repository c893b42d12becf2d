/// <reference lib="esnext.disposable" preserve="true" />
import type { TrackerClock } from './options.ts'

/** Calls `task` once nothing has happened for a while, and at most so long after the first thing that did. */
export class Settling {
  readonly #clock: TrackerClock
  readonly #settleMs: number
  readonly #maxSettleMs: number
  readonly #task: () => void
  #timer: Disposable | undefined
  #first: number | undefined
  #last = 0

  constructor(clock: TrackerClock, settleMs: number, maxSettleMs: number, task: () => void) {
    this.#clock = clock
    this.#settleMs = settleMs
    this.#maxSettleMs = maxSettleMs
    this.#task = task
  }

  /** Something happened. */
  touch(): void {
    this.#last = this.#clock.now()
    this.#first ??= this.#last
    // A thousand events arm one timer: it looks at the time of the last of them when it fires.
    this.#timer ??= this.#clock.after(this.#settleMs, () => this.#fire())
  }

  /** Forgets what happened. */
  cancel(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    this.#first = undefined
  }

  #fire(): void {
    this.#timer = undefined
    if (this.#first === undefined) return
    const due = Math.min(this.#last + this.#settleMs, this.#first + this.#maxSettleMs)
    const left = due - this.#clock.now()
    if (left > 0) {
      this.#timer = this.#clock.after(left, () => this.#fire())
      return
    }
    this.#first = undefined
    this.#task()
  }
}
