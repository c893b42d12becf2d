import { arcLength, ownedArcs } from './arc.ts'
import { CIRCLE } from './circle.ts'
import type { RingNode } from './members.ts'
import type { ArcPlacement } from './placement.ts'

/**
 * What one node owns.
 * @category Insight
 */
export interface Ownership<Node extends RingNode> {
  /** The member. */
  readonly node: Node
  /** How many of the 2^32 positions it owns: a whole number, exact. Over all nodes they sum to 2^32, unless nobody owns anything. */
  readonly positions: number
  /** `positions / 2^32`: 0 to 1, exact. */
  readonly share: number
  /** In how many arcs, each as long as it can be. */
  readonly arcs: number
  /** The share that its weight entitles it to: weight over the sum of all weights. 0 for a drained node. */
  readonly expected: number
}

/**
 * What each member owns, in the order of ids, drained ones too. Keys placed by name are left aside. O(p).
 * @category Insight
 */
export function ownership<Node extends RingNode>(
  placement: ArcPlacement<Node>,
): ReadonlyMap<string, Ownership<Node>> {
  const owned = new Map<string, { positions: number; arcs: number }>()
  for (const { id } of placement.nodes) owned.set(id, { positions: 0, arcs: 0 })
  for (const { from, to, node } of ownedArcs(placement)) {
    const tally = owned.get(node.id)
    if (tally === undefined) continue
    tally.positions += arcLength(from, to)
    tally.arcs++
  }
  const expected = expectedShares(placement.nodes)
  return new Map(
    placement.nodes.map((node, at) => {
      const { positions, arcs } = owned.get(node.id) ?? { positions: 0, arcs: 0 }
      return [node.id, { node, positions, share: positions / CIRCLE, arcs, expected: expected[at] ?? 0 }]
    }),
  )
}

/** Relative to the heaviest, so that no sum of weights is too large for a number. */
function expectedShares(nodes: readonly RingNode[]): number[] {
  const heaviest = nodes.reduce((most, { weight = 1 }) => Math.max(most, weight), 0)
  if (heaviest === 0) return []
  const relative = nodes.map(({ weight = 1 }) => weight / heaviest)
  const sum = relative.reduce((total, weight) => total + weight, 0)
  return relative.map((weight) => weight / sum)
}
