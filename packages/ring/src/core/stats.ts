import type { RingNode } from './members.ts'
import { ownership } from './ownership.ts'
import type { ArcPlacement } from './placement.ts'

/**
 * How evenly a placement spreads keys.
 * @category Insight
 */
export interface PlacementStats {
  /**
   * The largest ratio of a node's share to the share that its weight entitles it to: 1 is perfect, 1.2 means that some node has 20 % more than
   * it should. 0 without nodes.
   */
  readonly peakToAverage: number
  /**
   * How far these ratios lie from 1: the root of the mean square. For equal weights the standard deviation of shares over their mean. 0 is
   * perfect; a ring has about 1/√vnodes.
   */
  readonly coefficientOfVariation: number
  /** The smallest share of the circle that a node has: 0 to 1. */
  readonly minShare: number
  /** The largest share of the circle that a node has: 0 to 1. */
  readonly maxShare: number
}

/**
 * How evenly a placement spreads keys, given the weights: a node of weight 2 is expected to have twice as much. Drained nodes are left out. One
 * node has everything and is as expected: 1, 0, 1, 1. Without any node, or with drained ones only, all four are 0. O(p).
 * @category Insight
 */
export function stats<Node extends RingNode>(placement: ArcPlacement<Node>): PlacementStats {
  const active = [...ownership(placement).values()].filter(({ expected }) => expected > 0)
  if (active.length === 0) return { peakToAverage: 0, coefficientOfVariation: 0, minShare: 0, maxShare: 0 }
  let peak = 0
  let squares = 0
  let minShare = 1
  let maxShare = 0
  for (const { share, expected } of active) {
    const ratio = share / expected
    peak = Math.max(peak, ratio)
    squares += (ratio - 1) ** 2
    minShare = Math.min(minShare, share)
    maxShare = Math.max(maxShare, share)
  }
  const coefficientOfVariation = Math.sqrt(squares / active.length)
  return { peakToAverage: peak, coefficientOfVariation, minShare, maxShare }
}
