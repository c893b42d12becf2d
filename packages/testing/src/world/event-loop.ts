import type { Random } from '@colony/host'
import type { ScheduledEvent } from './event-queue.ts'
import { PHASE_AFTER_INPUT, PHASE_ARRIVED, PHASE_EXPIRED } from './event-queue.ts'
import type { Scheduler } from './scheduler.ts'

/** What became due for a process that could not run it: each kind in the order in which it became due. */
interface Backlog {
  readonly expired: ScheduledEvent[]
  readonly arrived: ScheduledEvent[]
  readonly afterInput: ScheduledEvent[]
}

/**
 * The event loop of one process. While the process is stopped (`pause`) or busy with an event (`slow`), what becomes due waits, and comes
 * afterwards in the order of a real loop's turn: expired timers, then what arrived, then what was asked for after the input.
 */
export class EventLoop {
  readonly #scheduler: Scheduler
  readonly #random: Random
  #paused = false
  #busy = false
  #maxBusyMicros = 0
  #backlog: Backlog = emptyBacklog()
  /** The turn that a slow loop is in: it takes these before anything that becomes due meanwhile. */
  #turn: ScheduledEvent[] = []
  /** Whether anything may be waiting. */
  #loaded = false
  /** The one event that need not wait, because its time has come. */
  #released: ScheduledEvent | undefined

  /** `random` decides how long each event keeps a slow loop busy. */
  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler
    this.#random = random
  }

  /** Stopped by `pause`, and not yet resumed. */
  get paused(): boolean {
    return this.#paused
  }

  /** From now on each event keeps the loop busy for up to so many microseconds. */
  slow(maxBusyMicros: number): void {
    this.#maxBusyMicros = maxBusyMicros
  }

  /** Whether an event that is due has to wait; it is kept then. */
  keep(event: ScheduledEvent): boolean {
    const released = this.#released
    if (event === released) {
      this.#released = undefined
      if (!this.#paused) return false
      this.#loaded = true
      this.#turn.unshift(event)
      return true
    }
    const othersFirst = released !== undefined && !released.cancelled
    if (!this.#paused && !this.#busy && !othersFirst) return false
    this.#loaded = true
    const { expired, arrived, afterInput } = this.#backlog
    if (event.kind === 'timer') expired.push(event)
    else if (event.kind === 'after-input') afterInput.push(event)
    else arrived.push(event)
    return true
  }

  /** An event ran: a slow loop is busy for a while. */
  ran(): void {
    if (this.#maxBusyMicros > 0) {
      this.#busy = true
      const busyFor = 1 + Math.floor(this.#random.float() * this.#maxBusyMicros)
      this.#scheduler.addFirst(busyFor, this.#wake)
    } else if (this.#loaded) this.#releaseAll()
  }

  /** SIGSTOP. */
  pause(): void {
    this.#paused = true
  }

  /** SIGCONT: what waited comes now. */
  resume(): void {
    this.#paused = false
    if (!this.#busy) this.#releaseAll()
  }

  /** Ends the loop; returns what waited. */
  end(): readonly ScheduledEvent[] {
    const { expired, arrived, afterInput } = this.#backlog
    const waiting = [...this.#turn, ...expired, ...arrived, ...afterInput]
    this.#forget()
    return waiting
  }

  readonly #wake = (): void => {
    this.#scheduler.ranNothing()
    this.#busy = false
    if (this.#paused) return
    if (this.#maxBusyMicros === 0) return this.#releaseAll()
    const next = this.#next()
    if (next === undefined) return
    this.#released = next
    this.#scheduler.again(next, PHASE_EXPIRED, 0)
  }

  #next(): ScheduledEvent | undefined {
    for (;;) {
      if (this.#turn.length === 0) this.#beginTurn()
      const next = this.#turn.shift()
      if (next?.cancelled !== true) return next
    }
  }

  #beginTurn(): void {
    const { expired, arrived, afterInput } = this.#backlog
    this.#turn = [...expired, ...arrived, ...afterInput]
    this.#backlog = emptyBacklog()
  }

  /** What the turn was to take after its input now comes after all input: a quick loop reads what came meanwhile first. */
  #releaseAll(): void {
    const turn = this.#turn
    const asked = (event: ScheduledEvent): boolean => event.kind === 'after-input'
    const { expired, arrived, afterInput } = this.#backlog
    this.#forget()
    const scheduler = this.#scheduler
    const phases = [
      [PHASE_EXPIRED, [...turn.filter((event) => !asked(event)), ...expired]],
      [PHASE_ARRIVED, arrived],
      [PHASE_AFTER_INPUT, [...turn.filter(asked), ...afterInput]],
    ] as const
    for (const [phase, events] of phases)
      events.forEach((event, place) => scheduler.again(event, phase, place))
  }

  #forget(): void {
    this.#loaded = false
    this.#turn = []
    this.#released = undefined
    this.#backlog = emptyBacklog()
  }
}

function emptyBacklog(): Backlog {
  return { expired: [], arrived: [], afterInput: [] }
}
