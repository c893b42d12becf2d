import { checkedNode, checkedWeight, findMember, type RingNode } from './members.ts'
import { RingError } from './ring-error.ts'

/** The members and one more. @throws A {@link RingError}: `RING_INVALID_NODE`, `RING_DUPLICATE_NODE`. */
export function plusMember<Node extends RingNode>(nodes: readonly Node[], node: Node): readonly Node[] {
  checkedNode(node)
  if (findMember(nodes, node.id) < 0) return [...nodes, node]
  throw new RingError(
    'RING_DUPLICATE_NODE',
    `'${node.id}' is a member already; use withWeight to change its weight, withMembers to set all members`,
  )
}

/** The members without one. @throws A {@link RingError} with code `RING_UNKNOWN_NODE`. */
export function minusMember<Node extends RingNode>(nodes: readonly Node[], id: string): readonly Node[] {
  const gone = knownMember(nodes, id)
  return nodes.filter((node) => node !== gone)
}

/** The members, one with another weight. @throws A {@link RingError}: `RING_UNKNOWN_NODE`, `RING_INVALID_NODE`. */
export function reweighedMember<Node extends RingNode>(
  nodes: readonly Node[],
  id: string,
  weight: number,
): readonly Node[] {
  const old = knownMember(nodes, id)
  checkedWeight(weight, id)
  return nodes.map((node) => (node === old ? { ...node, weight } : node))
}

/** The member with this id. @throws A {@link RingError} with code `RING_UNKNOWN_NODE`. */
export function knownMember<Node extends RingNode>(nodes: readonly Node[], id: string): Node {
  const node = nodes[findMember(nodes, id)]
  if (node !== undefined) return node
  throw new RingError('RING_UNKNOWN_NODE', `'${id}' is no member among these ${nodes.length} nodes`)
}
