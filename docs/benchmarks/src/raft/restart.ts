import { progress } from '../bench.ts'
import { besides, Worker } from '../measure/child.ts'
import { temporaryDirectory } from '../measure/cleanup.ts'
import { median } from '../measure/percentiles.ts'
import type { Rests } from '../measure/rests.ts'
import { PUT_BYTES } from './bench-protocol.ts'
import type { RestartServer } from './restart-server.ts'

/** What it takes a process to come back. */
export interface RestartRow {
  readonly entries: number
  /** Bytes of each command. */
  readonly bytes: number
  readonly wallMs: number
  readonly cpuMs: number
  /** Of the process, afterwards. */
  readonly residentBytes: number
}

/** What a fresh process found when it had come back. */
export interface Restarted {
  readonly applied: number
  readonly wallMs: number
  readonly cpuMs: number
  readonly residentBytes: number
}

const SIZES: readonly number[] = [1_000_000]
const TIMEOUT_MS = 300_000
const SETTLE_MS = 3_000

/** How often and where to measure. */
export interface RestartOptions {
  readonly rounds: number
  readonly scratch: string
  readonly rests: Rests
}

/** Writes a log once, then starts a fresh process on it, round after round. */
export async function measureRestart({ rounds, scratch, rests }: RestartOptions): Promise<RestartRow[]> {
  const rows: RestartRow[] = []
  for (const entries of SIZES) {
    using directory = temporaryDirectory(scratch, 'colony-bench-restart-')
    const runs: Restarted[] = []
    const place = { directory: directory.path, entries }
    {
      await using writer = new Worker<RestartServer>(besides(import.meta.url, 'restart-server'))
      await writer.call('fill', place, TIMEOUT_MS)
    }
    for (let round = 1; round <= rounds; round++) {
      await rests.rest(SETTLE_MS)
      await using server = new Worker<RestartServer>(besides(import.meta.url, 'restart-server'))
      const run = await server.call('restart', place, TIMEOUT_MS)
      if (run.applied < entries) throw new Error(`restart: ${run.applied} of ${entries} entries came back`)
      progress(
        `round ${round} of ${rounds}, restart: ${Math.round(run.wallMs)} ms, ${Math.round(run.cpuMs)} ms of processor`,
      )
      runs.push(run)
    }
    const middle = (pick: (run: Restarted) => number): number => Math.round(median(runs.map(pick)))
    rows.push({
      ...{ entries, bytes: PUT_BYTES },
      wallMs: middle((run) => run.wallMs),
      cpuMs: middle((run) => run.cpuMs),
      residentBytes: middle((run) => run.residentBytes),
    })
  }
  return rows
}
