import type { Random } from '@colony/host'
import type { EventOwner, ScheduledEvent } from './event-queue.ts'
import { PHASE_AFTER_INPUT, PHASE_ARRIVED, PHASE_EXPIRED } from './event-queue.ts'
import type { Scheduler } from './scheduler.ts'
import { TIES } from './scheduler.ts'

/**
 * One life of a node: from a start to the next crash. Everything that a process asks for (timers, disk completions, frames) belongs to
 * its incarnation and dies with it.
 */
export class Incarnation implements EventOwner {
  readonly id: string
  readonly index: number
  /** 1 for the first life of a node. */
  readonly number: number
  #alive = true
  #paused = false
  #expired: ScheduledEvent[] = []
  #arrived: ScheduledEvent[] = []
  #afterInput: ScheduledEvent[] = []
  readonly #deathWatch = new Set<() => void>()

  readonly #ties: Random

  /** Starts a life; `ties` breaks ties among its events. */
  constructor(id: string, index: number, number: number, ties: Random) {
    this.id = id
    this.index = index
    this.number = number
    this.#ties = ties
  }

  get alive(): boolean {
    return this.#alive
  }

  /** Stopped by `pause`, and not yet resumed. */
  get paused(): boolean {
    return this.#paused
  }

  drawTie(): number {
    return Math.floor(this.#ties.float() * TIES)
  }

  keepWhilePaused(event: ScheduledEvent): boolean {
    if (!this.#paused) return false
    if (event.kind === 'timer') this.#expired.push(event)
    else if (event.kind === 'after-input') this.#afterInput.push(event)
    else this.#arrived.push(event)
    return true
  }

  /** SIGSTOP. */
  pause(): void {
    this.#paused = true
  }

  /**
   * SIGCONT: what waited comes now, in the order of an event loop that wakes: timers in the order in which they expired, then
   * input in the order in which it arrived, then what was asked for after the input.
   */
  resume(scheduler: Scheduler): void {
    this.#paused = false
    const phases = [
      [PHASE_EXPIRED, this.#expired],
      [PHASE_ARRIVED, this.#arrived],
      [PHASE_AFTER_INPUT, this.#afterInput],
    ] as const
    this.#forgetBacklog()
    for (const [phase, events] of phases)
      events.forEach((event, place) => scheduler.again(event, phase, place))
  }

  /** Ends this life; what waited for it is discarded. */
  kill(): void {
    this.#alive = false
    const waiting = [...this.#expired, ...this.#arrived, ...this.#afterInput]
    this.#forgetBacklog()
    for (const event of waiting) event.discard()
    const watchers = [...this.#deathWatch]
    this.#deathWatch.clear()
    for (const watcher of watchers) watcher()
  }

  /** Calls `watcher` when this life ends; the result calls that off. */
  onDeath(watcher: () => void): () => void {
    this.#deathWatch.add(watcher)
    return () => void this.#deathWatch.delete(watcher)
  }

  #forgetBacklog(): void {
    this.#expired = []
    this.#arrived = []
    this.#afterInput = []
  }
}
