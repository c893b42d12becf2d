import type { NodeId } from '@colony/host'
import { requireRange } from '../errors.ts'
import type { Incarnation } from '../world/incarnation.ts'
import type { LocalTime } from '../world/local-time.ts'
import type { Scheduler } from '../world/scheduler.ts'
import type { ClockChange, CrashOptions, NodeState } from '../world/simulated-node.ts'
import type { CoreLife } from './core-life.ts'
import type { PreviousEnd, SteppedCore } from './stepped-core.ts'

/** @internal One life of a core node, as its world makes it. */
export interface CoreLifeParts<Input, Core> {
  /** What its events belong to. */
  readonly owner: Incarnation
  /** Its clock. */
  readonly time: LocalTime
  /** Takes inputs for the core. */
  readonly life: CoreLife<Input>
  /** What runs. */
  readonly core: Core
}

/** @internal What a core node needs of its world. */
export interface CoreNodeSurroundings<Input, Core> {
  /** The time line. */
  readonly scheduler: Scheduler
  /** Makes the life of a number and puts it on the network. */
  readonly begin: (number: number, previous: PreviousEnd) => CoreLifeParts<Input, Core>
  /** Takes the node off the network. */
  readonly end: () => void
  /** Records that something was done to the node. */
  readonly record: (what: string) => void
}

/**
 * A node of a {@link CoreCluster}: one core after the other, each from a start to the next crash. What survives a crash is kept by whoever makes the cores.
 * @category World
 */
export class CoreNode<Input, Core extends SteppedCore<Input> = SteppedCore<Input>> {
  /** Its id. */
  readonly id: NodeId
  readonly #surroundings: CoreNodeSurroundings<Input, Core>
  #parts: CoreLifeParts<Input, Core>
  #lastEnd: PreviousEnd = 'first'
  #slackMicros = 0

  /** @internal */
  constructor(id: NodeId, surroundings: CoreNodeSurroundings<Input, Core>) {
    this.id = id
    this.#surroundings = surroundings
    this.#parts = surroundings.begin(1, 'first')
  }

  /** The core that runs, or the last one that did. */
  get core(): Core {
    return this.#parts.core
  }

  /** What the node is doing. */
  get state(): NodeState {
    const { owner } = this.#parts
    if (!owner.alive) return 'down'
    return owner.loop.paused ? 'paused' : 'up'
  }

  /** Which life this is: 1 before the first restart. */
  get incarnation(): number {
    return this.#parts.owner.number
  }

  /** How much later than asked for the core is woken, at most, in microseconds. */
  get timerSlackMicros(): number {
    return this.#slackMicros
  }

  /** Gives the core an input, as the very next thing that happens to it: a client's request. Nothing happens to a node that is down. */
  input(input: Input): void {
    if (this.#parts.owner.alive) this.#parts.life.later(0, input)
  }

  /** Ends the core's life: by default with the power, so that what was not durable may be lost. Does nothing to a node that is down. */
  crash(options: CrashOptions = {}): void {
    this.#end(options.power === false ? 'kill' : 'power')
  }

  /** Ends the core's life, if it lives; the next one finds nothing of what was kept for it. */
  wipe(): void {
    this.#end('wipe')
    this.#lastEnd = 'wipe'
  }

  /** Starts the next core; crashes the present one first if it lives. */
  restart(): void {
    this.crash()
    this.#surroundings.record('restart')
    this.#slackMicros = 0
    this.#parts = this.#surroundings.begin(this.incarnation + 1, this.#lastEnd)
  }

  /** Lets everything that happens to the core wait. Does nothing to a node that is down or paused. */
  pause(): void {
    if (this.state !== 'up') return
    this.#surroundings.record('pause')
    this.#parts.owner.loop.pause()
  }

  /** What waited happens now, in the order of an event loop that wakes. Does nothing to any other node. */
  resume(): void {
    if (this.state !== 'paused') return
    this.#surroundings.record('resume')
    this.#parts.owner.loop.resume()
  }

  /**
   * Makes the monotonic clock run faster, slower, or jump forwards, until the node restarts. (A core has no time of day.)
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for a value out of range.
   */
  setClock(change: ClockChange): void {
    const { time, life, owner } = this.#parts
    const rate = requireRange('rate', change.rate ?? time.rate, 0.01, 100)
    const jumpMs = requireRange('jumpMs', change.jumpMs ?? 0, 0, 1e9)
    if (!owner.alive) return
    this.#surroundings.record(`clock rate ${rate} jump ${jumpMs}`)
    time.change(this.#surroundings.scheduler.now, rate, Math.round(jumpMs * 1000))
    life.reschedule()
  }

  /**
   * Wakes the core up to so many milliseconds late, 0 to 10^6, until the node restarts.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for a value out of range.
   */
  setTimerSlack(maxLateMs: number): void {
    this.#slackMicros = Math.round(requireRange('maxLateMs', maxLateMs, 0, 1e6) * 1000)
    this.#surroundings.record(`timer slack ${maxLateMs}`)
  }

  /**
   * Keeps the node busy for up to so many milliseconds after each input, 0 to 10^6, until it restarts.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for a value out of range.
   */
  setLoop(maxBusyMs: number): void {
    this.#parts.owner.loop.slow(Math.round(requireRange('maxBusyMs', maxBusyMs, 0, 1e6) * 1000))
    this.#surroundings.record(`loop busy ${maxBusyMs}`)
  }

  #end(how: PreviousEnd): void {
    const { owner } = this.#parts
    if (!owner.alive) return
    this.#surroundings.record(how === 'power' ? 'crash' : how)
    this.#lastEnd = how
    this.#surroundings.end()
    owner.kill()
  }
}
