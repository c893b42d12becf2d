import type { Random } from '@colony/host'

/** What is done to the cluster. */
export type FaultKind = 'kill-leader' | 'kill-follower' | 'pause-leader' | 'cut-link' | 'isolate-leader'

/** One fault to come. Times in milliseconds from the start of the load. */
export interface PlannedFault {
  readonly kind: FaultKind
  readonly atMs: number
  /** How long the node is down or paused, or the link is cut, at least. */
  readonly lastsMs: number
  /** In [0, 1): chooses the victim among those that are possible then. */
  readonly choice: number
}

/** The faults of a run, in this order: each run has the first four, one of 30 seconds all. */
const ORDER: readonly FaultKind[] = [
  'kill-leader',
  'kill-follower',
  'pause-leader',
  'cut-link',
  'isolate-leader',
]
const FEWEST = 4

const SECONDS_PER_FAULT = 6
/** Longer than an election, which takes 400 to 800 ms and the time to ask for votes. */
const SHORTEST_MS = 1_200
const LONGEST_MS = 3_000

/** Spreads the faults over a run: every kind in order, and in longer runs more of them as the seed has it. */
export function planFaults(seconds: number, random: Random): readonly PlannedFault[] {
  const count = Math.max(FEWEST, Math.floor(seconds / SECONDS_PER_FAULT))
  const totalMs = seconds * 1000
  return Array.from({ length: count }, (_, nth) => ({
    kind: ORDER[nth] ?? ORDER[random.integer(0, ORDER.length - 1)] ?? 'kill-leader',
    atMs: totalMs * (0.08 + (0.88 * nth) / count),
    lastsMs: Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (totalMs / count) * 0.35)),
    choice: random.float(),
  }))
}
