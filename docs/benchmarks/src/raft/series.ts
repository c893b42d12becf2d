import type { Load, LoadResult } from '../measure/closed-loop.ts'
import { LEVELS } from './workload.ts'

/** One way of serving the workload, measured beside others. */
export interface Series {
  /** Short and unique; `--only` takes it. */
  readonly name: string
  /** Brings a fresh system up in `directory`, drives every load in turn, takes it down. */
  round(directory: string, loads: readonly Load[]): Promise<LoadResult[]>
}

/** Before the first level: lets compilers, caches and connections settle. */
const FIRST_WARMUP_MS = 2_000
/** Before each level. */
const WARMUP_MS = 500

/** Drives every load against a target: one uncounted load first, so that the first level does not pay for cold code. */
export async function driveAll(
  loads: readonly Load[],
  drive: (load: Load, timeoutMs: number) => Promise<LoadResult>,
): Promise<LoadResult[]> {
  const results: LoadResult[] = []
  const warmup: Load = { outstanding: 64, warmupMs: FIRST_WARMUP_MS, measureMs: 100 }
  for (const load of [warmup, ...loads]) {
    results.push(await drive(load, load.warmupMs + load.measureMs + 15_000))
  }
  return results.slice(1)
}

/** The loads of one round: one a level. */
export function loadsOf(seconds: number): Load[] {
  return LEVELS.map((outstanding) => ({ outstanding, warmupMs: WARMUP_MS, measureMs: seconds * 1000 }))
}
