/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'

/** A clock that is turned by hand; a stall is a turn in which many timers are late. */
export class HandClock implements Clock {
  #now = 0
  #timers: { at: number; readonly task: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(delayMs: number, task: () => void): Disposable {
    const timer = { at: this.#now + delayMs, task }
    this.#timers.push(timer)
    return { [Symbol.dispose]: () => void (this.#timers = this.#timers.filter((other) => other !== timer)) }
  }

  afterInput(task: () => void): void {
    task()
  }

  /** Time passes, and what has become due by its end rings late, once. */
  stall(ms: number): void {
    this.#now += ms
    const due = this.#timers.filter(({ at }) => at <= this.#now)
    this.#timers = this.#timers.filter(({ at }) => at > this.#now)
    for (const { task } of due) task()
  }

  /** Time passes a millisecond at a time, and everything rings when it is due. */
  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed++) this.stall(1)
  }
}
