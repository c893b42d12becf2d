import type { Host, NodeId } from '@colony/host'
import type { SimulatedDisk } from '../disk/index.ts'
import { requireRange, TestingError } from '../errors.ts'
import type { Incarnation } from './incarnation.ts'
import { LocalTime } from './local-time.ts'
import type { Scheduler } from './scheduler.ts'

/**
 * What a node runs: called at its start and again at every restart, as a process would begin at its main function.
 *
 * Read `node.host` and `node.disk` from the argument. What the returned promise resolves with becomes {@link SimulatedNode.service}; a rejection
 * fails the run. (`SimulatedNode<never>` stands for a node of any service: there is none while it boots.)
 * @category World
 */
export type Boot<Service> = (node: SimulatedNode<never>) => Promise<Service> | Service

/**
 * `up`: running, possibly still booting. `paused`: stopped like a process that got SIGSTOP. `down`: crashed, or not started.
 * @category World
 */
export type NodeState = 'up' | 'paused' | 'down'

/**
 * How a node's clocks run from now on.
 * @category World
 */
export interface ClockChange {
  /** Local milliseconds per simulated millisecond, 0.01 to 100, of both clocks. Default: as it was. */
  readonly rate?: number
  /** Jump of the monotonic clock forwards in milliseconds, 0 to 10^9. Default 0. A monotonic clock has no other direction. */
  readonly jumpMs?: number
  /**
   * Sets the time of day ({@link SimulatedNode.wallNow}) to so many milliseconds ahead of the truth, -10^12 to 10^12; below 0 it is behind. Default: as it was.
   */
  readonly skewMs?: number
}

/** The time of day when a world begins: 2026-01-01, 00:00 UTC. */
const WALL_ORIGIN_MS = 1_767_225_600_000

/**
 * How a node dies.
 * @category World
 */
export interface CrashOptions {
  /**
   * Whether the machine loses power too, so that what was not synced may be lost or torn. `false`: only the process dies, as with `kill -9`, and
   * the next one still sees what the system had in its cache. Default `true`.
   */
  readonly power?: boolean
}

/** @internal What one life of a node is given by its world. */
export interface Life {
  /** Its host. */
  readonly host: Host
  /** Its clock's time line. */
  readonly time: LocalTime
}

/** @internal What a node needs of its world. */
export interface NodeSurroundings<Service> {
  /** The time line. */
  readonly scheduler: Scheduler
  /** The node's disk, which outlives its processes. */
  readonly disk: SimulatedDisk
  /** What runs on the node. */
  readonly boot: (() => Promise<Service> | Service) | undefined
  /** Makes the incarnation of a number. */
  readonly conceive: (number: number) => Incarnation
  /** Makes a life's host and puts it on the network. */
  readonly begin: (incarnation: Incarnation) => Life
  /** Takes a life off the network. */
  readonly end: (incarnation: Incarnation) => void
  /** Records that something was done to the node, which is in `state` then. */
  readonly record: (what: string, state: NodeState) => void
}

/**
 * A machine of a simulated world, with one process on it. Crashes and restarts make one incarnation follow another: each has its own
 * host, clock origin and random stream, and what an earlier one left running never runs again.
 * @category World
 */
export class SimulatedNode<Service = unknown> {
  /** Its id. */
  readonly id: NodeId
  /** Its disk. Survives crashes, as far as disks do. What a dead incarnation had asked of it never resolves. */
  readonly disk: SimulatedDisk
  readonly #surroundings: NodeSurroundings<Service>
  #incarnation: Incarnation
  #life: Life
  #service: { readonly value: Service } | undefined
  #slackMicros = 0
  // Belongs to the machine, not to the process: a restart does not set it right.
  readonly #wall: LocalTime

  /** @internal */
  constructor(id: NodeId, surroundings: NodeSurroundings<Service>) {
    this.id = id
    this.disk = surroundings.disk
    this.#surroundings = surroundings
    this.#wall = new LocalTime(0, WALL_ORIGIN_MS * 1000, 1)
    this.#incarnation = surroundings.conceive(1)
    this.#life = this.#start()
  }

  /** The host of the present incarnation, or of the last one while the node is down. A new object after every restart. */
  get host(): Host {
    return this.#life.host
  }

  /** Which life this is: 1 before the first restart. */
  get incarnation(): number {
    return this.#incarnation.number
  }

  /** What the node is doing. */
  get state(): NodeState {
    if (!this.#incarnation.alive) return 'down'
    return this.#incarnation.loop.paused ? 'paused' : 'up'
  }

  /**
   * What the boot function resolved with; `undefined` while the node boots or is down. Calling it directly is fine for looking at its
   * state in checks; what a client would do goes through {@link SimulatedNode.call}, which respects pauses and crashes.
   */
  get service(): Service | undefined {
    return this.#service?.value
  }

  /** Whether the boot function has resolved and the node is not down. */
  get booted(): boolean {
    return this.#service !== undefined
  }

  /** How much later than asked for timers come, at most; see {@link SimulatedNode.setTimerSlack}. */
  get timerSlackMicros(): number {
    return this.#slackMicros
  }

  /**
   * Ends the process, and by default cuts the power: what was not synced may be lost, what it had in hand never continues. Does nothing to a node
   * that is down.
   *
   * A protocol must survive it at any point, for any minority of nodes for ever, and for all of them if they come back.
   */
  crash(options: CrashOptions = {}): void {
    const incarnation = this.#incarnation
    if (!incarnation.alive) return
    const power = options.power ?? true
    this.#surroundings.record(power ? 'crash' : 'kill', 'down')
    this.#service = undefined
    this.#surroundings.end(incarnation)
    incarnation.kill()
    if (power) this.disk.crash()
    else this.disk.kill()
  }

  /**
   * Ends the process, if it lives, and replaces the disk by an empty one, which the next restart finds.
   *
   * Only a protocol that takes such a node back as a new member survives it: it has forgotten every promise that it made.
   */
  wipe(): void {
    this.crash()
    this.#surroundings.record('wipe', 'down')
    this.disk.wipe()
  }

  /** Starts the next incarnation on the same disk and boots it; crashes the present one first if it lives. */
  restart(): void {
    this.crash()
    this.#surroundings.record('restart', 'up')
    this.#incarnation = this.#surroundings.conceive(this.#incarnation.number + 1)
    this.#life = this.#start()
  }

  /**
   * Stops the process where it is, as SIGSTOP, a long garbage collection or a starved virtual machine would. Its clock goes on; timers, frames and
   * disk completions wait. Does nothing to a node that is down or paused.
   *
   * A protocol must survive it for any time: whatever a node held (a lease, leadership) others may have taken meanwhile.
   */
  pause(): void {
    if (this.state !== 'up') return
    this.#surroundings.record('pause', 'paused')
    this.#incarnation.loop.pause()
  }

  /** Lets a paused process go on: expired timers first, then what arrived, then what waits for input. Does nothing to any other. */
  resume(): void {
    if (this.state !== 'paused') return
    this.#surroundings.record('resume', 'up')
    this.#incarnation.loop.resume()
  }

  /** The node's time of day: milliseconds since 1970, fractions allowed. May be wrong by any amount, and jumps in both directions when it is set. */
  wallNow(): number {
    return this.#wall.at(this.#surroundings.scheduler.now) / 1000
  }

  /**
   * Makes the node's clocks run faster or slower, the monotonic one jump forwards, or the time of day be wrong. Rates and jumps last until the node restarts, which gives
   * it a fresh clock; the error of the time of day stays. For a node that is down only the time of day is changed.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for a value out of range.
   */
  setClock(change: ClockChange): void {
    const { scheduler } = this.#surroundings
    const { time } = this.#life
    const rate = requireRange('rate', change.rate ?? time.rate, 0.01, 100)
    const jumpMs = requireRange('jumpMs', change.jumpMs ?? 0, 0, 1e9)
    this.#setWall(rate, change.skewMs)
    if (!this.#incarnation.alive) return
    this.#surroundings.record(`clock rate ${rate} jump ${jumpMs}`, this.state)
    time.change(scheduler.now, rate, Math.round(jumpMs * 1000))
    scheduler.replanTimers(this.#incarnation, (localDue) => time.until(scheduler.now, localDue))
  }

  /**
   * Makes the node's timers late: every one set from now on comes up to so many milliseconds late (0 to 10^6; uniformly drawn). Lasts until the node restarts.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for a value out of range.
   */
  setTimerSlack(maxLateMs: number): void {
    this.#slackMicros = Math.round(requireRange('maxLateMs', maxLateMs, 0, 1e6) * 1000)
    this.#surroundings.record(`timer slack ${maxLateMs}`, this.state)
  }

  /**
   * Makes the node's event loop slow: each event that runs keeps it busy for up to so many milliseconds (0, as usual, to 10^6; uniformly drawn), and what becomes due
   * meanwhile waits. Lasts until the node restarts.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for a value out of range.
   */
  setLoop(maxBusyMs: number): void {
    this.#incarnation.loop.slow(Math.round(requireRange('maxBusyMs', maxBusyMs, 0, 1e6) * 1000))
    this.#surroundings.record(`loop busy ${maxBusyMs}`, this.state)
  }

  /**
   * Runs `work` on the node as a client's request would: not before a paused node resumes.
   * @throws A {@link TestingError}: `TESTING_NODE_DOWN` when the node is down or still boots (nothing happened), `TESTING_NODE_CRASHED` when it
   *   crashes before `work` settles (what happened is unknown); otherwise what `work` throws.
   */
  call<Result>(work: (service: Service) => Promise<Result> | Result): Promise<Result> {
    const incarnation = this.#incarnation
    const service = this.#service
    if (service === undefined) {
      return Promise.reject(new TestingError('TESTING_NODE_DOWN', `node '${this.id}' is down or still boots`))
    }
    return new Promise<Result>((resolve, reject) => {
      const forget = incarnation.onDeath(() =>
        reject(new TestingError('TESTING_NODE_CRASHED', `node '${this.id}' crashed during a call`)),
      )
      const start = async (): Promise<void> => {
        try {
          resolve(await work(service.value))
        } catch (error) {
          // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the caller gets exactly what was thrown
          reject(error)
        } finally {
          forget()
        }
      }
      this.#surroundings.scheduler.add(0, () => void start(), incarnation)
    })
  }

  #setWall(rate: number, skewMs: number | undefined): void {
    const { now } = this.#surroundings.scheduler
    const truth = WALL_ORIGIN_MS * 1000 + now
    const jump =
      skewMs === undefined
        ? 0
        : truth + Math.round(requireRange('skewMs', skewMs, -1e12, 1e12) * 1000) - this.#wall.at(now)
    this.#wall.change(now, rate, jump)
  }

  #start(): Life {
    const incarnation = this.#incarnation
    const { scheduler, boot, begin } = this.#surroundings
    this.#slackMicros = 0
    this.#setWall(1, undefined)
    const life = begin(incarnation)
    if (boot !== undefined) scheduler.add(0, () => void this.#boot(boot, incarnation), incarnation)
    return life
  }

  async #boot(boot: () => Promise<Service> | Service, incarnation: Incarnation): Promise<void> {
    try {
      const value = await boot()
      if (incarnation.alive) this.#service = { value }
    } catch (error) {
      if (incarnation.alive) this.#surroundings.scheduler.fail(error)
    }
  }
}
