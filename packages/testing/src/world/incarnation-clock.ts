/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'
import { requireRange } from '../errors.ts'
import type { EventOwner } from './event-queue.ts'
import type { LocalTime } from './local-time.ts'
import type { Scheduler } from './scheduler.ts'

const LONGEST_DELAY_MS = 2 ** 40

/** The clock of one incarnation: virtual, with the node's own origin and rate. */
export class IncarnationClock implements Clock {
  readonly #scheduler: Scheduler
  readonly #owner: EventOwner
  readonly #time: LocalTime
  readonly #slack: () => number

  /** `slack` gives the lateness of the next timer in microseconds. */
  constructor(scheduler: Scheduler, owner: EventOwner, time: LocalTime, slack: () => number) {
    this.#scheduler = scheduler
    this.#owner = owner
    this.#time = time
    this.#slack = slack
  }

  now(): number {
    return this.#time.at(this.#scheduler.now) / 1000
  }

  after(delayMs: number, task: () => void): Disposable {
    requireRange('delayMs of Clock.after', delayMs, 0, LONGEST_DELAY_MS)
    const scheduler = this.#scheduler
    const localDue = this.#time.at(scheduler.now) + delayMs * 1000 + this.#slack()
    // At least a microsecond: a task that re-arms itself with 0 must not stop time.
    const delay = Math.max(1, this.#time.until(scheduler.now, localDue))
    return scheduler.add(delay, task, this.#owner, 'timer', localDue)
  }

  afterInput(task: () => void): void {
    this.#scheduler.add(0, task, this.#owner, 'after-input')
  }
}
