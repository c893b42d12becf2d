import type { Load, LoadResult } from '../measure/closed-loop.ts'
import { processCpuMicros } from '../measure/process-cpu.ts'

/** What came of one load, and what it cost the servers. */
export interface SeriesResult extends LoadResult {
  /** Processor time of all server processes, in microseconds an operation. Hardly moved by what else runs on the machine. */
  readonly serverCpuMicros: number
}

/** One way of serving the workload, measured beside others. */
export interface Series {
  /** Short and unique; `--only` takes it. */
  readonly name: string
  /** Brings a fresh system up in `directory`, drives every load in turn, takes it down. */
  round(directory: string, loads: readonly Load[]): Promise<SeriesResult[]>
}

/** Before the first level: lets compilers, caches and connections settle. Node's compiler goes on for seconds, and takes a core while it does. */
const FIRST_WARMUP_MS = 5_000
/** Before each level. */
const WARMUP_MS = 3_000

/** Puts that come before reads: enough for every key at a few thousand a second. */
export const FILL: Load = { outstanding: 64, warmupMs: 0, measureMs: 4_000 }
/** How long that may take. */
export const FILL_TIMEOUT_MS = 30_000

/** Drives every load against a target served by the processes `servers`: one uncounted load first, so that the first level does not pay for cold code. */
export async function driveAll(
  loads: readonly Load[],
  servers: readonly number[],
  drive: (load: Load, timeoutMs: number) => Promise<LoadResult>,
): Promise<SeriesResult[]> {
  const results: SeriesResult[] = []
  const warmup: Load = { outstanding: 64, warmupMs: FIRST_WARMUP_MS, measureMs: 100 }
  for (const load of [warmup, ...loads]) {
    const before = processCpuMicros(servers)
    const result = await drive(load, load.warmupMs + load.measureMs + 15_000)
    results.push({ ...result, serverCpuMicros: (processCpuMicros(servers) - before) / result.completed })
  }
  return results.slice(1)
}

/** The loads of one round: one a level. */
export function loadsOf({
  seconds,
  levels,
}: {
  readonly seconds: number
  readonly levels: readonly number[]
}): Load[] {
  return levels.map((outstanding) => ({ outstanding, warmupMs: WARMUP_MS, measureMs: seconds * 1000 }))
}
