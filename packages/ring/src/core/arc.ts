import { CIRCLE } from './circle.ts'
import type { RingNode } from './members.ts'
import type { ArcPlacement } from './placement.ts'

/** How many positions `(from, to]` has: 1 to 2^32, which is the whole circle, when both ends are the same. */
export function arcLength(from: number, to: number): number {
  return to > from ? to - from : to - from + CIRCLE
}

/** `(from, to]` and who owns it. */
export interface OwnedArc<Node extends RingNode> {
  readonly from: number
  readonly to: number
  readonly node: Node
}

/** All arcs in the order of their ends, each as long as it can be: neighbours have different owners. O(boundaries). */
export function ownedArcs<Node extends RingNode>(placement: ArcPlacement<Node>): OwnedArc<Node>[] {
  const boundaries = placement.boundaries()
  const owners: (Node | undefined)[] = []
  for (const boundary of boundaries) owners.push(placement.replicasAt(boundary, 1)[0])
  const ends: number[] = []
  for (let at = 0; at < owners.length; at++) {
    if (owners[at] !== owners[(at + 1) % owners.length]) ends.push(at)
  }
  // A sole owner's arc ends nowhere; then any boundary is as good as another.
  if (ends.length === 0 && owners.length > 0) ends.push(0)
  const arcs: OwnedArc<Node>[] = []
  let from = boundaries[ends.at(-1) ?? 0] as number
  for (const end of ends) {
    const to = boundaries[end] as number
    const node = owners[end]
    if (node !== undefined) arcs.push({ from, to, node })
    from = to
  }
  return arcs
}
