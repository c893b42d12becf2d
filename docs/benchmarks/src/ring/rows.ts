import { progress } from '../bench.ts'
import { besides, Worker } from '../measure/child.ts'
import { median } from '../measure/percentiles.ts'
import type { PeerProcess, SpeedFigures, Task } from './peer-process.ts'
import type { PlacementFigures } from './placement-measures.ts'

/** One peer with one number of nodes: what was measured, or why not. */
export interface RingRow {
  readonly peer: string
  readonly nodes: number
  readonly speed: SpeedFigures | undefined
  readonly placement: PlacementFigures | undefined
  /** What it threw. */
  readonly error: string | undefined
}

/** How long one process may take for one thing; hashring at 1000 nodes takes two minutes on a busy machine. */
const TIMEOUT_MS = 900_000

/** What to measure, and how often. */
export interface RowsOptions {
  readonly peers: readonly string[]
  readonly sizes: readonly number[]
  readonly keys: number
  readonly seconds: number
  readonly rounds: number
}

/** Runs everything, peers taking turns, so that a machine that changes its mood does it to all alike. */
export async function measureRows({ peers, sizes, keys, seconds, rounds }: RowsOptions): Promise<RingRow[]> {
  const tasks: Task[] = sizes.flatMap((nodes) => peers.map((peer) => ({ peer, nodes, keys, seconds })))
  const rows: Measured[] = tasks.map((task) => ({ task, speeds: [], placement: undefined, error: undefined }))
  for (let round = 1; round <= rounds; round++) {
    for (const row of rows) {
      if (row.error === undefined) await attempt(row, round)
      progress(`round ${round} of ${rounds}: ${describe(row)}`)
    }
  }
  return rows.map(({ task: { peer, nodes }, speeds, placement, error }) => {
    return { peer, nodes, placement, error, speed: speeds.length === 0 ? undefined : combine(speeds) }
  })
}

interface Measured {
  readonly task: Task
  readonly speeds: SpeedFigures[]
  placement: PlacementFigures | undefined
  error: string | undefined
}

async function attempt(row: Measured, round: number): Promise<void> {
  try {
    await using worker = peerProcess()
    row.speeds.push(await worker.call('speed', row.task, TIMEOUT_MS))
    // In a fresh process again, and once: it is the same every time.
    if (round === 1) await attemptPlacement(row)
  } catch (error) {
    row.error = error instanceof Error ? error.message : String(error)
  }
}

async function attemptPlacement(row: Measured): Promise<void> {
  await using worker = peerProcess()
  row.placement = await worker.call('placement', row.task, TIMEOUT_MS)
}

/** A process for one peer. */
export function peerProcess(): Worker<PeerProcess> {
  return new Worker<PeerProcess>(besides(import.meta.url, 'peer-process'))
}

/** Lookups at their best, since disturbances only add; everything else in the middle. */
function combine(speeds: readonly SpeedFigures[]): SpeedFigures {
  const least = (pick: (figures: SpeedFigures) => number): number => Math.min(...speeds.map(pick))
  const middle = (pick: (figures: SpeedFigures) => number): number => median(speeds.map(pick))
  const replicas = speeds.flatMap(({ replicasNs }) => replicasNs ?? [])
  return {
    ownerNs: least(({ ownerNs }) => ownerNs),
    replicasNs: replicas.length === 0 ? undefined : Math.min(...replicas),
    memoryBytes: Math.round(middle(({ memoryBytes }) => memoryBytes)),
    allocatedBytes: least(({ allocatedBytes }) => allocatedBytes),
    buildMs: middle(({ buildMs }) => buildMs),
    addMs: middle(({ addMs }) => addMs),
    removeMs: middle(({ removeMs }) => removeMs),
  }
}

function describe({ task: { peer, nodes }, speeds, error }: Measured): string {
  const last = speeds.at(-1)
  return `${peer} with ${nodes} nodes: ${error ?? `${last?.ownerNs.toFixed(1)} ns a lookup`}`
}
