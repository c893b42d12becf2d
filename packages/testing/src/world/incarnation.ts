import type { Random } from '@colony/host'
import { EventLoop } from './event-loop.ts'
import type { EventOwner, ScheduledEvent } from './event-queue.ts'
import type { Scheduler } from './scheduler.ts'
import { TIES } from './event-queue.ts'

/**
 * One life of a node: from a start to the next crash. Everything that a process asks for (timers, disk completions, frames) belongs to
 * its incarnation and dies with it.
 */
export class Incarnation implements EventOwner {
  readonly id: string
  readonly index: number
  /** 1 for the first life of a node. */
  readonly number: number
  /** What makes its events wait. */
  readonly loop: EventLoop
  #alive = true
  readonly #deathWatch = new Set<() => void>()
  readonly #ties: Random

  /** Starts a life; `ties` breaks ties among its events. */
  constructor(id: string, index: number, number: number, ties: Random, scheduler: Scheduler) {
    this.id = id
    this.index = index
    this.number = number
    this.#ties = ties
    this.loop = new EventLoop(scheduler, ties.fork('busy'))
  }

  get alive(): boolean {
    return this.#alive
  }

  drawTie(): number {
    return Math.floor(this.#ties.float() * TIES)
  }

  keep(event: ScheduledEvent): boolean {
    return this.loop.keep(event)
  }

  ran(): void {
    if (this.#alive) this.loop.ran()
  }

  /** Ends this life; what waited for it is discarded. */
  kill(): void {
    this.#alive = false
    for (const event of this.loop.end()) event.discard()
    const watchers = [...this.#deathWatch]
    this.#deathWatch.clear()
    for (const watcher of watchers) watcher()
  }

  /** Calls `watcher` when this life ends; the result calls that off. */
  onDeath(watcher: () => void): () => void {
    this.#deathWatch.add(watcher)
    return () => void this.#deathWatch.delete(watcher)
  }
}
