import type { StallMetrics } from './metrics.ts'

/** Below this a timer is on time: no clock and no event loop is more exact. */
const ON_TIME_MS = 5
/** How fast what was noted fades: to a half in this time. */
const HALF_LIFE_MS = 10_000

/** How late the event loop comes to its timers: the longest delay of late, fading, and what was counted. */
export class LoopLag {
  #count = 0
  #longest = 0
  #level = 0
  #at = 0

  /** A timer rang `ms` late. */
  note(now: number, ms: number): void {
    if (ms > ON_TIME_MS) this.#count += 1
    this.#longest = Math.max(this.#longest, ms)
    const faded = this.current(now)
    if (ms < faded) return
    this.#level = ms
    this.#at = now
  }

  /** The longest delay of late, in milliseconds. */
  current(now: number): number {
    const faded = this.#level * 2 ** (-(now - this.#at) / HALF_LIFE_MS)
    return faded < ON_TIME_MS ? 0 : faded
  }

  /** How often a timer was late, and by how much at most. */
  get stalls(): StallMetrics {
    return { count: this.#count, longestMs: this.#longest }
  }
}
