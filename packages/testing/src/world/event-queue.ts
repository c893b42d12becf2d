/// <reference lib="esnext.disposable" preserve="true" />

/**
 * Order within one instant: what must come first of all, timers that expired during a pause, then what arrived during it, then ordinary
 * events in seeded order, then `afterInput` tasks. Only a node that was paused or busy ever has events of the second and third phase.
 */
export const PHASE_FIRST = -1
/** Timers that waited for a paused node. */
export const PHASE_EXPIRED = 0
/** Frames, disk completions and calls that waited for a paused node. */
export const PHASE_ARRIVED = 1
/** Everything else: ties are broken by the seed. */
export const PHASE_NORMAL = 2
/** `Clock.afterInput`. */
export const PHASE_AFTER_INPUT = 3

/**
 * Ties are below this: with the phases they fit into 31 bits, which engines keep in an object's field as they are. A larger number would be one more
 * object an event.
 */
export const TIES = 536_870_912

/** What an event is to the process that gets it; decides its place after a pause. */
export type EventKind = 'timer' | 'frame' | 'input' | 'after-input'

/** Whose event it is: an incarnation of a node. The world's own events have no owner. */
export interface EventOwner {
  /** Small number that stands for the node in traces. */
  readonly index: number
  /** The node. */
  readonly id: string
  /** A dead owner's events are discarded. */
  readonly alive: boolean
  /** The next tie among events of one instant, below {@link TIES}: from a stream of the owner's own, so that others' events do not change it. */
  drawTie(): number
  /** An owner that is paused or busy keeps the event, returns `true`, and pushes it again when its time has come. */
  keep(event: ScheduledEvent): boolean
  /** One of its events ran. */
  ran(): void
}

/** Position of an event within its instant; `tie` is below {@link TIES}. */
export function orderWithin(phase: number, tie: number): number {
  return (phase - 1) * TIES + tie
}

/** One event in the queue. */
export abstract class ScheduledEvent {
  /** When, in virtual microseconds. */
  time: number
  /** Phase and tie within the instant, see {@link orderWithin}. */
  order: number
  /** Whose it is. */
  readonly owner: EventOwner | undefined
  /** What it is to its owner. */
  readonly kind: EventKind
  /** Passed over when it comes up: removing from the middle of a heap would cost more. */
  cancelled = false

  constructor(time: number, order: number, owner: EventOwner | undefined, kind: EventKind) {
    this.time = time
    this.order = order
    this.owner = owner
    this.kind = kind
  }

  /** What happens. */
  abstract run(): void

  /** What happens in place of it when the owner is dead. */
  discard(): void {}
}

const nothing = (): void => undefined

/** A timer, a completion, a call: anything that is just a function. Disposing of it cancels it. */
export class TaskEvent extends ScheduledEvent implements Disposable {
  /** For timers: when it is due on the owner's clock, in local microseconds. */
  readonly localDue: number
  #task: () => void

  constructor(
    time: number,
    order: number,
    owner: EventOwner | undefined,
    kind: EventKind,
    task: () => void,
    localDue: number,
  ) {
    super(time, order, owner, kind)
    this.#task = task
    this.localDue = localDue
  }

  override run(): void {
    this.#task()
  }

  [Symbol.dispose](): void {
    this.cancelled = true
    // A cancelled timer may stay in the heap for long: it must not hold on to what its task holds.
    this.#task = nothing
  }
}

/** Events that there is room for at first. */
const FIRST_CAPACITY = 256

/**
 * A binary min-heap of events. What is compared and moved are plain numbers in typed arrays; the events themselves stay where they were put, since moving a reference
 * about costs the collector's bookkeeping each time, and looking into an event for its time a memory access.
 */
export class EventQueue {
  #times: Float64Array = new Float64Array(FIRST_CAPACITY)
  #orders: Int32Array = new Int32Array(FIRST_CAPACITY)
  /** Which of the events it is. Behind the heap: the places that are free. */
  #slots: Int32Array = Int32Array.from({ length: FIRST_CAPACITY }, (_, slot) => slot)
  readonly #events: (ScheduledEvent | undefined)[] = []
  #size = 0

  /** Events that wait, cancelled ones included. */
  get size(): number {
    return this.#size
  }

  /** The earliest event, without removing it. */
  peek(): ScheduledEvent | undefined {
    return this.#size === 0 ? undefined : this.#events[this.#slots[0] as number]
  }

  /** Adds an event. Its time and place must not change while it waits. */
  push(event: ScheduledEvent): void {
    if (this.#size === this.#times.length) this.#grow()
    const slot = this.#slots[this.#size] as number
    this.#events[slot] = event
    this.#rise(this.#size, event.time, event.order, slot)
    this.#size += 1
  }

  /** Removes and returns the earliest event. */
  pop(): ScheduledEvent | undefined {
    if (this.#size === 0) return undefined
    const slots = this.#slots
    const slot = slots[0] as number
    const top = this.#events[slot]
    this.#events[slot] = undefined
    const last = this.#size - 1
    this.#size = last
    const moved = slots[last] as number
    slots[last] = slot
    if (last > 0) this.#sink(this.#times[last] as number, this.#orders[last] as number, moved)
    return top
  }

  /** Takes out every event that `wanted` accepts, in no particular order. Linear: meant for rare events such as a change of a clock's rate. */
  extract(wanted: (event: ScheduledEvent) => boolean): ScheduledEvent[] {
    const taken: ScheduledEvent[] = []
    const kept: ScheduledEvent[] = []
    for (let place = 0; place < this.#size; place += 1) {
      const event = this.#events[this.#slots[place] as number] as ScheduledEvent
      ;(wanted(event) ? taken : kept).push(event)
    }
    this.#size = 0
    this.#events.fill(undefined)
    for (const event of kept) this.push(event)
    return taken
  }

  #rise(from: number, time: number, order: number, slot: number): void {
    const times = this.#times
    const orders = this.#orders
    const slots = this.#slots
    let hole = from
    while (hole > 0) {
      const up = (hole - 1) >> 1
      const upTime = times[up] as number
      if (upTime < time || (upTime === time && (orders[up] as number) <= order)) break
      times[hole] = upTime
      orders[hole] = orders[up] as number
      slots[hole] = slots[up] as number
      hole = up
    }
    times[hole] = time
    orders[hole] = order
    slots[hole] = slot
  }

  #sink(time: number, order: number, slot: number): void {
    const times = this.#times
    const orders = this.#orders
    const slots = this.#slots
    const size = this.#size
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= size) break
      let childTime = times[child] as number
      const next = child + 1
      if (next < size) {
        const nextTime = times[next] as number
        if (
          nextTime < childTime ||
          (nextTime === childTime && (orders[next] as number) < (orders[child] as number))
        ) {
          child = next
          childTime = nextTime
        }
      }
      if (childTime > time || (childTime === time && (orders[child] as number) >= order)) break
      times[hole] = childTime
      orders[hole] = orders[child] as number
      slots[hole] = slots[child] as number
      hole = child
    }
    times[hole] = time
    orders[hole] = order
    slots[hole] = slot
  }

  #grow(): void {
    const size = this.#size
    const [times, orders, slots] = [this.#times, this.#orders, this.#slots]
    this.#times = new Float64Array(2 * size)
    this.#orders = new Int32Array(2 * size)
    this.#slots = Int32Array.from({ length: 2 * size }, (_, slot) => slot)
    this.#times.set(times)
    this.#orders.set(orders)
    this.#slots.set(slots)
  }
}
