import { progress } from '../bench.ts'
import { type Load, type LoadResult, runClosedLoop } from '../measure/closed-loop.ts'
import { median } from '../measure/percentiles.ts'
import { formatMs, formatRate } from '../measure/table.ts'
import type { Locker, System } from './locker.ts'

const WARMUP_MS = 300
const COLD: Load = { outstanding: 64, warmupMs: 0, measureMs: 700 }

/** Locks that nobody else wants: medians over the rounds. */
export interface UncontendedRow {
  readonly system: string
  /** How many keys are under way at every moment, each on its own. */
  readonly outstanding: number
  readonly opsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly failures: number
  /** What it did a second in each round. */
  readonly rounds: readonly number[]
}

/** How long to measure. */
export interface Rounds {
  readonly rounds: number
  /** Of one system at one level, in milliseconds. */
  readonly measureMs: number
}

/** Drives one system. */
export type Driver = (load: Load) => Promise<LoadResult>

/** Takes and gives back locks, each of a key of its own: all systems in turn, round after round. */
export async function measureUncontended(
  systems: readonly System[],
  levels: readonly number[],
  rounds: Rounds,
): Promise<UncontendedRow[]> {
  const open = await openAll(systems)
  try {
    const drivers = open.map(([{ name }, locker]) => [name, (load: Load) => drive(locker, load)] as const)
    return await takeTurns(drivers, levels, { ...rounds, warmupMs: WARMUP_MS })
  } finally {
    for (const [, locker] of open) await locker[Symbol.asyncDispose]()
  }
}

/** Opens one client of each. What is done once, connecting, loading scripts and compiling, is done then. */
async function openAll(systems: readonly System[]): Promise<[System, Locker][]> {
  const open: [System, Locker][] = []
  for (const system of systems) {
    const locker = await system.open()
    const release = await locker.take('first')
    await release()
    await drive(locker, COLD)
    open.push([system, locker])
  }
  return open
}

/** Drives all in turn, round after round, at every level; medians. */
export async function takeTurns(
  drivers: readonly (readonly [name: string, driver: Driver])[],
  levels: readonly number[],
  { rounds, measureMs, warmupMs }: Rounds & { readonly warmupMs: number },
): Promise<UncontendedRow[]> {
  const results = new Map<string, LoadResult[]>()
  const label = (name: string, outstanding: number): string => `${name}, ${outstanding} outstanding`
  for (let round = 1; round <= rounds; round++) {
    for (const outstanding of levels) {
      for (const [name, driver] of drivers) {
        const result = await driver({ outstanding, warmupMs, measureMs })
        const key = label(name, outstanding)
        results.set(key, [...(results.get(key) ?? []), result])
        const figures = `${formatRate(result.opsPerSecond)}/s (p99 ${formatMs(result.p99Ms)})`
        progress(`round ${round} of ${rounds}, ${key}: ${figures}`)
      }
    }
  }
  return levels.flatMap((outstanding) =>
    drivers.map(([name]) => summarise(name, outstanding, results.get(label(name, outstanding)) ?? [])),
  )
}

/** Keeps so many locks under way; no two of one key at a time. */
export async function drive(locker: Locker, load: Load): Promise<LoadResult> {
  const keys = Array.from({ length: load.outstanding }, (_, at) => `key${at}`)
  return await runClosedLoop(load, (done) => {
    const key = keys.pop() ?? ''
    const settle = (ok: boolean): void => {
      keys.push(key)
      done(ok)
    }
    locker
      .take(key)
      .then((release) => release())
      .then(
        () => settle(true),
        // Later: one that always fails at once would let nothing else happen.
        () => setTimeout(settle, 1, false),
      )
  })
}

/** The middle of several runs. */
function summarise(system: string, outstanding: number, runs: readonly LoadResult[]): UncontendedRow {
  return {
    ...{ system, outstanding },
    opsPerSecond: Math.round(median(runs.map((run) => run.opsPerSecond))),
    p50Ms: median(runs.map((run) => run.p50Ms)),
    p99Ms: median(runs.map((run) => run.p99Ms)),
    failures: runs.reduce((sum, run) => sum + run.failures, 0),
    rounds: runs.map((run) => Math.round(run.opsPerSecond)),
  }
}
