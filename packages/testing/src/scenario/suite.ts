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
export interface SimulationRun<Service = unknown> {
  /** What is run. */
  readonly scenario: Scenario
  /** Where it runs. */
  readonly world: World<Service>
  /** What the clients did so far. */
  readonly history: History
  /** Says that an interesting state was reached; see {@link Suite.sometimes}. */
  sometimes(name: string): void
}

/**
 * One operation that is being carried out.
 * @category Scenarios
 */
export interface ClientCall<Service = unknown> {
  /** The run. */
  readonly run: SimulationRun<Service>
  /** What to do. */
  readonly operation: ClientOperation
  /** The node that {@link ClientOperation.node} names. */
  readonly node: SimulatedNode<Service>
  /** A stream of the operation's own, for retries and the like. */
  readonly random: Random
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
  /** Draws the next operation of a client. `count` is how many were drawn so far by all clients: for values that are unique. */
  readonly next: (
    random: Random,
    about: { readonly process: number; readonly count: number },
  ) => { readonly f: string; readonly key?: string; readonly value?: unknown }
}

/**
 * A service under test, what is done to it, and what must hold. Everything but `name`, `boot`, `workload` and `perform` has a default.
 * @category Scenarios
 */
export interface Suite<Service = unknown> {
  /** Names it in scenarios and reports. */
  readonly name: string
  /** The nodes, or how to draw them. Default: `a`, `b`, `c`. */
  readonly nodes?: readonly NodeId[] | ((random: Random) => readonly NodeId[])
  /** What each node runs, at its start and again at every restart. */
  readonly boot: (node: SimulatedNode<never>, run: SimulationRun<Service>) => Promise<Service> | Service
  /** What the clients do. */
  readonly workload: Workload
  /** Carries out one operation; resolves with its result. Usually `({ node, operation }) => node.call((service) => …)`. */
  readonly perform: (call: ClientCall<Service>) => Promise<unknown>
  /** What became of an operation whose `perform` threw. Default: `fail` for a node that was down, else `unknown`, which is always safe. */
  readonly classify?: (error: unknown, operation: ClientOperation) => 'fail' | 'unknown'
  /** What the history must be linearizable by. Default: it is not checked. */
  readonly model?: Model<unknown>
  /** Looked at after every event, by name; one that throws or returns `false` fails the run. */
  readonly invariants?: Readonly<Record<string, (run: SimulationRun<Service>) => boolean | void>>
  /** Looked at in the end, when everything was mended and has converged, by name. */
  readonly checks?: Readonly<Record<string, (run: SimulationRun<Service>) => Promise<void> | void>>
  /** Whether a healed cluster works again. Default: every node that should run has booted. */
  readonly converged?: (run: SimulationRun<Service>, core: readonly NodeId[]) => boolean
  /** How long convergence may take, in simulated milliseconds. Default 30,000. */
  readonly convergeWithinMs?: number
  /** Names for nodes that faults may use as `@name`: `roles: (run) => ({ leader: … })`. */
  readonly roles?: (run: SimulationRun<Service>) => Readonly<Record<string, NodeId | undefined>>
  /** States that all seeds of a suite together must reach, or it shows nothing about them. */
  readonly sometimes?: readonly string[]
  /** How long clients work and faults happen, in simulated milliseconds. Default 10,000. */
  readonly durationMs?: number
  /** A run in which fewer operations succeeded fails as vacuous. Default 1. */
  readonly leastOk?: number
  /** Nodes that the healed core has at least. Default: a majority. */
  readonly quorum?: (nodes: readonly NodeId[]) => number
  /** Draws what differs from seed to seed beside the faults. */
  readonly conditions?: (random: Random) => Pick<WorldOptions, 'network' | 'disk'> & {
    readonly settings?: Readonly<Record<string, unknown>>
  }
  /** How faults are generated; or a function that makes them itself. */
  readonly faults?:
    | Omit<GenerateFaultsOptions, 'random' | 'nodes' | 'durationMs'>
    | ((random: Random, nodes: readonly NodeId[], durationMs: number) => readonly FaultStep[])
}
