import type { NodeId, Random } from '@colony/host'
import { requireRange } from '../errors.ts'
import { orderWithin, PHASE_NORMAL, ScheduledEvent } from '../world/event-queue.ts'
import type { Incarnation } from '../world/incarnation.ts'
import type { LocalTime } from '../world/local-time.ts'
import type { Scheduler } from '../world/scheduler.ts'
import { InputEvent, type InputTaker } from './core-events.ts'
import type { CoreNetwork, Route } from './core-network.ts'
import type { CorePort, PreviousEnd, SteppedCore } from './stepped-core.ts'

/** What a life needs of its world. */
export interface CoreLifeSurroundings<Input> {
  readonly scheduler: Scheduler
  readonly network: CoreNetwork<Input>
  readonly owner: Incarnation
  readonly time: LocalTime
  readonly previous: PreviousEnd
  readonly random: Random
  /** How late the next timer comes, in microseconds. */
  readonly slack: () => number
}

const LONGEST_MS = 1e9

/** One life of a core: takes inputs for it, and is the port that it reaches the world through. */
export class CoreLife<Input> implements CorePort<Input>, InputTaker<Input> {
  readonly id: NodeId
  readonly life: number
  readonly previous: PreviousEnd
  readonly random: Random
  readonly owner: Incarnation
  readonly #scheduler: Scheduler
  readonly #network: CoreNetwork<Input>
  readonly #time: LocalTime
  readonly #slack: () => number
  readonly #routes = new Map<NodeId, Route<Input>>()
  #core: SteppedCore<Input> | undefined
  /** When the core wants to be woken, in local microseconds. */
  #wakeDue = Number.POSITIVE_INFINITY
  #wakeInput: Input | undefined
  /** The event that looks whether to wake it; all others that may still come are stale. */
  #look: WakeEvent | undefined

  constructor(surroundings: CoreLifeSurroundings<Input>) {
    const { owner } = surroundings
    this.id = owner.id
    this.life = owner.number
    this.owner = owner
    this.previous = surroundings.previous
    this.random = surroundings.random
    this.#scheduler = surroundings.scheduler
    this.#network = surroundings.network
    this.#time = surroundings.time
    this.#slack = surroundings.slack
  }

  /** Takes the core that was made for this port. */
  begin(core: SteppedCore<Input>): void {
    this.#core = core
  }

  take(input: Input): void {
    this.#core?.step(this.now(), input)
  }

  now(): number {
    return this.#time.at(this.#scheduler.now) / 1000
  }

  send(to: NodeId, input: Input): boolean {
    if (!this.owner.alive || to === this.id) return false
    // Kept, because looking one up by two names costs more than many a step.
    let route = this.#routes.get(to)
    if (route === undefined) {
      route = this.#network.route(this.id, to)
      if (route === undefined) return false
      this.#routes.set(to, route)
    }
    return this.#network.send(route, input)
  }

  later(delayMs: number, input: Input): void {
    const delay = Math.round(requireRange('delayMs', delayMs, 0, LONGEST_MS) * 1000)
    this.#scheduler.push(new InputEvent(this.#scheduler.now + delay, 'input', this, input))
  }

  wakeAt(time: number, input: Input): void {
    this.#wakeDue = time * 1000
    this.#wakeInput = input
    // Most cores put their deadline off with every message: the event that is under way already looks again when it comes.
    if (time !== Number.POSITIVE_INFINITY) this.#lookAfter(this.#slack())
  }

  /** Looks again when to wake the core: its clock has changed. */
  reschedule(): void {
    this.#look = undefined
    if (this.#wakeDue !== Number.POSITIVE_INFINITY) this.#lookAfter(0)
  }

  /** An event that looks came up. Wakes the core if it is time. */
  look(event: WakeEvent): void {
    const scheduler = this.#scheduler
    if (event !== this.#look) return scheduler.ranNothing()
    this.#look = undefined
    if (this.#wakeDue <= this.#time.at(scheduler.now)) {
      this.#wakeDue = Number.POSITIVE_INFINITY
      this.take(this.#wakeInput as Input)
      return
    }
    scheduler.ranNothing()
    if (this.#wakeDue !== Number.POSITIVE_INFINITY) this.#lookAfter(0)
  }

  #lookAfter(slack: number): void {
    const { now } = this.#scheduler
    // At least a microsecond: a core that asks to be woken at once, again and again, must not stop time.
    const at = now + Math.max(1, this.#time.until(now, this.#wakeDue + slack))
    if (this.#look !== undefined && at >= this.#look.time) return
    this.#look = new WakeEvent(at, this)
    this.#scheduler.push(this.#look)
  }
}

/** What looks whether a core is to be woken. */
interface Sleeper {
  readonly owner: Incarnation
  look(event: WakeEvent): void
}

class WakeEvent extends ScheduledEvent {
  readonly #sleeper: Sleeper

  constructor(time: number, sleeper: Sleeper) {
    super(time, orderWithin(PHASE_NORMAL, sleeper.owner.drawTie()), sleeper.owner, 'timer')
    this.#sleeper = sleeper
  }

  override run(): void {
    this.#sleeper.look(this)
  }
}
