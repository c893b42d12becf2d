/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'

/** Timers that end together. */
export class Timers {
  readonly #clock: Clock
  readonly #timers = new Set<Disposable>()
  #isClosed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `task` once, unless these timers are closed before. */
  after(delayMs: number, task: () => void): void {
    if (this.#isClosed) return
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(timer)
      task()
    })
    this.#timers.add(timer)
  }

  close(): void {
    this.#isClosed = true
    for (const timer of this.#timers) timer[Symbol.dispose]()
    this.#timers.clear()
  }
}
