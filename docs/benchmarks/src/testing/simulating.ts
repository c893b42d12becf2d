import { performance } from 'node:perf_hooks'
import { simulate } from '@colony/testing'
import { raftSuite } from './raft-suite.ts'

/** How much simulated time a second of real time holds, with faults, clients, history and checks. */
export interface SimulatingRow {
  readonly load: string
  readonly seeds: number
  readonly simulatedSecondsPerSecond: number
  readonly eventsPerSecond: number
}

/** The first seeds run code that is not compiled yet, and do not count. */
const COLD_SEEDS = 10

/** A client does something every so many milliseconds: busy as raft's own suite, and as a service that is mostly idle. */
const LOADS: readonly (readonly [load: string, gapMs: readonly [number, number]])[] = [
  ['3 clients, an operation every 10 to 100 ms each', [10, 100]],
  ['3 clients, an operation every 1 to 3 s each', [1000, 3000]],
]

/** Runs one seed after the other for so many seconds with each load. */
export async function measureSimulating(seconds: number): Promise<SimulatingRow[]> {
  const rows: SimulatingRow[] = []
  for (const [load, gapMs] of LOADS) rows.push(await measure(load, gapMs, seconds))
  return rows
}

async function measure(
  load: string,
  gapMs: readonly [number, number],
  seconds: number,
): Promise<SimulatingRow> {
  const suite = raftSuite(load, gapMs)
  for (let seed = 1; seed <= COLD_SEEDS; seed++) await simulate(suite, seed)
  let simulatedMs = 0
  let events = 0
  let seeds = 0
  const started = performance.now()
  while (performance.now() - started < seconds * 1000) {
    const report = await simulate(suite, COLD_SEEDS + ++seeds)
    simulatedMs += report.simulatedMs
    events += report.events
  }
  const ms = performance.now() - started
  return {
    ...{ load, seeds },
    simulatedSecondsPerSecond: Math.round(simulatedMs / ms),
    eventsPerSecond: Math.round((events / ms) * 1000),
  }
}
