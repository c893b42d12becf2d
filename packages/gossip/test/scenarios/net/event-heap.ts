/** Something that happens at a time. */
export interface Timed {
  readonly at: number
  /** Tells events of one instant apart, in the order in which they were added. */
  readonly order: number
}

/** A binary heap: the earliest first. */
export class EventHeap<Event extends Timed> {
  readonly #events: Event[] = []

  get size(): number {
    return this.#events.length
  }

  /** When the earliest is due; `Infinity` when there is none. */
  get next(): number {
    return this.#events[0]?.at ?? Infinity
  }

  push(event: Event): void {
    const events = this.#events
    let place = events.length
    events.push(event)
    while (place > 0) {
      const parent = (place - 1) >>> 1
      const above = events[parent] as Event
      if (isBefore(above, event)) break
      events[place] = above
      place = parent
    }
    events[place] = event
  }

  pop(): Event | undefined {
    const events = this.#events
    const first = events[0]
    const last = events.pop()
    if (last === undefined || events.length === 0) return first
    this.#sink(last)
    return first
  }

  #sink(event: Event): void {
    const events = this.#events
    const size = events.length
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= size) break
      if (child + 1 < size && isBefore(events[child + 1] as Event, events[child] as Event)) child += 1
      const below = events[child] as Event
      if (isBefore(event, below)) break
      events[place] = below
      place = child
    }
    events[place] = event
  }
}

function isBefore(one: Timed, other: Timed): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}
