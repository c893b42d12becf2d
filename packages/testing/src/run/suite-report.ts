import type { Outcome } from '../history/operation.ts'
import type { Counts, RunReport, StateCounts } from '../scenario/run-report.ts'

/**
 * What all runs of a suite came to together.
 * @category Runner
 */
export interface SuiteReport {
  /** The suite's name. */
  readonly suite: string
  /** How many seeds ran. */
  readonly seeds: number
  /** Simulated time, in milliseconds. */
  readonly simulatedMs: number
  /** Events. */
  readonly events: number
  /** How many operations of each verb ended in each way. */
  readonly operations: RunReport['operations']
  /** How many faults of each kind there were. */
  readonly faults: Counts
  /** How often each interesting state was reached, the suite's own in their order; 0 for those that never were. */
  readonly sometimes: Counts
  /** Histories that were neither shown to be right nor wrong, because the check was given up at its budget. */
  readonly undecided: number
  /** Histories of which {@link Suite.order} did not explain everything; with it only. */
  readonly unexplained?: number
  /** How often states were looked at, and how many were different, added up over the runs; with {@link Suite.fingerprint} only. */
  readonly states?: StateCounts
}

/** The report of a suite of which nothing ran yet. */
export function emptyReport(suite: string, sometimes: readonly string[] = []): SuiteReport {
  return {
    suite,
    seeds: 0,
    simulatedMs: 0,
    events: 0,
    operations: {},
    faults: {},
    sometimes: Object.fromEntries(sometimes.map((name) => [name, 0])),
    undecided: 0,
  }
}

/** Adds one run. */
export function addRun(report: SuiteReport, { unexplained, ...run }: RunReport): SuiteReport {
  return mergeReports(report, {
    ...run,
    ...(unexplained !== undefined && { unexplained: unexplained > 0 ? 1 : 0 }),
    suite: report.suite,
    seeds: 1,
    undecided: run.verdict === 'unknown' ? 1 : 0,
  })
}

/**
 * Adds up two reports of one suite: of two files, or of two workers.
 * @category Runner
 */
export function mergeReports(left: SuiteReport, right: SuiteReport): SuiteReport {
  const states = addStates(left.states, right.states)
  const unexplained = addWhereKnown(left.unexplained, right.unexplained)
  return {
    suite: left.suite,
    seeds: left.seeds + right.seeds,
    // Whole microseconds, so that the sum does not depend on the order of adding.
    simulatedMs: (Math.round(left.simulatedMs * 1000) + Math.round(right.simulatedMs * 1000)) / 1000,
    events: left.events + right.events,
    operations: merge(left.operations, right.operations, addOutcomes),
    faults: merge(left.faults, right.faults, (one, other) => one + other),
    sometimes: merge(left.sometimes, right.sometimes, (one, other) => one + other),
    undecided: left.undecided + right.undecided,
    ...(unexplained !== undefined && { unexplained }),
    ...(states !== undefined && { states }),
  }
}

/** Names of the left come first, in their order; then those of the right alone. */
function merge<Value>(
  left: Readonly<Record<string, Value>>,
  right: Readonly<Record<string, Value>>,
  add: (one: Value, other: Value) => Value,
): Readonly<Record<string, Value>> {
  const sums = new Map(Object.entries(left))
  for (const [name, value] of Object.entries(right)) {
    const before = sums.get(name)
    sums.set(name, before === undefined ? value : add(before, value))
  }
  return Object.fromEntries(sums)
}

type Outcomes = Readonly<Record<Outcome, number>>

function addOutcomes(one: Outcomes, other: Outcomes): Outcomes {
  return { ok: one.ok + other.ok, fail: one.fail + other.fail, unknown: one.unknown + other.unknown }
}

function addWhereKnown(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : one + other
}

function addStates(one: StateCounts | undefined, other: StateCounts | undefined): StateCounts | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return { looks: one.looks + other.looks, distinct: one.distinct + other.distinct }
}
