import type { Grant } from '../../backend.ts'
import { Vote } from './vote.ts'
import type { Voter } from './voter.ts'

/** What is taken off a lease for clocks that run apart: a fraction, and milliseconds, as for every lock. */
const DRIFT_RATE = 0.01
const DRIFT_MS = 2

/** A lock, or what may become one: the same value on all servers. */
export class RedlockGrant implements Grant {
  /** No token: random values have no order, and what the servers count is not the same. */
  readonly token = 0
  readonly votes: readonly Vote[]
  startedAt: number
  #ttlMs: number
  #isEnded = false

  constructor(
    voters: readonly Voter[],
    keys: readonly string[],
    value: string,
    startedAt: number,
    ttlMs: number,
  ) {
    this.votes = voters.map((voter) => new Vote(voter, keys, value))
    this.startedAt = startedAt
    this.#ttlMs = ttlMs
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Until when it may be relied on, on the monotonic clock. */
  get validUntil(): number {
    return this.startedAt + this.#ttlMs * (1 - DRIFT_RATE) - DRIFT_MS
  }

  /** When the last server has forgotten it, unless it is extended. */
  get endsAt(): number {
    return this.startedAt + this.#ttlMs * (1 + DRIFT_RATE) + DRIFT_MS
  }

  /** A majority let its lease run anew. */
  extended(startedAt: number, ttlMs: number): void {
    this.startedAt = startedAt
    this.#ttlMs = ttlMs
  }

  /** Nobody relies on it from now on. False when it was so already. */
  end(): boolean {
    const isFirst = !this.#isEnded
    this.#isEnded = true
    return isFirst
  }

  /** Ends it, and gives all votes back, those that may be there too. Nobody waits for that. */
  giveBack(): void {
    if (!this.end()) return
    for (const vote of this.votes) vote.giveBack()
  }
}
