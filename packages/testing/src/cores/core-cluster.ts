/// <reference lib="esnext.disposable" preserve="true" />
import type { NodeId, Random } from '@colony/host'
import { createRandom } from '@colony/host'
import { requireRange, TestingError } from '../errors.ts'
import { FaultEngine } from '../faults/fault-engine.ts'
import type { FaultStep } from '../faults/fault-step.ts'
import { isRole } from '../faults/roles.ts'
import { DEFAULT_LINK, layered, validateLinkChange } from '../network/link-settings.ts'
import type { LinkSettings } from '../network/link-settings.ts'
import type { Seed } from '../run/seeds.ts'
import type { TraceOptions } from '../trace/trace.ts'
import { Trace } from '../trace/trace.ts'
import { explainFailure } from '../world/explain-failure.ts'
import { Incarnation } from '../world/incarnation.ts'
import { LocalTime } from '../world/local-time.ts'
import { Scheduler } from '../world/scheduler.ts'
import type { StateOptions, WorldStats } from '../world/world-stats.ts'
import { StateSampler } from '../world/world-stats.ts'
import { CoreLife } from './core-life.ts'
import { CoreNetwork } from './core-network.ts'
import type { CoreLifeParts } from './core-node.ts'
import { CoreNode } from './core-node.ts'
import type { CorePort, PreviousEnd, SteppedCore } from './stepped-core.ts'

/**
 * How to make a {@link CoreCluster}.
 * @category World
 */
export interface CoreClusterOptions<Input, Core extends SteppedCore<Input> = SteppedCore<Input>> {
  /** Decides everything that is left to chance. Required. */
  readonly seed: Seed
  /** The nodes, at least one. Required. */
  readonly nodes: readonly NodeId[]
  /** Makes the core of a node's next life, from what survived of the last one. Required. */
  readonly start: (port: CorePort<Input>) => Core
  /** What the network is like at first. Default: a healthy local one. */
  readonly network?: Partial<LinkSettings>
  /** How many bytes a message counts on narrow links, 0 and more. Default: none, so that links are never narrow. */
  readonly bytesOf?: (input: Input) => number
  /** A whole number that stands for a message in the trace's hash. Default: 0; messages then count by their times and links alone. */
  readonly hashOf?: (input: Input) => number
  /** Names for nodes that change hands: see {@link WorldOptions.roles}. Default: there are none. */
  readonly roles?: () => Readonly<Record<string, NodeId | undefined>>
  /** What is remembered of the run for people. */
  readonly trace?: TraceOptions
  /** Counts the states that the run reaches, in {@link CoreCluster.stats}. Default: they are not looked at. */
  readonly states?: StateOptions
  /** Whether the cores are refused the real world: see {@link WorldOptions.strict}. Default `false`. */
  readonly strict?: boolean
  /** Most events of one call of `run`, 1 to 10^12. Default 1,000,000,000. */
  readonly maxEvents?: number
}

const LONGEST_RUN_MS = 1e12
/** Origins of monotonic clocks are arbitrary; this far apart, code that compares two of them is caught. */
const LATEST_ORIGIN_MS = 10_000_000

/**
 * A cluster of pure state machines, stepped directly: the time line, faults, seeds and trace of a {@link World}, but no host, no bytes and no promise, so that a million
 * events a second are possible. Everything is synchronous, and a run is over when `run` returns.
 * @category World
 */
export class CoreCluster<Input, Core extends SteppedCore<Input> = SteppedCore<Input>> {
  /** The seed. */
  readonly seed: Seed
  /** The network between the cores. */
  readonly network: CoreNetwork<Input>
  /** For the test's own needs: fork a labelled stream for each. */
  readonly random: Random
  /** Every node, in the order of the options. */
  readonly nodes: readonly CoreNode<Input, Core>[]
  readonly #trace: Trace
  readonly #scheduler: Scheduler
  readonly #faults: FaultEngine
  readonly #sampler: StateSampler | undefined
  readonly #byId = new Map<NodeId, CoreNode<Input, Core>>()

  /** @internal Use {@link createCoreCluster}. */
  constructor(options: CoreClusterOptions<Input, Core>) {
    const { seed, nodes, trace: { lines = 40 } = {}, maxEvents = 1e9 } = options
    const root = createRandom(seed)
    this.seed = seed
    this.random = root.fork('user')
    this.#trace = new Trace(requireRange('trace.lines', lines, 0, 1e6))
    this.#scheduler = new Scheduler({
      ties: root.fork('ties'),
      trace: this.#trace,
      explain: (cause) => explainFailure(cause, this),
      maxEvents: requireRange('maxEvents', maxEvents, 1, 1e12),
      strict: options.strict ?? false,
    })
    const [scheduler, trace] = [this.#scheduler, this.#trace]
    this.network = new CoreNetwork<Input>({
      scheduler,
      trace,
      random: root.fork('net'),
      settings: layered(DEFAULT_LINK, [validateLinkChange(options.network ?? {})]),
      bytesOf: options.bytesOf,
      hashOf: options.hashOf,
    })
    this.#faults = new FaultEngine({
      target: this,
      scheduler,
      trace,
      recorder: undefined,
      roles: options.roles,
    })
    if (options.states !== undefined) {
      this.#sampler = new StateSampler(options.states)
      this.#scheduler.addCheck(this.#sampler.tick)
    }
    this.nodes = nodes.map((id, place) => this.#add(id, place + 1, root.fork('node').fork(id), options.start))
  }

  /** Simulated milliseconds since the cluster began. */
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

  /**
   * A node by its id.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` when there is none.
   */
  node(id: NodeId): CoreNode<Input, Core> {
    const node = this.#byId.get(id)
    if (node === undefined)
      throw new TestingError('TESTING_INVALID_OPTION', `there is no node '${id}' in this cluster`)
    return node
  }

  /**
   * Lets simulated time pass.
   * @param ms How long, 0 to 10^12 milliseconds.
   * @throws A {@link TestingError}: `TESTING_RUN_FAILED` when something inside threw, `TESTING_EVENT_LIMIT`, or `TESTING_BUSY` when the cluster runs already.
   */
  run(ms: number): void {
    this.#scheduler.driveNow(this.#endAfter(ms))
  }

  /**
   * Lets time pass until `predicate`, looked at after every event, holds; at most `withinMs`, 0 to 10^12. Default 60,000.
   * @throws A {@link TestingError} with code `TESTING_TIMEOUT` when it does not hold in time, and what {@link CoreCluster.run} throws.
   */
  runUntil(predicate: () => boolean, { withinMs = 60_000 }: { readonly withinMs?: number } = {}): void {
    if (this.#scheduler.driveNow(this.#endAfter(withinMs), predicate)) return
    const told = `not reached within ${withinMs} simulated ms: ${String(predicate)}`
    throw explainFailure(new TestingError('TESTING_TIMEOUT', told), this)
  }

  /** Calls `task` after so many simulated milliseconds (0 to 2^40), on no node. Dispose of the result to cancel. What it throws fails the run. */
  schedule(delayMs: number, task: () => void): Disposable {
    const delay = Math.round(requireRange('delayMs', delayMs, 0, 2 ** 40) * 1000)
    return this.#scheduler.add(delay, task)
  }

  /** Schedules faults, as {@link World.apply} does. What is told to a disk is passed over: cores have none. */
  apply(steps: readonly FaultStep[]): void {
    this.#faults.apply(steps)
  }

  /** Carries out a fault now, whatever its `at` says. */
  fault(step: FaultStep): void {
    this.#faults.fault(step)
  }

  /** Code under test says that `node` is at a named point: see {@link World.reach}. */
  reach(point: string, node: NodeId): void {
    this.#faults.reach(point, node)
  }

  /** Calls `check` after every event from now on; when it throws or returns `false`, the run fails. Dispose of the result to stop. */
  invariant(name: string, check: () => boolean | void): Disposable {
    const remove = this.#scheduler.addCheck(() => {
      if (check() === false) throw new Error(`invariant broken: ${name}`)
    })
    return { [Symbol.dispose]: remove }
  }

  /** Puts a line of yours into the trace, and so into the hash. */
  note(text: string, node: NodeId = ''): void {
    this.#trace.record(this.#scheduler.now, 'note', 0, node, text)
  }

  #endAfter(ms: number): number {
    return this.#scheduler.now + Math.round(requireRange('ms', ms, 0, LONGEST_RUN_MS) * 1000)
  }

  #add(
    id: NodeId,
    index: number,
    random: Random,
    start: (port: CorePort<Input>) => Core,
  ): CoreNode<Input, Core> {
    if (id === '' || isRole(id) || this.#byId.has(id)) {
      const why = 'is empty or begins with @, or there is such a node already'
      throw new TestingError('TESTING_INVALID_OPTION', `'${id}' ${why}`)
    }
    const [scheduler, trace, network] = [this.#scheduler, this.#trace, this.network]
    const lateness = random.fork('timers')
    const slack = (): number => {
      const most = this.#byId.get(id)?.timerSlackMicros ?? 0
      return most === 0 ? 0 : Math.floor(lateness.float() * most)
    }
    const begin = (number: number, previous: PreviousEnd): CoreLifeParts<Input, Core> => {
      const own = random.fork(`life:${number}`)
      const owner = new Incarnation(id, index, number, random.fork(`ties:${number}`), scheduler)
      const origin = own.fork('clock-origin').integer(0, LATEST_ORIGIN_MS) * 1000
      const time = new LocalTime(scheduler.now, origin, 1)
      const life = new CoreLife({
        scheduler,
        network,
        owner,
        time,
        previous,
        random: own.fork('core'),
        slack,
      })
      network.place(id, life)
      const core = start(life)
      life.begin(core)
      return { owner, time, life, core }
    }
    const record = (what: string): void => trace.record(scheduler.now, 'fault', index, id, what)
    const end = (): void => network.place(id, undefined)
    const node = new CoreNode<Input, Core>(id, { scheduler, begin, end, record })
    this.#byId.set(id, node)
    return node
  }
}

/**
 * Makes a cluster of cores, all started. Nothing in it happens before time passes.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for an option out of range.
 * @category World
 */
export function createCoreCluster<Input, Core extends SteppedCore<Input> = SteppedCore<Input>>(
  options: CoreClusterOptions<Input, Core>,
): CoreCluster<Input, Core> {
  return new CoreCluster(options)
}
