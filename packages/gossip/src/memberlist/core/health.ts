/** Local health goes from 0 (well) to one less than this (Lifeguard, section IV-A: S = 8). */
const LEVELS = 8

/** How well this node itself seems to be: whoever hears little should accuse others slowly (Lifeguard's local health multiplier). */
export class LocalHealth {
  #score = 0

  /** 0 is well, 7 is worst. */
  get score(): number {
    return this.#score
  }

  /** Better by a negative `delta`, worse by a positive one. */
  change(delta: number): void {
    this.#score = Math.min(LEVELS - 1, Math.max(0, this.#score + delta))
  }

  /** A time that is longer the less well this node is. */
  scale(ms: number): number {
    return ms * (this.#score + 1)
  }
}
