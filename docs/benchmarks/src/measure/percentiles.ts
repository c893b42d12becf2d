/** Durations of single operations, kept one by one: percentiles are exact, not read from a histogram's buckets. */
export class Samples {
  #values = new Float64Array(65_536)
  #count = 0
  #sorted = true

  /** How many were added. */
  get count(): number {
    return this.#count
  }

  /** Takes one more; the unit is the caller's. */
  add(value: number): void {
    if (this.#count === this.#values.length) {
      const grown = new Float64Array(this.#values.length * 2)
      grown.set(this.#values)
      this.#values = grown
    }
    this.#values[this.#count++] = value
    this.#sorted = false
  }

  /** The smallest value that at least `share` (0 to 1) of all values do not exceed (nearest rank); NaN when there are none. */
  percentile(share: number): number {
    if (!this.#sorted) {
      this.#values.subarray(0, this.#count).sort()
      this.#sorted = true
    }
    const rank = Math.max(1, Math.ceil(share * this.#count))
    return this.#count === 0 ? Number.NaN : (this.#values[rank - 1] ?? Number.NaN)
  }
}

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
