/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'
import { requireRange } from '../errors.ts'
import type { Scheduler } from './scheduler.ts'

const LONGEST_DELAY_MS = 2 ** 40

/** The simulation's own time as a {@link Clock}: exact, for clients and checks, which are not on any node. */
export class WorldClock implements Clock {
  readonly #scheduler: Scheduler

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  now(): number {
    return this.#scheduler.now / 1000
  }

  after(delayMs: number, task: () => void): Disposable {
    requireRange('delayMs', delayMs, 0, LONGEST_DELAY_MS)
    return this.#scheduler.add(Math.round(delayMs * 1000), task)
  }

  afterInput(task: () => void): void {
    this.#scheduler.add(0, task, undefined, 'after-input')
  }
}
