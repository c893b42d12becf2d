/**
 * Told instead of the events that a slow reader missed, at the place where they are missing.
 * @category Members
 */
export interface DroppedEvents {
  /** Which event. */
  readonly type: 'dropped'
  /** How many. */
  readonly count: number
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }

/**
 * The readers of one ordered stream of events. Each has a buffer of its own with a limit: when its reader is too slow the oldest events are
 * dropped, and it is told how many, where they would have been.
 */
export class EventStreams<Event> {
  readonly #readers = new Set<EventReader<Event>>()
  #dropped = 0
  #ended = false

  /** Whether anybody reads. */
  get active(): boolean {
    return this.#readers.size > 0
  }

  /** How many events were dropped, for all readers together. */
  get dropped(): number {
    return this.#dropped
  }

  /** A sequence that begins now. It collects from this call on, not only from the first `next`, so that nothing is missed between the two. */
  open(limit: number, signal?: AbortSignal): AsyncIterableIterator<Event | DroppedEvents> {
    const end = (): void => reader.end()
    const reader = new EventReader<Event>(limit, {
      dropped: () => (this.#dropped += 1),
      release: () => {
        this.#readers.delete(reader)
        // A long-lived signal must not collect every loop that was ever bound to it.
        signal?.removeEventListener('abort', end)
      },
    })
    if (this.#ended || signal?.aborted === true) reader.end()
    else {
      this.#readers.add(reader)
      signal?.addEventListener('abort', end)
    }
    return reader
  }

  /** Gives an event to every reader. */
  push(event: Event): void {
    for (const reader of this.#readers) reader.push(event)
  }

  /** Ends every sequence once what is buffered was read; none begins any more. */
  end(): void {
    this.#ended = true
    for (const reader of this.#readers) reader.end()
  }
}

interface Owner {
  readonly dropped: () => void
  readonly release: () => void
}

class EventReader<Event> implements AsyncIterableIterator<Event | DroppedEvents> {
  readonly #limit: number
  readonly #owner: Owner
  /** A ring that grows up to the limit. */
  #buffer: Event[] = []
  #first = 0
  #missing = 0
  #waiting: ((result: IteratorResult<Event | DroppedEvents, undefined>) => void)[] = []
  #ended = false

  constructor(limit: number, owner: Owner) {
    this.#limit = limit
    this.#owner = owner
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  push(event: Event): void {
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) {
      waiting({ done: false, value: event })
      return
    }
    if (this.#buffer.length < this.#limit) {
      this.#buffer.push(event)
      return
    }
    this.#buffer[this.#first] = event
    this.#first = (this.#first + 1) % this.#limit
    this.#missing += 1
    this.#owner.dropped()
  }

  next(): Promise<IteratorResult<Event | DroppedEvents, undefined>> {
    if (this.#missing > 0) {
      const count = this.#missing
      this.#missing = 0
      this.#straighten()
      return Promise.resolve({ done: false, value: { type: 'dropped', count } })
    }
    const { value, done } = this.#take()
    if (!done) return Promise.resolve({ done: false, value })
    if (this.#ended) return Promise.resolve(DONE)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#buffer = []
    this.#first = 0
    this.#missing = 0
    this.end()
    return Promise.resolve(DONE)
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#owner.release()
    for (const resolve of this.#waiting) resolve(DONE)
    this.#waiting = []
  }

  /** Oldest first, so that the buffer may be taken from its beginning and grow at its end. */
  #straighten(): void {
    this.#buffer = [...this.#buffer.slice(this.#first), ...this.#buffer.slice(0, this.#first)]
    this.#first = 0
  }

  #take():
    { readonly value: Event; readonly done: false } | { readonly value?: undefined; readonly done: true } {
    if (this.#buffer.length === 0) return { done: true }
    // Events are objects: an absent one is no event.
    const value = this.#buffer.shift() as Event
    return { value, done: false }
  }
}
