import type { Clock } from '@colony/host'
import { Deadline, type Deadlines } from '../../runtime/deadlines.ts'
import { type Answer, type Outcome, Tally } from './tally.ts'

/** One question to all servers. It is over when the answer is clear, and at its deadline at the latest; answers that come later change nothing. */
export class Round extends Deadline {
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  readonly #tally: Tally
  readonly #late: () => void
  #resolve: (outcome: Outcome) => void = () => {}
  #isOver = false
  /** The first reason why a server was unable. */
  error: unknown
  readonly outcome: Promise<Outcome>

  /** `late` is told once if the deadline is what ends it. */
  constructor(clock: Clock, deadlines: Deadlines, servers: number, timeoutMs: number, late: () => void) {
    super()
    this.#clock = clock
    this.#deadlines = deadlines
    this.#tally = new Tally(servers)
    this.#late = late
    this.outcome = new Promise((resolve) => (this.#resolve = resolve))
    deadlines.add(this, clock.now(), timeoutMs)
  }

  /** How many servers did not vote until now. */
  get unable(): number {
    return this.#tally.unable
  }

  answer(answer: Answer, error?: unknown): void {
    if (this.#isOver) return
    this.error ??= error
    this.#tally.add(answer)
    this.#look()
  }

  /** A process that was stalled finds the deadline and the answers at once: what has arrived counts. */
  due(): void {
    this.#clock.afterInput(() => {
      if (this.#isOver) return
      this.#tally.close()
      this.#late()
      this.#look()
    })
  }

  #look(): void {
    const { outcome } = this.#tally
    if (outcome === undefined) return
    this.#isOver = true
    this.#deadlines.remove(this)
    this.#resolve(outcome)
  }
}
