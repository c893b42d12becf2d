const WORDS = 32

/** How far behind the newest counter one may be, at most, and still be taken: datagrams overtake each other, and streams take their time. */
export const WINDOW_COUNTERS: number = (WORDS - 1) * 32

/** Which of a sender's last counters have come: a ring of bits (RFC 6479). 0 to 2^32 - 1. */
export class ReplayWindow {
  readonly #bits = new Uint32Array(WORDS)
  #highest = -1

  /** Whether this counter has not come yet, as far as can be told: one that is too old counts as come. */
  isNew(counter: number): boolean {
    if (counter > this.#highest) return true
    if (this.#highest - counter >= WINDOW_COUNTERS) return false
    return ((this.#bits[(counter >>> 5) % WORDS] ?? 0) & (1 << (counter & 31))) === 0
  }

  /** This counter has come. Only for one that is new. */
  add(counter: number): void {
    if (counter > this.#highest) {
      const current = this.#highest < 0 ? -1 : this.#highest >>> 5
      const passed = Math.min((counter >>> 5) - current, WORDS)
      for (let step = 1; step <= passed; step++) this.#bits[(current + step) % WORDS] = 0
      this.#highest = counter
    }
    const word = (counter >>> 5) % WORDS
    this.#bits[word] = (this.#bits[word] ?? 0) | (1 << (counter & 31))
  }
}
