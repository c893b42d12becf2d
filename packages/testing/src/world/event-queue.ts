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

/**
 * A binary min-heap of events. Their times and places stand beside them in arrays of plain numbers: comparing is most of the work, and looking into an event for it would
 * be a memory access each.
 */
export class EventQueue {
  #heap: ScheduledEvent[] = []
  #times: number[] = []
  #orders: number[] = []

  /** Events that wait, cancelled ones included. */
  get size(): number {
    return this.#heap.length
  }

  /** The earliest event, without removing it. */
  peek(): ScheduledEvent | undefined {
    return this.#heap[0]
  }

  /** Adds an event. Its time and place must not change while it waits. */
  push(event: ScheduledEvent): void {
    const { time, order } = event
    let hole = this.#heap.length
    while (hole > 0) {
      const up = (hole - 1) >> 1
      if (!this.#isAfter(up, time, order)) break
      this.#move(up, hole)
      hole = up
    }
    this.#put(hole, event, time, order)
  }

  /** Removes and returns the earliest event. */
  pop(): ScheduledEvent | undefined {
    const top = this.#heap[0]
    const last = this.#heap.pop()
    const time = this.#times.pop() as number
    const order = this.#orders.pop() as number
    if (last !== undefined && last !== top) this.#sink(last, time, order)
    return top
  }

  /** Takes out every event that `wanted` accepts, in no particular order. Linear: meant for rare events such as a change of a clock's rate. */
  extract(wanted: (event: ScheduledEvent) => boolean): ScheduledEvent[] {
    const taken: ScheduledEvent[] = []
    const kept: ScheduledEvent[] = []
    for (const event of this.#heap) (wanted(event) ? taken : kept).push(event)
    this.#heap = []
    this.#times = []
    this.#orders = []
    for (const event of kept) this.push(event)
    return taken
  }

  #sink(event: ScheduledEvent, time: number, order: number): void {
    const times = this.#times
    const orders = this.#orders
    const size = times.length
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
      this.#move(child, hole)
      hole = child
    }
    this.#put(hole, event, time, order)
  }

  /** Whether the event at a place comes after one of this time and order. */
  #isAfter(place: number, time: number, order: number): boolean {
    const other = this.#times[place] as number
    return other > time || (other === time && (this.#orders[place] as number) > order)
  }

  #move(from: number, to: number): void {
    this.#put(
      to,
      this.#heap[from] as ScheduledEvent,
      this.#times[from] as number,
      this.#orders[from] as number,
    )
  }

  #put(place: number, event: ScheduledEvent, time: number, order: number): void {
    this.#heap[place] = event
    this.#times[place] = time
    this.#orders[place] = order
  }
}
