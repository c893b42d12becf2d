import type { LamportClock } from './lamport.ts'
import type { UserEvent } from './serf-messages.ts'

/** How many times are remembered, as in every peer. */
const TIMES = 512
/** Most events that share one time, and most bytes of all that are remembered. */
const MAX_SHARED = 64
const MAX_BYTES = 2 * 1024 * 1024

interface Slot {
  readonly time: number
  readonly events: UserEvent[]
}

/** Recent user events: each is handed on once, and those who missed some get them in a push/pull. */
export class EventLog {
  readonly #clock: LamportClock
  readonly #slots = new Map<number, Slot>()
  #bytes = 0
  /** Nothing before this is taken: it was before this node's time, or is not remembered any more. */
  #minTime = 0

  constructor(clock: LamportClock) {
    this.#clock = clock
  }

  /** Takes in an event. Whether it is new. */
  take(event: UserEvent): boolean {
    this.#clock.witness(event.time)
    const newest = this.#clock.time
    if (event.time < this.#minTime || event.time + TIMES < newest) return false
    const at = event.time % TIMES
    const known = this.#slots.get(at)
    const slot = known?.time === event.time ? known : { time: event.time, events: [] }
    if (slot.events.length >= MAX_SHARED || slot.events.some((other) => isSame(other, event))) return false
    if (slot !== known) {
      this.#drop(at)
      this.#slots.set(at, slot)
    }
    // A view of a packet would keep all of it alive.
    slot.events.push({ ...event, payload: event.payload.slice() })
    this.#bytes += sizeOf(event)
    while (this.#bytes > MAX_BYTES) this.#dropOldest()
    return true
  }

  /** Events before `time` are not wanted: they are from before this node came. */
  ignoreBefore(time: number): void {
    this.#minTime = Math.max(this.#minTime, time)
  }

  /** Everything that is remembered, for a push/pull. */
  recent(): UserEvent[] {
    return [...this.#slots.values()].flatMap(({ events }) => events)
  }

  #dropOldest(): void {
    let oldest: number | undefined
    for (const [at, { time }] of this.#slots) {
      if (oldest === undefined || time < (this.#slots.get(oldest)?.time ?? 0)) oldest = at
    }
    if (oldest === undefined) return
    // What is forgotten must not be taken for new when it comes again.
    this.ignoreBefore((this.#slots.get(oldest)?.time ?? 0) + 1)
    this.#drop(oldest)
  }

  #drop(at: number): void {
    for (const event of this.#slots.get(at)?.events ?? []) this.#bytes -= sizeOf(event)
    this.#slots.delete(at)
  }
}

function sizeOf(event: UserEvent): number {
  return event.name.length + event.payload.length
}

function isSame(a: UserEvent, b: UserEvent): boolean {
  return (
    a.name === b.name &&
    a.payload.length === b.payload.length &&
    a.payload.every((byte, at) => b.payload[at] === byte)
  )
}
