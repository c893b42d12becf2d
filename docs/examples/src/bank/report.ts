import type { Fault } from './fault-injector.ts'
import { electionOf } from './frame.ts'
import { count, milliseconds } from './format.ts'
import type { OperationRecord } from './operation-record.ts'
import { quantile, sorted } from './quantile.ts'
import type { Verdict } from './verify.ts'
import { writePauses } from './write-pauses.ts'

/** What a run came to. The fields of the JSON line, in its order. */
export interface Report {
  readonly nodes: number
  readonly acknowledged: number
  readonly unknown: number
  readonly lost: number
  readonly duplicated: number
  readonly conserved: boolean
  readonly linearizable: boolean
  /** The longest time without an acknowledged transfer after each fault, until the next one. */
  readonly failoverMs: readonly number[]
  /** Transfers and linearizable reads. */
  readonly opsPerSecond: number
  /** Of transfers, over the whole run, faults and retries included. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly readP50Ms: number
  readonly readP99Ms: number
  readonly localReads: number
  readonly staleP50Ms: number
  readonly staleP99Ms: number
  readonly staleMaxMs: number
  /** Local reads on a node that could not say how old its state was. */
  readonly staleUnbounded: number
  readonly stalenessHeld: boolean
  readonly identical: boolean
  readonly unknownApplied: number
  readonly operationsChecked: number
  readonly accountsChecked: number
  readonly faults: readonly string[]
  readonly seconds: number
  readonly seed: number
  readonly problems: readonly string[]
}

/** What a report is made from. */
export interface Outcome {
  readonly nodes: number
  readonly seed: number
  readonly startedAt: number
  readonly stoppedAt: number
  readonly records: readonly OperationRecord[]
  readonly faults: readonly Fault[]
  readonly verdict: Verdict
}

/** Adds the figures to the verdict. */
export function createReport(outcome: Outcome): Report {
  const { records, faults, verdict, nodes, seed, startedAt, stoppedAt } = outcome
  const transferMs: number[] = []
  const balanceMs: number[] = []
  const staleMs: number[] = []
  let localReads = 0
  for (const record of records) {
    const tookMs = record.completedAt - record.invokedAt
    if (record.kind === 'balance') balanceMs.push(tookMs)
    else if (record.kind === 'transfer' && record.result !== undefined) transferMs.push(tookMs)
    else if (record.kind === 'history') {
      localReads++
      if (record.staleMs !== null) staleMs.push(record.staleMs)
    }
  }
  const seconds = (stoppedAt - startedAt) / 1000
  const [writes, reads, ages] = [transferMs, balanceMs, staleMs].map((values) => sorted(values))
  const at = (values: Float64Array | undefined, share: number): number =>
    rounded(quantile(values ?? [], share))
  const { acknowledged, unknown, lost, duplicated, conserved, linearizable } = verdict
  return {
    nodes,
    ...{ acknowledged, unknown, lost, duplicated, conserved, linearizable },
    failoverMs: writePauses(records, faults, stoppedAt).map(rounded),
    opsPerSecond: Math.round((transferMs.length + balanceMs.length) / seconds),
    p50Ms: at(writes, 0.5),
    p99Ms: at(writes, 0.99),
    readP50Ms: at(reads, 0.5),
    readP99Ms: at(reads, 0.99),
    localReads,
    staleP50Ms: at(ages, 0.5),
    staleP99Ms: at(ages, 0.99),
    staleMaxMs: at(ages, 1),
    staleUnbounded: localReads - staleMs.length,
    stalenessHeld: verdict.stalenessHeld,
    identical: verdict.identical,
    unknownApplied: verdict.unknownApplied,
    operationsChecked: verdict.operationsChecked,
    accountsChecked: verdict.accountsChecked,
    faults: faults.map((fault) => `${fault.title}${electionOf(fault)}`),
    seconds: rounded(seconds),
    seed,
    problems: verdict.problems,
  }
}

/** The table that ends a run. */
export function formatReport(report: Report): readonly string[] {
  const { nodes, seconds, failoverMs, faults } = report
  const row = (name: string, value: string): string => `  ${name.padEnd(22)}${value}`
  const pauses = faults.map((fault, nth) =>
    row(
      nth === 0 ? 'longest write pause' : '',
      `${milliseconds(failoverMs[nth] ?? Number.NaN).padStart(8)}  ${fault}`,
    ),
  )
  const local = `${count(report.localReads)}, stale by at most: p50 ${milliseconds(report.staleP50Ms)}, p99 ${milliseconds(report.staleP99Ms)}, longest ${milliseconds(report.staleMaxMs)}`
  return [
    '',
    row(
      'transfers',
      `${count(report.acknowledged)} acknowledged, ${count(report.unknown)} unknown (${count(report.unknownApplied)} of them applied)`,
    ),
    row(
      'throughput',
      `${count(report.opsPerSecond)} linearizable operations a second for ${seconds.toFixed(1)} s, faults included`,
    ),
    row(
      'transfer latency',
      `p50 ${milliseconds(report.p50Ms)}, p99 ${milliseconds(report.p99Ms)} (linearizable)`,
    ),
    row(
      'balance read latency',
      `p50 ${milliseconds(report.readP50Ms)}, p99 ${milliseconds(report.readP99Ms)} (linearizable)`,
    ),
    row('local history reads', local),
    ...(report.staleUnbounded > 0
      ? [row('', `${count(report.staleUnbounded)} came from a node that knew no bound and said so`)]
      : []),
    ...pauses,
    row(
      'checked',
      `${count(report.operationsChecked)} operations in the order of the log; ${report.accountsChecked} accounts without it`,
    ),
    row(
      '',
      `${nodes} ledgers ${report.identical ? 'identical' : 'DIFFERENT'}; staleness bounds ${report.stalenessHeld ? 'held' : 'BROKEN'}`,
    ),
    ...report.problems.map((problem) => row('PROBLEM', problem)),
    '',
    '  consistency was chosen for each operation: transfers and balances linearizable, histories local and of known age',
    `  lost: ${report.lost}, duplicated: ${report.duplicated}, conserved: ${report.conserved}, linearizable: ${report.linearizable}`,
  ]
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
