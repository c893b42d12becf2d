import { progress } from '../bench.ts'
import { temporaryDirectory } from '../measure/cleanup.ts'
import { median } from '../measure/percentiles.ts'
import type { Rests } from '../measure/rests.ts'
import { formatMs, formatRate } from '../measure/table.ts'
import { loadsOf, type Series, type SeriesResult } from './series.ts'

/** A series at one level: medians over the rounds. */
export interface DurableRow {
  readonly series: string
  readonly outstanding: number
  readonly opsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Processor time of the process that makes the requests, in microseconds each. */
  readonly driverCpuMicros: number
  /** Processor time of the three servers together, in microseconds an operation. */
  readonly serverCpuMicros: number
  readonly failures: number
  /** Throughput of each round, to show how far they lie apart. */
  readonly rounds: readonly number[]
}

/** How long to measure and where. */
export interface DurableOptions {
  readonly seconds: number
  readonly rounds: number
  readonly scratch: string
  /** Requests kept outstanding, one run each. */
  readonly levels: readonly number[]
  /**
   * Rest between the removal of one system's files and the start of the next, in milliseconds: where a file system tells the disk of freed space, whoever is
   * measured next would pay for what the one before wrote.
   */
  readonly settleMs: number
  readonly rests: Rests
}

/** Measures every series in turn, round after round, so that a machine that changes its mood does it to all alike. */
export async function measureDurable(all: readonly Series[], options: DurableOptions): Promise<DurableRow[]> {
  const loads = loadsOf(options)
  const results = new Map<string, SeriesResult[][]>(all.map((series) => [series.name, []]))
  for (let round = 1; round <= options.rounds; round++) {
    for (const series of all) {
      // Each starts from nothing and alone: no idle heartbeats of another, no file grown by an earlier round.
      using directory = temporaryDirectory(options.scratch, `colony-bench-${series.name}-`)
      await options.rests.rest(options.settleMs)
      const measured = await series.round(directory.path, loads)
      results.get(series.name)?.push(measured)
      const rates = measured.map(
        ({ opsPerSecond, p99Ms }) => `${formatRate(opsPerSecond)}/s (p99 ${formatMs(p99Ms)})`,
      )
      progress(`round ${round} of ${options.rounds}, ${series.name}: ${rates.join(', ')}`)
    }
  }
  return all.flatMap(({ name }) =>
    loads.map(({ outstanding }, level) => {
      const runs = (results.get(name) ?? []).flatMap((round) => round[level] ?? [])
      return summarise(name, outstanding, runs)
    }),
  )
}

function summarise(series: string, outstanding: number, runs: readonly SeriesResult[]): DurableRow {
  const middle = (pick: (run: SeriesResult) => number): number => round3(median(runs.map(pick)))
  return {
    series,
    outstanding,
    opsPerSecond: Math.round(middle((run) => run.opsPerSecond)),
    p50Ms: middle((run) => run.p50Ms),
    p99Ms: middle((run) => run.p99Ms),
    driverCpuMicros: middle((run) => run.driverCpuMicros),
    serverCpuMicros: middle((run) => run.serverCpuMicros),
    failures: runs.reduce((sum, run) => sum + run.failures, 0),
    rounds: runs.map((run) => Math.round(run.opsPerSecond)),
  }
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000
}
