import type { MemberlistTiming } from './timing.ts'

/**
 * One suspicion under way: it times out the sooner, the more members say independently that they get no answer either (Lifeguard, LHA-Suspicion, section
 * IV-B of arXiv 1707.00788).
 */
export class Suspicion {
  readonly #since: number
  readonly #wanted: number
  readonly #min: number
  readonly #max: number
  readonly #confirmedBy = new Set<string>()
  readonly #first: string

  /** @param size How many members there are, this node included. */
  constructor(now: number, timing: MemberlistTiming, size: number, from: string) {
    this.#since = now
    this.#first = from
    this.#min = timing.suspicionFactor * Math.max(1, Math.log10(Math.max(1, size))) * timing.probeIntervalMs
    this.#max = timing.maxSuspicionFactor * this.#min
    const wanted = timing.suspicionFactor - 2
    // Without us and the suspect there may be nobody to confirm: then nothing is waited for.
    this.#wanted = size - 2 < wanted ? 0 : wanted
  }

  /** When it becomes certain, unless it is refuted. */
  get deadline(): number {
    return this.#since + suspicionTimeout(this.#confirmedBy.size, this.#wanted, this.#min, this.#max)
  }

  /** `from` got no answer either. Whether that is worth telling on: the first word of each, up to as many as shorten it. */
  confirm(from: string): boolean {
    if (from === this.#first || this.#confirmedBy.size >= this.#wanted) return false
    if (this.#confirmedBy.has(from)) return false
    this.#confirmedBy.add(from)
    return true
  }
}

/** From `max` with no confirmation to `min` with all that are wanted, logarithmically: the first counts most. */
export function suspicionTimeout(confirmed: number, wanted: number, min: number, max: number): number {
  if (wanted < 1) return min
  const share = Math.log(confirmed + 1) / Math.log(wanted + 1)
  return Math.max(min, max - share * (max - min))
}
