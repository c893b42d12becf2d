import type { Random } from '@colony/host'

const NOWHERE = -1

/**
 * The other members that are present, in the random order in which they are probed: each once a round, then the order is shuffled anew (SWIM, section 4.3). So a member
 * that fails is probed by everybody within 2n - 1 intervals at the latest, and a newcomer, which is put at a random place, need not wait for a round.
 *
 * Invariant: what is before the cursor was probed in this round (or came since and has missed it), what is after it was not.
 */
export class Rotation {
  readonly #random: Random
  #order: Int32Array = new Int32Array(16)
  /** Where in the order a member is, by its index in the table. */
  #places: Int32Array = new Int32Array(16).fill(NOWHERE)
  #size = 0
  #cursor = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** How many are in it. */
  get size(): number {
    return this.#size
  }

  has(index: number): boolean {
    return (this.#places[index] ?? NOWHERE) !== NOWHERE
  }

  /** The index of the member at one of the places 0 to size - 1. */
  at(place: number): number {
    return this.#order[place] ?? 0
  }

  /** The index of the next member to be probed; undefined when there is nobody. */
  next(): number | undefined {
    if (this.#size === 0) return undefined
    if (this.#cursor >= this.#size) this.#shuffle()
    return this.#order[this.#cursor++]
  }

  /** Takes in a member at a random place. */
  add(index: number): void {
    if (this.has(index)) return
    this.#makeRoom(index)
    const place = this.#random.integer(0, this.#size)
    const last = this.#size++
    if (place >= this.#cursor) {
      this.#move(this.#order[place] ?? 0, last, place !== last)
      this.#put(index, place)
      return
    }
    // Into the part that was probed: the first of the other part goes to the end, and the one that stood here takes its place.
    this.#move(this.#order[this.#cursor] ?? 0, last, this.#cursor !== last)
    this.#put(this.#order[place] ?? 0, this.#cursor)
    this.#put(index, place)
    this.#cursor++
  }

  /** Lets a member go; the others keep their parts. */
  delete(index: number): void {
    let place = this.#places[index] ?? NOWHERE
    if (place === NOWHERE) return
    this.#places[index] = NOWHERE
    if (place < this.#cursor) {
      this.#cursor--
      this.#move(this.#order[this.#cursor] ?? 0, place, place !== this.#cursor)
      place = this.#cursor
    }
    this.#size--
    this.#move(this.#order[this.#size] ?? 0, place, place !== this.#size)
  }

  #move(index: number, place: number, when: boolean): void {
    if (when) this.#put(index, place)
  }

  #put(index: number, place: number): void {
    this.#order[place] = index
    this.#places[index] = place
  }

  #shuffle(): void {
    for (let place = this.#size - 1; place > 0; place--) {
      const other = this.#random.integer(0, place)
      const index = this.at(place)
      this.#put(this.at(other), place)
      this.#put(index, other)
    }
    this.#cursor = 0
  }

  #makeRoom(index: number): void {
    if (this.#size === this.#order.length) {
      const order = new Int32Array(2 * this.#size)
      order.set(this.#order)
      this.#order = order
    }
    if (index < this.#places.length) return
    const places = new Int32Array(Math.max(2 * this.#places.length, index + 1)).fill(NOWHERE)
    places.set(this.#places)
    this.#places = places
  }
}
