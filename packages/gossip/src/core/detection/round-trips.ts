/** Weights of a new sample in the mean and in the deviation (Jacobson 1988; RFC 6298). */
const MEAN_GAIN = 1 / 8
const DEVIATION_GAIN = 1 / 4

/** So many deviations above the mean nearly every answer is there. */
const DEVIATIONS = 4

/** What a member needs that never answered: no estimate. */
const NONE = -1

/**
 * Round trips to each member, by its index in the table, as TCP estimates them: a smoothed mean and mean deviation. Eight bytes a member.
 */
export class RoundTrips {
  #means = new Float32Array(16).fill(NONE)
  #deviations = new Float32Array(16)

  /** The mean, in milliseconds; `undefined` where there was no answer yet. */
  mean(index: number): number | undefined {
    const mean = this.#means[index] ?? NONE
    return mean === NONE ? undefined : mean
  }

  /** How long to wait for an answer, from `least` to `most`; `most` where nothing is known. */
  timeout(index: number, least: number, most: number): number {
    const mean = this.mean(index)
    if (mean === undefined) return most
    return Math.min(most, Math.max(least, mean + DEVIATIONS * (this.#deviations[index] ?? 0)))
  }

  /** An answer came after so many milliseconds. */
  add(index: number, sample: number): void {
    this.#makeRoom(index)
    const mean = this.#means[index] ?? NONE
    if (mean === NONE) {
      this.#means[index] = sample
      this.#deviations[index] = sample / 2
      return
    }
    const error = sample - mean
    const deviation = this.#deviations[index] ?? 0
    this.#means[index] = mean + MEAN_GAIN * error
    this.#deviations[index] = deviation + DEVIATION_GAIN * (Math.abs(error) - deviation)
  }

  /** The index belongs to another member from now on, or to another place. */
  forget(index: number): void {
    if (index < this.#means.length) this.#means[index] = NONE
  }

  #makeRoom(index: number): void {
    if (index < this.#means.length) return
    const size = Math.max(2 * this.#means.length, index + 1)
    const means = new Float32Array(size).fill(NONE)
    means.set(this.#means)
    const deviations = new Float32Array(size)
    deviations.set(this.#deviations)
    this.#means = means
    this.#deviations = deviations
  }
}
