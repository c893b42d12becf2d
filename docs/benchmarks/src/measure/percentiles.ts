/** Classes within each power of two: a value and the lower end of its class differ by less than 0.1 %. */
const CLASSES_BITS = 10
const CLASSES = 1 << CLASSES_BITS
/** From 2^-14 (60 ns, in milliseconds) up to 2^22 (70 minutes). What lies outside counts as the nearest that does not. */
const LEAST_EXPONENT = -14
const EXPONENTS = 36
/** Where doubles keep their exponent, and what they add to it. */
const EXPONENT_SHIFT = 20
const EXPONENT_BIAS = 1023
const FIRST_CLASS = (EXPONENT_BIAS + LEAST_EXPONENT) * CLASSES
const HIGH_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0

/**
 * Durations of single operations, counted in classes a thousandth wide. Not kept one by one: they are counted in the process that is measured, and sorting the
 * millions of a fast run would stop its event loop for longer than an election timeout, which costs a leader its lead.
 */
export class Samples {
  readonly #counts = new Uint32Array(EXPONENTS * CLASSES)
  readonly #number = new Float64Array(1)
  readonly #words = new Uint32Array(this.#number.buffer)
  #count = 0
  #greatest = 0

  /** How many were added. */
  get count(): number {
    return this.#count
  }

  /** Takes one more, zero or above; the unit is the caller's. */
  add(value: number): void {
    this.#number[0] = value
    // A double's upper bits are its exponent and then the leading bits of what follows: already a class on a logarithmic scale.
    const at = ((this.#words[HIGH_WORD] ?? 0) >>> (EXPONENT_SHIFT - CLASSES_BITS)) - FIRST_CLASS
    const inRange = Math.min(Math.max(at, 0), this.#counts.length - 1)
    this.#counts[inRange] = (this.#counts[inRange] ?? 0) + 1
    this.#count++
    if (value > this.#greatest) this.#greatest = value
  }

  /** The smallest value that at least `share` (0 to 1) of all values do not exceed (nearest rank), at most 0.1 % too small; NaN when there are none. The greatest is exact. */
  percentile(share: number): number {
    if (this.#count === 0) return Number.NaN
    const rank = Math.max(1, Math.ceil(share * this.#count))
    if (rank === this.#count) return this.#greatest
    let at = 0
    for (let left = rank - (this.#counts[0] ?? 0); left > 0; left -= this.#counts[at] ?? 0) at++
    return lowerEnd(at)
  }
}

function lowerEnd(at: number): number {
  const exponent = Math.floor(at / CLASSES) + LEAST_EXPONENT
  return at === 0 ? 0 : 2 ** exponent * (1 + (at % CLASSES) / CLASSES)
}

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
