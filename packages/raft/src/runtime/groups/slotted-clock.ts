/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'

/** A clock for many: whatever is due within the same few milliseconds rings together, at the end of them, with one timer. */
export class SlottedClock implements Clock {
  readonly #clock: Clock
  readonly #slotMs: number
  readonly #slots = new Map<number, Set<() => void>>()
  #afterInput: (() => void)[] = []

  constructor(clock: Clock, slotMs: number) {
    this.#clock = clock
    this.#slotMs = slotMs
  }

  now(): number {
    return this.#clock.now()
  }

  after(delayMs: number, task: () => void): Disposable {
    const now = this.#clock.now()
    // What is due at the end of a slot is not put off to the next because the sum is a hair too large.
    const at = Math.ceil((now + delayMs) / this.#slotMs - 1e-6) * this.#slotMs
    let tasks = this.#slots.get(at)
    if (tasks === undefined) {
      this.#slots.set(at, (tasks = new Set()))
      this.#clock.after(Math.max(0, at - now), () => this.#ring(at))
    }
    // Of its own, so that the same function can be waited for twice.
    const due = (): void => task()
    const slot = tasks.add(due)
    return { [Symbol.dispose]: () => void slot.delete(due) }
  }

  afterInput(task: () => void): void {
    this.#afterInput.push(task)
    if (this.#afterInput.length > 1) return
    this.#clock.afterInput(() => {
      const tasks = this.#afterInput
      this.#afterInput = []
      for (const next of tasks) next()
    })
  }

  #ring(at: number): void {
    const tasks = this.#slots.get(at)
    this.#slots.delete(at)
    for (const task of tasks ?? []) task()
  }
}
