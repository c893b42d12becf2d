import { progress } from '../bench.ts'
import { besides, Worker } from '../measure/child.ts'
import { Samples } from '../measure/percentiles.ts'
import { formatMs, formatRate } from '../measure/table.ts'
import { commandsSent, countsBetween, jain } from './arithmetic.ts'
import type { Contender } from './contender.ts'
import { FLOORS, REDIS_SYSTEMS, type RedisSystem } from './redis-systems.ts'
import { commandCounts } from './redis-process.ts'

/** Processes, and clients in each. */
export const CROWD = { processes: 8, clients: 4 } as const
const HOLD_MS = 2
const END_TIMEOUT_MS = 120_000

/** Many that want one lock. */
export interface CrowdRow {
  readonly system: string
  readonly grantsPerSecond: number
  readonly p50WaitMs: number
  readonly p99WaitMs: number
  /** How evenly the grants are shared out among the clients. */
  readonly jain: number
  /** What the clients sent, for each grant. */
  readonly commandsSent: number
  /** What the server ran, also within scripts, for each grant. */
  readonly commandsRun: number
}

/** Processes whose clients all want one lock on one Redis server; one system after the other. */
export async function measureCrowds(port: number, ms: number): Promise<CrowdRow[]> {
  const workers = Array.from({ length: CROWD.processes }, () => {
    return new Worker<Contender>(besides(import.meta.url, 'contender'))
  })
  const floors: readonly string[] = Object.values(FLOORS)
  const rows: CrowdRow[] = []
  try {
    for (const system of REDIS_SYSTEMS.filter(({ name }) => !floors.includes(name))) {
      const row = await measureCrowd(system, workers, port, ms)
      rows.push(row)
      const { name } = system
      progress(
        `crowd, ${name}: ${formatRate(row.grantsPerSecond)}/s, p99 ${formatMs(row.p99WaitMs)} ms, Jain ${row.jain.toFixed(3)}, ${row.commandsSent.toFixed(1)} commands`,
      )
    }
    return rows
  } finally {
    await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()))
  }
}

async function measureCrowd(
  { name, sends }: RedisSystem,
  workers: readonly Worker<Contender>[],
  port: number,
  ms: number,
): Promise<CrowdRow> {
  const open = { system: name, port, count: CROWD.clients }
  await Promise.all(workers.map((worker) => worker.call('open', open)))
  const contend = async (forMs: number) => {
    return await Promise.all(
      workers.map((worker) => worker.call('contend', { ms: forMs, holdMs: HOLD_MS }, forMs + END_TIMEOUT_MS)),
    )
  }
  await contend(ms / 4)
  const before = await commandCounts(port)
  const contended = await contend(ms)
  const counts = countsBetween(before, await commandCounts(port))
  await Promise.all(workers.map((worker) => worker.call('close', undefined)))
  const waits = new Samples()
  for (const wait of contended.flatMap((one) => one.waits)) waits.add(wait)
  const grants = contended.flatMap((one) => one.grants)
  return {
    system: name,
    grantsPerSecond: (waits.count / ms) * 1000,
    p50WaitMs: waits.percentile(0.5),
    p99WaitMs: waits.percentile(0.99),
    jain: jain(grants),
    commandsSent: commandsSent(counts, sends) / waits.count,
    commandsRun: [...counts.values()].reduce((sum, count) => sum + count, 0) / waits.count,
  }
}
