import type { Circle } from './circle.ts'
import type { RingNode } from './members.ts'
import { invalidOption } from './options.ts'
import type { ReplicaOptions } from './placement.ts'

/** The nodes of a circle in the order in which they stand from a position on, each once. `first`, if any, comes before all others. */
export function* walkFrom<Node extends RingNode>(
  circle: Circle,
  nodes: readonly Node[],
  position: number,
  first?: Node,
): IterableIterator<Node> {
  const { owners } = circle
  const start = circle.find(position)
  const seen = new Uint8Array(nodes.length)
  if (first !== undefined) {
    seen[nodes.indexOf(first)] = 1
    yield first
  }
  for (let step = 0; step < owners.length; step++) {
    const owner = owners[(start + step) % owners.length] as number
    if (seen[owner] === 1) continue
    seen[owner] = 1
    yield nodes[owner] as Node
  }
}

/**
 * The first `count` of a walk, on a circle that has a point. Few are asked for, so those found are compared one by one, and nothing but the result
 * is allocated: with its length at once, because a list that grows takes room for 17 at its first push.
 */
export function firstDistinct<Node extends RingNode>(
  circle: Circle,
  nodes: readonly Node[],
  position: number,
  count: number,
): Node[] {
  const { owners } = circle
  const start = circle.find(position)
  const { length } = owners
  const found = new Array<Node>(Math.min(count, nodes.length))
  const first = owners[start] as number
  found[0] = nodes[first] as Node
  let last = first
  let size = 1
  for (let step = 1, at = start; step < length && size < found.length; step++) {
    if (++at === length) at = 0
    const owner = owners[at] as number
    if (owner === first || owner === last) continue
    last = owner
    const node = nodes[owner] as Node
    let place = 1
    while (place < size && found[place] !== node) place++
    if (place === size) found[size++] = node
  }
  // Setting a length is a call into the engine that costs more than all the above.
  if (size < found.length) found.length = size
  return found
}

/** What has to be known of a preference list before replicas can be spread over zones. */
export interface ZoneCount {
  readonly nodes: number
  readonly zones: number
}

/** Counts the zones of some nodes. */
export function countZones(nodes: readonly RingNode[]): ZoneCount {
  return { nodes: nodes.length, zones: new Set(nodes.map(zoneOf)).size }
}

/** The first `count` of any preference list, by the rules of `options`. With `known`, what is in the whole list, no more of it is read than needed. */
export function choose<Node extends RingNode>(
  preference: Iterable<Node>,
  count: number,
  { spread, skip }: ReplicaOptions<Node>,
  known?: ZoneCount,
): Node[] {
  const fits = (node: Node): boolean => skip?.(node) !== true
  if (spread !== 'zone') return firstFitting(preference, count, fits)
  if (skip === undefined && known !== undefined) return chooseAcrossZones(preference, count, known)
  const candidates = [...preference].filter(fits)
  return chooseAcrossZones(candidates, count, countZones(candidates))
}

function firstFitting<Node extends RingNode>(
  preference: Iterable<Node>,
  count: number,
  fits: (node: Node) => boolean,
): Node[] {
  const chosen: Node[] = []
  for (const node of preference) {
    if (!fits(node)) continue
    chosen.push(node)
    if (chosen.length === count) break
  }
  return chosen
}

/**
 * One pass, in order: a node of a new zone is taken; one of a zone that is taken already only while fewer repeats were taken than there
 * have to be, which is known beforehand from the number of zones (Apache Cassandra, NetworkTopologyStrategy).
 */
function chooseAcrossZones<Node extends RingNode>(
  candidates: Iterable<Node>,
  count: number,
  { nodes, zones }: ZoneCount,
): Node[] {
  const wanted = Math.min(count, nodes)
  let repeats = wanted - zones
  const seen = new Set<string>()
  return firstFitting(candidates, wanted, (node) => {
    const zone = zoneOf(node)
    const fits = !seen.has(zone) || repeats-- > 0
    seen.add(zone)
    return fits
  })
}

/** Without a zone a node is one of its own; ids and zones are kept apart by the first character. */
function zoneOf({ id, zone }: RingNode): string {
  return zone === undefined ? `i${id}` : `z${zone}`
}

/** Passes a number of replicas that is one. */
export function checkedCount(count: number): number {
  if (Number.isInteger(count) && count >= 1) return count
  throw invalidOption(`the number of replicas must be a whole number of at least 1, not ${count}`)
}
