import {
  type SuspicionTime,
  type SuspicionTiming,
  suspicionMs,
  suspicionTime,
} from '../../core/detection/suspicion-time.ts'

/** One suspicion under way: it times out the sooner, the more members say independently that they get no answer either (Lifeguard, section 4.2). */
export class Suspicion {
  readonly #since: number
  readonly #time: SuspicionTime
  readonly #confirmedBy = new Set<string>()
  readonly #first: string

  /** @param size How many members there are, this node included. */
  constructor(now: number, timing: SuspicionTiming, size: number, from: string) {
    this.#since = now
    this.#first = from
    this.#time = suspicionTime(timing, size, true)
  }

  /** When it becomes certain, unless it is refuted. */
  get deadline(): number {
    return this.#since + suspicionMs(this.#time, this.#confirmedBy.size)
  }

  /** `from` got no answer either. Whether that is worth telling on: the first word of each, up to as many as shorten it. */
  confirm(from: string): boolean {
    if (from === this.#first || this.#confirmedBy.size >= this.#time.expected) return false
    if (this.#confirmedBy.has(from)) return false
    this.#confirmedBy.add(from)
    return true
  }
}
