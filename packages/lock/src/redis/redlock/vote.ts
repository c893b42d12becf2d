import type { Answer } from './tally.ts'
import type { Answered, Voter } from './voter.ts'

/** First pause before a vote is given back again, and the longest, in milliseconds. */
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 2000

/** What is known of a vote after each answer. */
const SETTLED = { yes: 'yes', no: 'none', unable: 'unknown' } as const satisfies Record<Answer, string>

/**
 * One value on one server: asked for, had, extended, and given back so that nothing stays behind.
 *
 * A vote whose answer was lost may be there. It is given back by its value, which nobody else has: that can neither take away a lock of somebody else, nor a later one of ours.
 */
export class Vote {
  readonly #voter: Voter
  readonly #keys: readonly string[]
  readonly #value: string
  #state: 'none' | 'asked' | 'yes' | 'unknown' = 'none'
  #isGivenBack = false
  /** Giving back was answered while the vote itself was not: it may have come after it. */
  #cameTooEarly = false
  /** When the lease is over wherever it is, on the clock. */
  #endsAt = 0
  #pauseMs = FIRST_PAUSE_MS

  constructor(voter: Voter, keys: readonly string[], value: string) {
    this.#voter = voter
    this.#keys = keys
    this.#value = value
  }

  /** Asks for it. */
  cast(ttlMs: number, answered: Answered): void {
    if (this.#voter.isStuck()) return answered('unable')
    this.#state = 'asked'
    this.#endsAt = this.#voter.clock.now() + ttlMs
    this.#voter.acquire(this.#keys, this.#value, ttlMs, (answer, error) => {
      this.#settle(SETTLED[answer])
      answered(answer, error)
    })
  }

  /** Lets its lease run anew, if it is there. */
  extend(ttlMs: number, answered: Answered): void {
    if (this.#voter.isStuck()) return answered('unable')
    this.#endsAt = Math.max(this.#endsAt, this.#voter.clock.now() + ttlMs)
    this.#voter.extend(this.#keys, this.#value, ttlMs, answered)
  }

  /** Gives it back, whether it is there or only may be; again, until somebody has answered or its lease is over. */
  giveBack(answered: Answered = ignore): void {
    if (this.#state === 'none') return answered('no')
    this.#isGivenBack = true
    this.#voter.release(this.#keys, this.#value, (answer, error) => {
      if (answer === 'unable') this.#giveBackLater()
      else if (this.#state === 'asked') this.#cameTooEarly = true
      answered(answer, error)
    })
  }

  /** Whether it was asked for and nobody has answered. */
  get isOpen(): boolean {
    return this.#state === 'asked'
  }

  /** Whoever waited for it has gone on. */
  late(): void {
    if (this.isOpen) this.#voter.late()
  }

  #settle(state: 'none' | 'yes' | 'unknown'): void {
    this.#state = state
    if (this.#isGivenBack && this.#cameTooEarly && state !== 'none') this.giveBack()
  }

  #giveBackLater(): void {
    const { clock, timers } = this.#voter
    if (clock.now() >= this.#endsAt) return
    timers.after(this.#pauseMs, () => this.giveBack())
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS)
  }
}

function ignore(): void {}
