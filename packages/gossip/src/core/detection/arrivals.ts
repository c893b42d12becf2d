/** Weight of a new interval in the mean, once as many have come: about the last hundred count. */
const GAIN = 1 / 100

/** log10 e: with exponential intervals, phi is the elapsed time in means, times this. */
const LOG10_E = Math.LOG10E

/** A level above which a member is suspected: Cassandra's. A false suspicion once in 10^8 intervals, were they exponential. */
export const PHI_THRESHOLD = 8

/**
 * When each member was heard last and at which intervals, by its index in the table (phi accrual, Hayashibara et al. 2004, with exponential intervals as in Cassandra: 18.4 mean intervals of silence
 * reach the threshold of 8).
 */
export class Arrivals {
  #last = new Float64Array(16)
  #means = new Float64Array(16)
  #counts = new Uint8Array(16)

  /** Begins to listen for a member; `expectedMs` stands in for intervals until some have come. */
  begin(index: number, now: number, expectedMs: number): void {
    this.#makeRoom(index)
    this.#last[index] = now
    this.#means[index] = expectedMs
    this.#counts[index] = 1
  }

  /** A member was heard. */
  add(index: number, now: number): void {
    const count = this.#counts[index] ?? 0
    if (count === 0) return
    const interval = now - (this.#last[index] ?? now)
    this.#last[index] = now
    // While few intervals are known each counts alike; later the old ones fade.
    const gain = Math.max(GAIN, 1 / (count + 1))
    const mean = this.#means[index] ?? 0
    this.#means[index] = mean + gain * (interval - mean)
    if (count < 0xff) this.#counts[index] = count + 1
  }

  /** How suspicious the silence of a member is: 1, 2, 3 stand for a chance of one in 10, 100, 1000 that it is nothing. */
  phi(index: number, now: number, leastMeanMs: number): number {
    if ((this.#counts[index] ?? 0) === 0) return 0
    const mean = Math.max(leastMeanMs, this.#means[index] ?? 0)
    return ((now - (this.#last[index] ?? now)) / mean) * LOG10_E
  }

  /** This process stood still: all were silent for it. */
  postpone(ms: number): void {
    for (let index = 0; index < this.#last.length; index++) this.#last[index] = (this.#last[index] ?? 0) + ms
  }

  /** The member is gone, or its index another's. */
  forget(index: number): void {
    if (index < this.#counts.length) this.#counts[index] = 0
  }

  #makeRoom(index: number): void {
    if (index < this.#last.length) return
    const size = Math.max(2 * this.#last.length, index + 1)
    const last = new Float64Array(size)
    const means = new Float64Array(size)
    const counts = new Uint8Array(size)
    last.set(this.#last)
    means.set(this.#means)
    counts.set(this.#counts)
    this.#last = last
    this.#means = means
    this.#counts = counts
  }
}
