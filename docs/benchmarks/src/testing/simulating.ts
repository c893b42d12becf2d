import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'
import { exploreInWorkers } from '@colony/testing/node'

/** How much simulated time a second of real time holds, with faults, clients, history and checks. */
export interface SimulatingRow {
  readonly load: string
  readonly threads: number
  readonly seeds: number
  readonly simulatedSecondsPerSecond: number
  readonly eventsPerSecond: number
}

/** A client does something every so many milliseconds: busy as in raft's own suite, and as in a service that is mostly idle. */
const LOADS = [
  { load: '3 clients, an operation every 10 to 100 ms each', suite: 'busySuite' },
  { load: '3 clients, an operation every 1 to 3 s each', suite: 'calmSuite' },
] as const

/** Threads begin with code that is not compiled yet: what they do in the first seconds says little. */
const LONGER = 4

/** Runs seeds for so many seconds with each load, in one thread and then, as suites do, on all cores. */
export async function measureSimulating(seconds: number): Promise<SimulatingRow[]> {
  const rows: SimulatingRow[] = []
  for (const { load, suite } of LOADS) {
    for (const threads of new Set([1, availableParallelism()])) {
      rows.push({ load, threads, ...(await measure(suite, threads, LONGER * seconds)) })
    }
  }
  return rows
}

async function measure(
  suite: (typeof LOADS)[number]['suite'],
  threads: number,
  seconds: number,
): Promise<Omit<SimulatingRow, 'load' | 'threads'>> {
  const started = performance.now()
  const { seeds, simulatedMs, events } = await exploreInWorkers({
    module: new URL('raft-suite.js', import.meta.url),
    export: suite,
    workers: threads,
    seeds: [1, 2],
    timeMs: seconds * 1000,
    file: 'docs/benchmarks/src/testing/raft-suite.ts',
  })
  const ms = performance.now() - started
  return {
    seeds,
    simulatedSecondsPerSecond: Math.round(simulatedMs / ms),
    eventsPerSecond: Math.round((events / ms) * 1000),
  }
}
