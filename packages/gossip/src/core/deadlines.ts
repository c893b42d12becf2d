import type { Component } from './component.ts'

/**
 * Knows when the next of all parts is due. In a quiet cluster nothing happens but probes and answers, and those concern a few parts only: to ask all the others after each
 * packet would take most of the time that a packet takes.
 */
export class Deadlines {
  readonly #state: { changes: number }
  /** Asked every time. */
  readonly #restless: readonly Component[]
  /** Asked only when something changed. */
  readonly #others: readonly Component[]
  /** Not above the earliest of the others, while nothing changed. */
  #earliestOther = Number.NEGATIVE_INFINITY
  #changes = -1

  constructor(state: { changes: number }, restless: readonly Component[], others: readonly Component[]) {
    this.#state = state
    this.#restless = restless
    this.#others = others
  }

  /** Something happened that any part may wait for. */
  changed(): void {
    this.#state.changes++
  }

  /** Ticks all parts that are due. */
  tick(now: number): void {
    for (const component of this.#restless) if (component.deadline <= now) component.tick()
    if (this.#othersEarliest > now) return
    for (const component of this.#others) if (component.deadline <= now) component.tick()
    this.changed()
  }

  /** The earliest of all. */
  get earliest(): number {
    let earliest = this.#othersEarliest
    for (const component of this.#restless) earliest = Math.min(earliest, component.deadline)
    return earliest
  }

  /** The earliest of all, asked one by one: for checking that nothing is missed. */
  get exact(): number {
    const all = [...this.#restless, ...this.#others]
    return all.reduce((earliest, component) => Math.min(earliest, component.deadline), Infinity)
  }

  get #othersEarliest(): number {
    if (this.#changes === this.#state.changes) return this.#earliestOther
    this.#changes = this.#state.changes
    this.#earliestOther = Number.POSITIVE_INFINITY
    for (const component of this.#others) {
      this.#earliestOther = Math.min(this.#earliestOther, component.deadline)
    }
    return this.#earliestOther
  }
}
