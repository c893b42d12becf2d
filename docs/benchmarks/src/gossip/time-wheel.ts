/** Milliseconds that fit on the wheel. */
const SLOTS = 65_536

/** Events by the whole millisecond, those of one millisecond in the order in which they were put in: a calendar queue, constant time for each. */
export class TimeWheel<Event> {
  readonly #slots: Event[][] = Array.from({ length: SLOTS }, () => [])
  #far: { readonly at: number; readonly event: Event }[] = []
  #now = 0

  /** Puts an event at `at`, or at the next millisecond where that is past. */
  push(at: number, event: Event): void {
    const time = Math.max(this.#now + 1, Math.ceil(at))
    if (time - this.#now < SLOTS) this.#slot(time).push(event)
    else this.#far.push({ at: time, event })
  }

  /** Goes to the next millisecond; what happens there. The list is used again. */
  advance(): readonly Event[] {
    this.#slot(this.#now).length = 0
    this.#now += 1
    if (this.#now % (SLOTS / 2) === 0) this.#bringNearer()
    return this.#slot(this.#now)
  }

  #bringNearer(): void {
    const far = this.#far
    this.#far = []
    for (const { at, event } of far) this.push(at, event)
  }

  #slot(time: number): Event[] {
    return this.#slots[time % SLOTS] as Event[]
  }
}
