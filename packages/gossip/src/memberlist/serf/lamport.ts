/** Counts, so that whatever is said after something was heard has a higher number (L. Lamport, "Time, clocks, and the ordering of events", 1978). */
export class LamportClock {
  // Serf's clocks begin at 1: nothing was ever said at 0.
  #time = 1

  /** The time that the next message gets. */
  get time(): number {
    return this.#time
  }

  /** Takes the time for a message; the next one gets a higher one. */
  take(): number {
    return this.#time++
  }

  /** Something was said at `time`. */
  witness(time: number): void {
    if (time >= this.#time) this.#time = time + 1
  }
}

/** The highest time that is believed: one above it leaves no room to count, for ever. */
export const MAX_LAMPORT: number = Number.MAX_SAFE_INTEGER - 1
