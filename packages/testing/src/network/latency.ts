import { minusLog } from '../math/exact.ts'
import type { LatencyDistribution, LinkSettings } from './link-settings.ts'

/** Exponential tails are cut here, in multiples of the mean: about one frame in 10^9 would be later. */
const LONGEST_TAIL = 20

/** Heavy ones here: about one frame in 10^6 would be later. */
const LONGEST_HEAVY_TAIL = 1000

/** A one-way delay in whole microseconds, at least 1; `drawn` is uniform, from 0 to just below 1. */
export function latencyOf(settings: LinkSettings, drawn: number): number {
  const { minLatencyMs, meanLatencyMs, distribution } = settings
  const above = (meanLatencyMs - minLatencyMs) * shapeOf(distribution, drawn)
  return Math.max(1, Math.round((minLatencyMs + above) * 1000))
}

/** Distance from the shortest delay in multiples of the mean distance: itself 1 in the mean. */
function shapeOf(distribution: LatencyDistribution, drawn: number): number {
  switch (distribution) {
    case 'exponential':
      return Math.min(LONGEST_TAIL, minusLog(1 - drawn))
    case 'uniform':
      return 2 * drawn
    case 'constant':
      return 1
    case 'heavy-tailed':
      // A Pareto distribution with exponent 2, from 0: it has a mean but no variance. A square root is exact on every engine.
      return Math.min(LONGEST_HEAVY_TAIL, 1 / Math.sqrt(1 - drawn) - 1)
  }
}
