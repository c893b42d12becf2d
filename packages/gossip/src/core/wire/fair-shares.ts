import type { Section } from '../component.ts'

/** One class of what is piggybacked, and its part of the room in packets. */
export interface PacketClass {
  readonly section: Section
  /** Relative: a class with 2 gets twice the room of one with 1 while both have more to say than fits. */
  readonly weight: number
}

/** Tag and length around a section's body, while it is shorter than 16 KiB. */
export const SECTION_OVERHEAD = 4

/**
 * Divides the room of packets among the classes that have something to say, in proportion to their weights (deficit round robin, Shreedhar & Varghese 1995): what a class
 * was entitled to and could not use, because its next item is larger than its share of one packet, it keeps as credit for the next ones. So no class waits for ever behind
 * another, neither one with small news behind one with large messages nor the reverse; and room that one does not need goes to the others at once.
 */
export class FairShares {
  readonly #classes: readonly PacketClass[]
  readonly #largestRoom: number
  /** Bytes that each class may use, by index of class; never above the room of one empty packet. */
  readonly #credits: Float64Array
  /** Indexes of the classes with something to say in this round, greatest credit first; the first `#count` are meant. */
  readonly #order: Int32Array
  readonly #backlogs: Float64Array
  #count = 0

  /** `largestRoom`: of a packet that holds nothing else. */
  constructor(classes: readonly PacketClass[], largestRoom: number) {
    this.#classes = classes
    this.#largestRoom = largestRoom
    this.#credits = new Float64Array(classes.length)
    this.#order = new Int32Array(classes.length)
    this.#backlogs = new Float64Array(classes.length)
  }

  /** About how many bytes wait in all classes; 0 when there is nothing to say. */
  get backlog(): number {
    let backlog = 0
    for (const { section } of this.#classes) backlog += section.backlog
    return backlog
  }

  /**
   * Lets every class that has something to say write once, through `write`, with the budget that is its own in a packet with `room` bytes left. `write` says how many bytes the
   * packet grew by.
   */
  divide(room: number, write: (section: Section, budget: number) => number): void {
    this.#enter(room)
    let left = room
    for (let position = 0; position < this.#count; position++) {
      const index = this.#order[position] ?? 0
      const budget = left - this.#reservedAfter(position)
      const used = budget > 0 ? write(this.#section(index), budget) : 0
      left -= used
      this.#credits[index] = Math.max(0, (this.#credits[index] ?? 0) - used)
    }
  }

  /** Gives each class that has something to say its part of `room`, and puts them in order. A class that is silent keeps no credit. */
  #enter(room: number): void {
    let weights = 0
    this.#count = 0
    for (let index = 0; index < this.#classes.length; index++) {
      const backlog = this.#section(index).backlog
      this.#backlogs[index] = backlog
      if (backlog > 0) weights += this.#weight(index)
      else this.#credits[index] = 0
    }
    for (let index = 0; index < this.#classes.length; index++) {
      if ((this.#backlogs[index] ?? 0) <= 0) continue
      const share = (room * this.#weight(index)) / weights
      this.#credits[index] = Math.min((this.#credits[index] ?? 0) + share, this.#largestRoom)
      this.#insert(index)
    }
  }

  /** Insertion sort of a handful: greatest credit first, so that a saved-up credit is used while the room is there. */
  #insert(index: number): void {
    const credit = this.#credits[index] ?? 0
    let position = this.#count++
    while (position > 0 && (this.#credits[this.#order[position - 1] ?? 0] ?? 0) < credit) {
      this.#order[position] = this.#order[position - 1] ?? 0
      position--
    }
    this.#order[position] = index
  }

  /** What those who come after `position` are entitled to and have a use for. */
  #reservedAfter(position: number): number {
    let reserved = 0
    for (let later = position + 1; later < this.#count; later++) {
      const index = this.#order[later] ?? 0
      const wanted = (this.#backlogs[index] ?? 0) + SECTION_OVERHEAD
      reserved += Math.floor(Math.min(wanted, this.#credits[index] ?? 0))
    }
    return reserved
  }

  #section(index: number): Section {
    return (this.#classes[index] as PacketClass).section
  }

  #weight(index: number): number {
    return (this.#classes[index] as PacketClass).weight
  }
}
