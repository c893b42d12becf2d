/** The last time: 2^52. A peer that claims more is not believed, so that it cannot push the clock to its end. */
const END_OF_TIME = 2 ** 52

/** How far ahead of this clock a peer's may be. Clocks move by one a message; a leap of more is a mistake or an attack. */
const LARGEST_LEAP = 2 ** 40

/** Logical time (Lamport 1978): whatever a node says after it heard something has a greater time than that. */
export class LamportClock {
  #time = 0

  /** The time of the last event. */
  get time(): number {
    return this.#time
  }

  /** The time of a new event here. */
  advance(): number {
    this.#time++
    return this.#time
  }

  /** Whether a peer's time can be true. */
  accepts(time: number): boolean {
    return time > 0 && time < END_OF_TIME && time <= this.#time + LARGEST_LEAP
  }

  /** Takes in the time of something heard. */
  witness(time: number): void {
    if (time > this.#time) this.#time = time
  }
}
