import type { NodeId, Random } from '@colony/host'
import type { Model } from '../check/model.ts'
import type { GenerateFaultsOptions } from '../faults/generate-faults.ts'
import type { FaultStep } from '../faults/fault-step.ts'
import type { History } from '../history/history.ts'
import type { SimulatedNode } from '../world/simulated-node.ts'
import type { World } from '../world/world.ts'
import type { WorldOptions } from '../world/world-options.ts'
import type { ClientOperation, Scenario } from './scenario.ts'

/**
 * A run that is under way, as a suite's functions see it.
 * @category Scenarios
 */
export interface SimulationRun<Service = unknown, State = unknown> {
  /** What is run. */
  readonly scenario: Scenario
  /** Where it runs. */
  readonly world: World<Service>
  /** What the clients did so far. */
  readonly history: History
  /** What {@link Suite.state} made for this run. */
  readonly state: State
  /** Says that an interesting state was reached; see {@link Suite.sometimes}. */
  sometimes(name: string): void
  /** Says, from anywhere, that something which must always hold does not: the run ends after this event, and fails the check `invariant: name`. */
  fail(name: string, message: string): void
}

/**
 * One operation that is being carried out.
 * @category Scenarios
 */
export interface ClientCall<Service = unknown, State = unknown> {
  /** The run. */
  readonly run: SimulationRun<Service, State>
  /** What to do. */
  readonly operation: ClientOperation
  /** Its position in the history: what names it for {@link Suite.order}. */
  readonly position: number
  /** The node that {@link ClientOperation.node} names. */
  readonly node: SimulatedNode<Service>
  /** A stream of the operation's own, for retries and the like. */
  readonly random: Random
}

/**
 * What a {@link Workload} knows when it draws an operation.
 * @category Scenarios
 */
export interface DrawnFor {
  /** The client, 1 and up. */
  readonly process: number
  /** How many operations were drawn so far, by all clients: for values that are unique. */
  readonly count: number
  /** The nodes of the run. */
  readonly nodes: readonly NodeId[]
}

/**
 * An operation as a {@link Workload} draws it.
 * @category Scenarios
 */
export interface DrawnOperation {
  /** The verb, as the suite and its model name it. */
  readonly f: string
  /** Which object. Default: there is only one. */
  readonly key?: string
  /** The arguments, as plain data: what JSON can hold. */
  readonly value?: unknown
  /** The node to ask. Default: any, drawn for each operation. */
  readonly node?: NodeId
}

/**
 * What the clients of a suite do.
 * @category Scenarios
 */
export interface Workload {
  /** How many clients, 1 to 1,000. Default 3. */
  readonly clients?: number
  /** Time from the beginning of one operation of a client to the next, in simulated milliseconds: from the first to the second number. Default 10 to 100. */
  readonly gapMs?: readonly [min: number, max: number]
  /** How long a client waits for an operation, in simulated milliseconds, 1 to 10^9; then its outcome is unknown and the client goes on. Default 5,000. */
  readonly timeoutMs?: number
  /** Draws the next operation of a client. */
  readonly next: (random: Random, about: DrawnFor) => DrawnOperation
}

/**
 * What is around the nodes of one run.
 * @category Scenarios
 */
export interface Conditions extends Pick<WorldOptions, 'network' | 'disk'> {
  /** What the suite needs to know itself (timeouts, sizes), as plain data; see {@link Scenario.settings}. */
  readonly settings?: Readonly<Record<string, unknown>>
}

/**
 * A service under test, what is done to it, and what must hold. Everything but `name`, `boot`, `workload` and `perform` has a default.
 *
 * `Service` is what runs on a node, `State` what the suite itself remembers of a run.
 * @category Scenarios
 */
export interface Suite<Service = unknown, State = unknown> {
  /** Names it in scenarios and reports. */
  readonly name: string
  /** The nodes, or how to draw them. Default: `a`, `b`, `c`. */
  readonly nodes?: readonly NodeId[] | ((random: Random) => readonly NodeId[])
  /** What each node runs, at its start and again at every restart. */
  readonly boot: (
    node: SimulatedNode<never>,
    run: SimulationRun<Service, State>,
  ) => Promise<Service> | Service
  /** Makes what the suite remembers of a run, for invariants that compare with earlier: a new one for every run. Default: nothing. */
  readonly state?: (scenario: Scenario, world: World<Service>) => State
  /** What the clients do. */
  readonly workload: Workload
  /** Carries out one operation; resolves with its result. Usually `({ node, operation }) => node.call((service) => …)`. */
  readonly perform: (call: ClientCall<Service, State>) => Promise<unknown>
  /** What became of an operation whose `perform` threw. Default: `fail` for a node that was down, else `unknown`, which is always safe. */
  readonly classify?: (error: unknown, operation: ClientOperation) => 'fail' | 'unknown'
  /** What the history must be linearizable by. Default: it is not checked. */
  readonly model?: Model<unknown>
  /**
   * The order in which the operations took effect, where the service has one (a log, version numbers): the {@link ClientCall.position} of each that changed something, which its
   * request has to carry along. It is only believed where it proves itself, see {@link CheckOptions.order}; histories that it explains are decided at once, whatever there was of unknown
   * outcomes. Default: none, every history is searched.
   */
  readonly order?: (run: SimulationRun<Service, State>) => readonly number[]
  /** Most steps of that check, 1 to 10^12. Beyond it the run counts as undecided, not as failed. Default 1,000,000: below a second. */
  readonly checkBudget?: number
  /** Looked at after every event, by name; one that throws or returns `false` fails the run. */
  readonly invariants?: Readonly<Record<string, (run: SimulationRun<Service, State>) => boolean | void>>
  /** Looked at in the end, when everything was mended and has converged, by name. They may let simulated time pass. */
  readonly checks?: Readonly<Record<string, (run: SimulationRun<Service, State>) => Promise<void> | void>>
  /** Whether the nodes of `core`, which are healed, work again. Default: they have booted. */
  readonly converged?: (run: SimulationRun<Service, State>, core: readonly NodeId[]) => boolean
  /** How long convergence may take, in simulated milliseconds, and how long the operations after it. Default 30,000. */
  readonly convergeWithinMs?: number
  /** Operations that must then succeed at each node of the core, 0 to 1,000: one that has converged must be of use. Default 3. */
  readonly progress?: number
  /**
   * Which nodes of the core must be of use by themselves, looked at again as time passes: a node may depend on one outside that it cannot reach, where the others
   * make a quorum with it. Default: all of them.
   */
  readonly serving?: (run: SimulationRun<Service, State>, core: readonly NodeId[]) => readonly NodeId[]
  /** Names for nodes that faults may use as `@name`: `roles: (run) => ({ leader: … })`. */
  readonly roles?: (run: SimulationRun<Service, State>) => Readonly<Record<string, NodeId | undefined>>
  /** States that all seeds of a suite together must reach, or it shows nothing about them. */
  readonly sometimes?: readonly string[]
  /** What the state of everything comes to, for counting different states; see {@link StateOptions.fingerprint}. Default: they are not counted. */
  readonly fingerprint?: (run: SimulationRun<Service, State>) => string | number
  /** How long clients work and faults happen, in simulated milliseconds, 1 to 10^9. Default 10,000. */
  readonly durationMs?: number
  /** A run of a seed in which fewer planned operations succeeded fails as vacuous. (Not a run of a scenario: it may be a shrunk one.) Default 1. */
  readonly leastOk?: number
  /**
   * How many nodes make a quorum. After the faults so many, drawn from the seed, are healed; whatever is broken around them stays broken, and
   * they must converge and make progress alone. `false`: nothing works before everything is mended. Default: a majority.
   */
  readonly quorum?: ((nodes: readonly NodeId[]) => number) | false
  /**
   * Which nodes make a quorum just now, where that can't be told by counting: asked when the faults are over, in place of {@link Suite.quorum}. `undefined` for no opinion.
   * All nodes: nothing works before everything is mended.
   */
  readonly core?: (run: SimulationRun<Service, State>) => readonly NodeId[] | undefined
  /** Draws what differs from seed to seed beside the faults. */
  readonly conditions?: (random: Random, nodes: readonly NodeId[]) => Conditions
  /**
   * How faults are generated; or a function that makes them itself. Of its steps those before `durationMs` count: what they leave broken stays broken
   * while a core must work. Default: as {@link generateFaults} does.
   */
  readonly faults?:
    | Omit<GenerateFaultsOptions, 'random' | 'nodes' | 'durationMs'>
    | ((random: Random, nodes: readonly NodeId[], durationMs: number) => readonly FaultStep[])
  /** What else its worlds are made with. */
  readonly world?: Pick<
    WorldOptions<Service>,
    'trace' | 'observer' | 'failOnHandlerError' | 'maxEvents' | 'describeFrame'
  >
}
