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

function before(left: ScheduledEvent, right: ScheduledEvent): boolean {
  return left.time < right.time || (left.time === right.time && left.order < right.order)
}

/** A binary min-heap of events. */
export class EventQueue {
  #heap: ScheduledEvent[] = []

  /** Events that wait, cancelled ones included. */
  get size(): number {
    return this.#heap.length
  }

  /** The earliest event, without removing it. */
  peek(): ScheduledEvent | undefined {
    return this.#heap[0]
  }

  /** Adds an event. */
  push(event: ScheduledEvent): void {
    const heap = this.#heap
    let hole = heap.length
    heap.push(event)
    while (hole > 0) {
      const up = (hole - 1) >> 1
      const parent = heap[up] as ScheduledEvent
      if (!before(event, parent)) break
      heap[hole] = parent
      hole = up
    }
    heap[hole] = event
  }

  /** Removes and returns the earliest event. */
  pop(): ScheduledEvent | undefined {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (last !== undefined && last !== top) this.#sink(last)
    return top
  }

  /** Takes out every event that `wanted` accepts, in no particular order. Linear: meant for rare events such as a change of a clock's rate. */
  extract(wanted: (event: ScheduledEvent) => boolean): ScheduledEvent[] {
    const taken: ScheduledEvent[] = []
    const kept: ScheduledEvent[] = []
    for (const event of this.#heap) (wanted(event) ? taken : kept).push(event)
    this.#heap = []
    for (const event of kept) this.push(event)
    return taken
  }

  #sink(event: ScheduledEvent): void {
    const heap = this.#heap
    const size = heap.length
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= size) break
      if (child + 1 < size && before(heap[child + 1] as ScheduledEvent, heap[child] as ScheduledEvent))
        child += 1
      const smallest = heap[child] as ScheduledEvent
      if (!before(smallest, event)) break
      heap[hole] = smallest
      hole = child
    }
    heap[hole] = event
  }
}
