import type { NodeId, Random } from '@colony/host'

/** Nodes that are members of nothing at first. */
const SPARES: readonly NodeId[] = ['s', 't']

/** A group of three or five, in two seeds of five with nodes beside it that may become members. */
export function drawNodes(random: Random): readonly NodeId[] {
  const founders = random.float() < 0.33 ? ['a', 'b', 'c'] : ['a', 'b', 'c', 'd', 'e']
  return random.float() < 0.4 ? [...founders, ...SPARES] : founders
}

/** The voters that the group is founded with. */
export function foundersOf(nodes: readonly NodeId[]): readonly NodeId[] {
  return nodes.filter((node) => !SPARES.includes(node))
}

/** Whether members change in this run. */
export function membersChange(nodes: readonly NodeId[]): boolean {
  return nodes.some((node) => SPARES.includes(node))
}

/** Who shall vote from now on: mostly three or five of all, seldom one or an even number. */
export function drawVoters(random: Random, nodes: readonly NodeId[], least = 1): readonly NodeId[] {
  const sizes = [3, 3, 3, 5, 5, 4, 2, 1]
  const size = Math.min(Math.max(least, sizes[random.integer(0, sizes.length - 1)] ?? 3), nodes.length)
  const left = [...nodes]
  return Array.from({ length: size }, () => left.splice(random.integer(0, left.length - 1), 1)[0] ?? '')
}
