import { invalidOption } from './options.ts'
import { RingError } from './ring-error.ts'

/**
 * A member of a ring. Add whatever fields you like (`url`, `pool`): lookups return the very object that you passed.
 * @category Ring
 */
export interface RingNode {
  /** Identity: decides where the node stands. Any string but the empty one. */
  readonly id: string
  /**
   * How many shares it takes. 0 or more, default 1. `weight × vnodes` points, rounded to the nearest whole number (halves up), but at least one
   * unless the weight is 0: a node of weight 0 is drained, still a member and given nothing.
   */
  readonly weight?: number
  /** Where it must not fail together with others: a rack, a zone, a host. Without one, a node is a zone of its own. */
  readonly zone?: string
}

/** More points than this would not fit beside the node's number into one exact double. */
const MAX_POINTS = 2 ** 24
const MAX_NODES = 2 ** 20

/**
 * The nodes, checked and in the order of their ids (by UTF-16 code units, as `<` has it): every result depends on the set alone.
 * @throws A {@link RingError} with code `RING_INVALID_NODE` or `RING_DUPLICATE_NODE`.
 */
export function sortedMembers<Node extends RingNode>(nodes: Iterable<Node>): readonly Node[] {
  const members = [...nodes].map((node) => checkedNode(node))
  members.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  for (let at = 1; at < members.length; at++) {
    const { id } = members[at] as Node
    if (members[at - 1]?.id !== id) continue
    throw new RingError(
      'RING_DUPLICATE_NODE',
      `two nodes have the id '${id}'; ids tell nodes apart, so pass each one once`,
    )
  }
  if (members.length > MAX_NODES) {
    throw invalidOption(`${members.length} nodes are more than ${MAX_NODES}`)
  }
  return members
}

/** Passes a node that is one. */
export function checkedNode<Node extends RingNode>(node: Node): Node {
  const given = node as Partial<RingNode> | null | undefined
  if (typeof given?.id !== 'string' || given.id === '') {
    throw invalidNode(`a node is an object with a non-empty string 'id', not ${show(node)}`)
  }
  if (given.weight !== undefined) checkedWeight(given.weight, given.id)
  if (given.zone !== undefined && typeof given.zone !== 'string') {
    throw invalidNode(`the zone of '${given.id}' must be a string, not ${show(given.zone)}`)
  }
  return node
}

/** Passes a weight that is one. */
export function checkedWeight(weight: number, id: string): number {
  if (typeof weight === 'number' && weight >= 0 && Number.isFinite(weight)) return weight
  throw invalidNode(
    `the weight of '${id}' must be a finite number of at least 0, not ${show(weight)}; 0 drains the node`,
  )
}

/** How many points a node has. */
export function pointsOf({ id, weight = 1 }: RingNode, vnodes: number): number {
  if (weight === 0) return 0
  const points = Math.max(1, Math.round(weight * vnodes))
  if (points <= MAX_POINTS) return points
  throw invalidNode(`the weight of '${id}' gives it ${points} points, ${MAX_POINTS} are allowed`)
}

/** Place of the node `id` among sorted nodes; -1 when it is not there. */
export function findMember(nodes: readonly RingNode[], id: string): number {
  let low = 0
  let high = nodes.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((nodes[middle]?.id ?? '') < id) low = middle + 1
    else high = middle
  }
  return nodes[low]?.id === id ? low : -1
}

function invalidNode(message: string): RingError {
  return new RingError('RING_INVALID_NODE', message)
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  return typeof value === 'object' && value !== null ? 'an object without one' : String(value)
}
