import type { Operation, Outcome } from '../history/operation.ts'
import type { Seed } from '../run/seed.ts'
import type { Timeline } from '../timeline/timeline.ts'
import { TraceHash } from '../trace/trace-hash.ts'
import { faultName } from './fault-names.ts'
import type { RunContext } from './run-context.ts'
import type { Scenario } from './scenario.ts'

/**
 * How many of something, by name.
 * @category Scenarios
 */
export type Counts = Readonly<Record<string, number>>

/**
 * How much of the space of states was seen.
 * @category Scenarios
 */
export interface StateCounts {
  /** How often the state was looked at. */
  readonly looks: number
  /** How many of those states were different from all others of the same run. */
  readonly distinct: number
}

/**
 * What one run came to.
 * @category Scenarios
 */
export interface RunReport {
  /** The seed of the run. */
  readonly seed: Seed
  /** Hash of everything that happened in the world and of what the clients got. Equal for equal runs. */
  readonly traceHash: string
  /** How long the run was, in simulated milliseconds. */
  readonly simulatedMs: number
  /** How many events it took. */
  readonly events: number
  /** How many operations of each verb ended in each way. */
  readonly operations: Readonly<Record<string, Readonly<Record<Outcome, number>>>>
  /** How many faults of each kind there were; what only mends is not counted. */
  readonly faults: Counts
  /** How often each interesting state was reached. */
  readonly sometimes: Counts
  /** How often the state was looked at, and how many different ones there were; with {@link Suite.fingerprint} only. */
  readonly states?: StateCounts
  /** What the check of the history came to; absent when the suite has no model. `unknown`: it was given up at its budget. */
  readonly verdict?: 'ok' | 'unknown'
  /** How many objects {@link Suite.order} did not explain, so that they were searched; absent when the suite has none. Not 0: the order is not what the clients saw. */
  readonly unexplained?: number
  /** What a picture is drawn from; with {@link SimulateOptions.timelineEvents} only. */
  readonly recorded?: RecordedRun
}

/**
 * What was kept of a run for a picture.
 * @category Scenarios
 */
export interface RecordedRun {
  /** The run. */
  readonly scenario: Scenario
  /** What happened in the world. */
  readonly timeline: Timeline
  /** What the clients did. */
  readonly operations: readonly Operation[]
}

/** What the check of a history came to. */
export type Judgement = Pick<RunReport, 'verdict' | 'unexplained'>

/** Adds up a run that is over. */
export function reportOf<Service, State>(
  { scenario, world, history, reached }: RunContext<Service, State>,
  judgement: Judgement,
  drawable: boolean,
): RunReport {
  const { operations } = history
  const { looks, states } = world.stats
  return {
    seed: scenario.seed,
    traceHash: hashRun(world.traceHash, operations),
    simulatedMs: world.now,
    events: world.events,
    operations: countOperations(operations),
    faults: countFaults(scenario.faults),
    sometimes: inOrder(reached),
    ...(looks > 0 && { states: { looks, distinct: states.size } }),
    ...judgement,
    ...(drawable && { recorded: { scenario, timeline: world.timeline, operations } }),
  }
}

/** Clients are no part of the world, and what they got may differ where no event does. */
export function hashRun(traceHash: string, operations: readonly Operation[]): string {
  const hash = new TraceHash()
  hash.text(traceHash)
  for (const operation of operations) hash.text(JSON.stringify(operation))
  return hash.hex()
}

function countOperations(operations: readonly Operation[]): RunReport['operations'] {
  const counts = new Map<string, Record<Outcome, number>>()
  for (const { f, outcome } of operations) {
    const own = counts.get(f) ?? { ok: 0, fail: 0, unknown: 0 }
    own[outcome] += 1
    counts.set(f, own)
  }
  return inOrder(counts)
}

function countFaults(steps: Scenario['faults']): Counts {
  const counts = new Map<string, number>()
  for (const step of steps) {
    const name = faultName(step)
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return inOrder(counts)
}

/** In order of names, so that equal reports are equal text. */
function inOrder<Value>(counts: ReadonlyMap<string, Value>): Readonly<Record<string, Value>> {
  return Object.fromEntries([...counts].toSorted(([left], [right]) => (left < right ? -1 : 1)))
}
