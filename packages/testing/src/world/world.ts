/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock, NodeId, Random } from '@colony/host'
import { createRandom } from '@colony/host'
import { requireRange, TestingError } from '../errors.ts'
import { FaultEngine } from '../faults/fault-engine.ts'
import type { FaultStep } from '../faults/fault-step.ts'
import { isRole } from '../faults/roles.ts'
import { DEFAULT_LINK, layered, validateLinkChange } from '../network/link-settings.ts'
import { SimulatedNetwork } from '../network/simulated-network.ts'
import type { Seed } from '../run/seeds.ts'
import { TimelineRecorder } from '../timeline/recorder.ts'
import type { Timeline } from '../timeline/timeline.ts'
import { Trace } from '../trace/trace.ts'
import { MomentaryRandom } from './momentary-random.ts'
import { explainFailure } from './explain-failure.ts'
import { Scheduler } from './scheduler.ts'
import { NodeFactory } from './node-factory.ts'
import type { Boot, SimulatedNode } from './simulated-node.ts'
import { WorldClock } from './world-clock.ts'
import type { WorldOptions } from './world-options.ts'
import type { WorldStats } from './world-stats.ts'
import { StateSampler } from './world-stats.ts'

/**
 * How long to wait for something.
 * @category World
 */
export interface WaitOptions {
  /** Longest wait in simulated milliseconds, 0 to 10^12. Default 60,000. */
  readonly withinMs?: number
}

const DEFAULT_WAIT_MS = 60_000
const LONGEST_RUN_MS = 1e12

/**
 * A cluster in one thread: virtual time, nodes that crash and restart, a network between them, and nothing left to chance but the seed.
 *
 * Time stands still unless one of `run`, `runUntil`, `finish` or `booted` is awaited. Between two events every promise reaction has run to
 * its end. What throws inside (a task, a boot function, an invariant, an unhandled rejection) fails the run with the seed in the message.
 * @category World
 */
export class World<Service = unknown> {
  /** The seed. */
  readonly seed: Seed
  /** The network between the nodes. */
  readonly network: SimulatedNetwork
  /** Exact simulated time as a clock, for clients and checks. Nodes have their own in `node.host.clock`. */
  readonly clock: Clock
  /** For the test's own needs (workloads, choices): fork a labelled stream for each. */
  readonly random: Random
  readonly #trace: Trace
  readonly #scheduler: Scheduler
  readonly #factory: NodeFactory
  readonly #faults: FaultEngine
  readonly #recorder: TimelineRecorder | undefined
  readonly #sampler: StateSampler | undefined
  readonly #boot: Boot<Service> | undefined
  readonly #nodes = new Map<NodeId, SimulatedNode<Service>>()
  /** The same as a list that is replaced, not changed: invariants ask for it after every event. */
  #list: readonly SimulatedNode<Service>[] = []

  /** @internal Use {@link createWorld}. */
  constructor(options: WorldOptions<Service>) {
    const { seed, network = {}, trace: { lines = 40 } = {}, maxEvents = 20_000_000 } = options
    const root = createRandom(seed)
    this.seed = seed
    this.random = root.fork('user')
    this.#boot = options.boot
    this.#trace = new Trace(requireRange('trace.lines', lines, 0, 1e6))
    const { timeline } = options
    if (timeline !== undefined)
      this.#recorder = new TimelineRecorder(requireRange('timeline.events', timeline.events, 1, 1e7))
    // A function, because ties are drawn for the scheduler whose time it tells.
    const moments = new MomentaryRandom(root, { now: () => this.#scheduler.now })
    this.#scheduler = new Scheduler({
      ties: moments.fork('ties'),
      trace: this.#trace,
      explain: (cause) => this.#explain(cause),
      maxEvents: requireRange('maxEvents', maxEvents, 1, 1e12),
      strict: options.strict ?? false,
    })
    this.clock = new WorldClock(this.#scheduler)
    this.network = new SimulatedNetwork({
      scheduler: this.#scheduler,
      trace: this.#trace,
      recorder: this.#recorder,
      describeFrame: options.describeFrame,
      random: moments.fork('net'),
      settings: layered(DEFAULT_LINK, [validateLinkChange(network)]),
    })
    this.#factory = new NodeFactory({
      scheduler: this.#scheduler,
      trace: this.#trace,
      recorder: this.#recorder,
      network: this.network,
      random: moments.fork('node'),
      maxFrameBytes: requireRange('network.maxFrameBytes', network.maxFrameBytes ?? 1_048_576, 1, 2 ** 30),
      diskLatency: options.disk ?? {},
      failOnHandlerError: options.failOnHandlerError ?? true,
      observer: options.observer,
    })
    this.#faults = new FaultEngine({
      target: this,
      scheduler: this.#scheduler,
      trace: this.#trace,
      recorder: this.#recorder,
      roles: options.roles,
    })
    if (options.states !== undefined) {
      this.#sampler = new StateSampler(options.states)
      this.#scheduler.addCheck(this.#sampler.tick)
    }
    for (const id of options.nodes ?? []) this.addNode(id)
  }

  /** Simulated milliseconds since the world began. */
  get now(): number {
    return this.#scheduler.now / 1000
  }

  /** Events that ran so far. */
  get events(): number {
    return this.#scheduler.events
  }

  /** What the run went through so far, counted. */
  get stats(): WorldStats {
    const { counts: lines } = this.#trace
    const { looks, states } = this.#sampler ?? { looks: 0, states: new Set<string>() }
    return { events: this.events, lines, faults: { ...this.#faults.counts }, looks, states }
  }

  /** Hash of everything that happened so far, in 16 hexadecimal digits: equal for equal runs. */
  get traceHash(): string {
    return this.#trace.hash
  }

  /** The last events in readable form, oldest first. */
  get traceTail(): readonly string[] {
    return this.#trace.tail()
  }

  /** What was kept for a picture; without {@link WorldOptions.timeline}, no events. */
  get timeline(): Timeline {
    const nodes = [...this.#nodes.keys()]
    return this.#recorder?.timeline(nodes, this.now) ?? { nodes, events: [], endMs: this.now, forgotten: 0 }
  }

  /** Every node, in the order of adding. */
  get nodes(): readonly SimulatedNode<Service>[] {
    return this.#list
  }

  /**
   * A node by its id.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` when there is none.
   */
  node(id: NodeId): SimulatedNode<Service> {
    const node = this.#nodes.get(id)
    if (node === undefined)
      throw new TestingError('TESTING_INVALID_OPTION', `there is no node '${id}' in this world`)
    return node
  }

  /**
   * Adds a node and starts it: `boot` runs as the next event, and again at every restart. Default: the world's own `boot`.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` when the id is taken, empty, or begins with `@`, which marks roles.
   */
  addNode<Own extends Service = Service>(id: NodeId, boot?: Boot<Own>): SimulatedNode<Own> {
    if (id === '' || isRole(id) || this.#nodes.has(id)) {
      const why = 'is empty or begins with @, or there is such a node already'
      throw new TestingError('TESTING_INVALID_OPTION', `'${id}' ${why}`)
    }
    // The world's boot function makes a Service; who passes none must not ask for more, which the type parameter cannot say.
    const node = this.#factory.create<Own>(id, boot ?? (this.#boot as Boot<Own> | undefined))
    this.#nodes.set(id, node)
    this.#list = [...this.#nodes.values()]
    return node
  }

  /**
   * Lets simulated time pass.
   * @param ms How long, 0 to 10^12 milliseconds.
   * @throws A {@link TestingError}: `TESTING_RUN_FAILED` when something inside threw, `TESTING_EVENT_LIMIT`, or `TESTING_BUSY` when the world runs already.
   */
  async run(ms: number): Promise<void> {
    await this.#scheduler.drive(this.#endAfter(ms))
  }

  /**
   * Lets time pass until `predicate`, looked at after every event, holds.
   * @throws A {@link TestingError} with code `TESTING_TIMEOUT` when it does not hold in time, and what {@link World.run} throws.
   */
  async runUntil(predicate: () => boolean, options: WaitOptions = {}): Promise<void> {
    const withinMs = options.withinMs ?? DEFAULT_WAIT_MS
    if (await this.#scheduler.drive(this.#endAfter(withinMs), predicate)) return
    throw this.#explain(
      new TestingError(
        'TESTING_TIMEOUT',
        `not reached within ${withinMs} simulated ms: ${String(predicate)}`,
      ),
    )
  }

  /**
   * Lets time pass until `promise` settles, and returns or throws what it settled with.
   * @throws A {@link TestingError} with code `TESTING_TIMEOUT` when it does not settle in time, and what {@link World.run} throws.
   */
  async finish<Value>(promise: Promise<Value>, options: WaitOptions = {}): Promise<Value> {
    const withinMs = options.withinMs ?? DEFAULT_WAIT_MS
    let settled = false
    const settle = (): void => void (settled = true)
    promise.then(settle, settle)
    if (await this.#scheduler.drive(this.#endAfter(withinMs), () => settled)) return await promise
    throw this.#explain(
      new TestingError('TESTING_TIMEOUT', `a promise did not settle within ${withinMs} simulated ms`),
    )
  }

  /** Lets time pass until every node that is not down has booted. Throws as {@link World.runUntil} does. */
  async booted(options: WaitOptions = {}): Promise<void> {
    await this.runUntil(() => this.nodes.every((node) => node.booted || node.state === 'down'), options)
  }

  /**
   * Calls `task` after so many simulated milliseconds (0 to 2^40), on no node. Dispose of the result to cancel. What it throws fails the run.
   */
  schedule(delayMs: number, task: () => void): Disposable {
    return this.clock.after(delayMs, task)
  }

  /** Resolves after so many simulated milliseconds (0 to 2^40): for clients written as async functions. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(delayMs, resolve))
  }

  /**
   * Schedules faults. Steps may be in any order; those of one instant are carried out in the order of the list.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for a step in the past, one that names an unknown node, or a role in a world that has none;
   *   nothing is scheduled then.
   */
  apply(steps: readonly FaultStep[]): void {
    this.#faults.apply(steps)
  }

  /** Carries out a fault now, whatever its `at` says. */
  fault(step: FaultStep): void {
    this.#faults.fault(step)
  }

  /**
   * Code under test says that `node` is at a point where a fault may hit: `world.reach('write', node.id)` just before a write, say. Carries out what an
   * {@link ArmStep} waits with; costs next to nothing while nothing does.
   */
  reach(point: string, node: NodeId): void {
    this.#faults.reach(point, node)
  }

  /** Says for the timeline what a node is from now on: `leader`, `holder`, … The empty text: nothing special. */
  role(node: NodeId, role: string, term?: number): void {
    this.#recorder?.add({ kind: 'role', at: this.now, node, role, ...(term !== undefined && { term }) })
  }

  /**
   * Calls `check` after every event from now on; when it throws or returns `false`, the run fails. Dispose of the result to stop.
   */
  invariant(name: string, check: () => boolean | void): Disposable {
    const remove = this.#scheduler.addCheck(() => {
      if (check() === false) throw new Error(`invariant broken: ${name}`)
    })
    return { [Symbol.dispose]: remove }
  }

  /** Puts a line of yours into the trace, and so into the hash, and into the timeline; `node` is whom it is about. */
  note(text: string, node?: NodeId): void {
    this.#trace.record(this.#scheduler.now, 'note', 0, node ?? '', text)
    this.#recorder?.add({ kind: 'note', at: this.now, text, ...(node !== undefined && { node }) })
  }

  /** Makes the run fail with `cause`: for what finds an error where throwing would not reach the world. */
  fail(cause: unknown): void {
    this.#scheduler.fail(cause)
  }

  #endAfter(ms: number): number {
    return this.#scheduler.now + Math.round(requireRange('ms', ms, 0, LONGEST_RUN_MS) * 1000)
  }

  #explain(cause: unknown): Error {
    return explainFailure(cause, this)
  }
}

/**
 * Makes a world. Nothing in it happens before time passes.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for an option out of range.
 * @category World
 */
export function createWorld<Service = unknown>(options: WorldOptions<Service>): World<Service> {
  return new World(options)
}
