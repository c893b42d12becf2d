/**
 * A moment as a hybrid logical clock tells it: time of day, and a counter for what happened at one millisecond or while clocks disagreed.
 */
export interface Stamp {
  /** l: milliseconds since 1970 as the most advanced clock behind this moment showed them. 0 to 2^48 - 1. */
  readonly wall: number
  /** c. 0 to {@link MAX_LOGICAL}. */
  readonly logical: number
}

/** The largest counter of a stamp; one more goes to the next millisecond. */
export const MAX_LOGICAL = 0xffff
/** The largest time of a stamp. */
export const MAX_WALL: number = 2 ** 48 - 1

/** Before any moment. */
export const NEVER: Stamp = { wall: 0, logical: 0 }

/** Below zero when `one` is before `other`, above when it is after. */
export function compareStamps(one: Stamp, other: Stamp): number {
  return one.wall - other.wall || one.logical - other.logical
}

/** The next moment after `stamp`. */
export function nextStamp({ wall, logical }: Stamp): Stamp {
  if (logical < MAX_LOGICAL) return { wall, logical: logical + 1 }
  return { wall: Math.min(wall + 1, MAX_WALL), logical: wall < MAX_WALL ? 0 : logical }
}

/**
 * A hybrid logical clock (Kulkarni, Demirbas, Madappa, Avva, Leone 2014): stamps grow along every chain of cause and effect, and stay near the time of day, so "the latest write"
 * is what people mean by it as far as their clocks agree. The paper's receive event counts; here hearing of a moment only moves the clock, because a write that is taken in gets no stamp of its own.
 *
 * One clock that is far ahead does not drag the others with it: what is more than `maxDriftMs` ahead of the own time of day is not adopted.
 */
export class HybridClock {
  readonly #maxDriftMs: number
  #last: Stamp = NEVER

  constructor(maxDriftMs: number) {
    this.#maxDriftMs = maxDriftMs
  }

  /** The last moment that was told or adopted. */
  get last(): Stamp {
    return this.#last
  }

  /** Something happens here at the time of day `wall`: its stamp, after everything that is known. */
  tell(wall: number): Stamp {
    const whole = Math.min(Math.floor(wall), MAX_WALL)
    this.#last = whole > this.#last.wall ? { wall: whole, logical: 0 } : nextStamp(this.#last)
    return this.#last
  }

  /** Word of a moment elsewhere came at the time of day `wall`: whether it was near enough to be adopted. */
  hear(stamp: Stamp, wall: number): boolean {
    if (stamp.wall > wall + this.#maxDriftMs) return false
    if (compareStamps(stamp, this.#last) > 0) this.#last = stamp
    return true
  }
}
