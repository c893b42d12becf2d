import type { Clock } from '@colony/host'

/** How much may go out at once after a rest, as a share of what may in a second. */
const BURST_SECONDS = 0.25

/** Limits bytes a second. What is larger than all that may go at once still goes, and the next waits the longer. */
export class TokenBucket {
  readonly #clock: Clock
  readonly #bytesPerMs: number
  readonly #most: number
  #tokens: number
  #filledAt: number

  /** Without a limit everything may go at once. */
  constructor(clock: Clock, bytesPerSecond: number = Number.POSITIVE_INFINITY) {
    this.#clock = clock
    this.#bytesPerMs = bytesPerSecond / 1000
    this.#most = bytesPerSecond * BURST_SECONDS
    this.#tokens = this.#most
    this.#filledAt = clock.now()
  }

  /** Milliseconds to wait before anything may go; 0 when it may now. */
  waitMs(): number {
    if (this.#bytesPerMs === Number.POSITIVE_INFINITY) return 0
    const now = this.#clock.now()
    this.#tokens = Math.min(this.#most, this.#tokens + (now - this.#filledAt) * this.#bytesPerMs)
    this.#filledAt = now
    return this.#tokens > 0 ? 0 : Math.ceil((1 - this.#tokens) / this.#bytesPerMs)
  }

  /** Notes that so much went. */
  spend(bytes: number): void {
    if (this.#bytesPerMs !== Number.POSITIVE_INFINITY) this.#tokens -= bytes
  }
}
