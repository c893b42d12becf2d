import type { Seed } from './seed.ts'
import { nextSeed } from './seed.ts'

/** Hands out the seeds of a suite, and then, for as long as there is time, new ones. */
export class SeedSource {
  readonly #seeds: readonly Seed[]
  readonly #timeMs: number
  readonly #startedAt: number
  #given = 0
  #last: Seed | undefined

  /** Starts the clock. */
  constructor(seeds: readonly Seed[], timeMs: number) {
    this.#seeds = seeds
    this.#timeMs = timeMs
    this.#startedAt = performance.now()
  }

  /** The next seed; `undefined` when there is none left, and no time. */
  next(): Seed | undefined {
    const planned = this.#seeds[this.#given]
    if (planned === undefined && (this.#last === undefined || !this.#hasTime())) return undefined
    this.#given += 1
    this.#last = planned ?? nextSeed(this.#last ?? 0)
    return this.#last
  }

  #hasTime(): boolean {
    return performance.now() - this.#startedAt < this.#timeMs
  }
}
