import type { NodeId } from '@colony/host'

/**
 * The links to cut, both ways, so that every node still talks to a majority (itself included), and no two nodes to the same one: nodes stand in a ring, in the order
 * of the list, and each hears only its nearest neighbours. A leader that some do not hear keeps others from electing one. No links for fewer than four nodes:
 * there every majority is all, or all but one.
 * @category Faults
 */
export function ringOfMajorities(nodes: readonly NodeId[]): readonly (readonly [from: NodeId, to: NodeId])[] {
  const size = nodes.length
  const reach = Math.ceil(Math.floor(size / 2) / 2)
  return nodes.flatMap((from, place) =>
    nodes.flatMap((to, other) => {
      const apart = Math.abs(place - other)
      return Math.min(apart, size - apart) > reach ? [[from, to] as const] : []
    }),
  )
}
