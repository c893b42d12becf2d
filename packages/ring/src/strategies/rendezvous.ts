import { Digest } from '../core/fingerprint.ts'
import { keyName, nameBytes, type Key } from '../core/key.ts'
import { minusMember, plusMember, reweighedMember } from '../core/member-changes.ts'
import { sortedMembers, type RingNode } from '../core/members.ts'
import { awakeOverrides, namedOverrides, type Overrides } from '../core/overrides.ts'
import type { Placement, ReplicaOptions } from '../core/placement.ts'
import { awakeNodes, best, candidatesOf, ranked, rankedWalk, type Candidates } from '../core/rendezvous.ts'
import { checkedCount, choose } from '../core/walk.ts'
import { canonicalMembers } from '../core/weights.ts'
import { signedPosition } from '../hashing.ts'
import { resolveHashing } from '../ring-options.ts'
import type { ResolvedStrategy, StrategyOptions } from './strategy-options.ts'

/**
 * How rendezvous hashing places keys.
 * @category Strategies
 */
export interface RendezvousOptions extends StrategyOptions {
  /** Keys placed by name. Default: none. */
  readonly overrides?: Overrides
}

/**
 * Highest random weight: every node draws a number for the key, the greatest owns it, the others follow in order. An immutable snapshot.
 *
 * Shares are in exact proportion to the weights (no points, no rounding: the spread is that of the keys alone), movement is exactly minimal, and nothing
 * but the nodes is stored. A lookup asks all n nodes: right for up to some tens of them; beyond, or where ranges have to be moved, take
 * {@link createPartitions} or `createRing`.
 * @category Strategies
 */
export class Rendezvous<Node extends RingNode = RingNode> implements Placement<Node> {
  readonly nodes: readonly Node[]
  readonly #options: ResolvedStrategy
  readonly #awake: readonly Node[]
  readonly #candidates: Candidates
  readonly #overrides: ReadonlyMap<string, string>
  readonly #named: ReadonlyMap<string, Node>
  #fingerprint: string | undefined

  /** @internal Use {@link createRendezvous}. */
  constructor(members: Iterable<Node>, options: ResolvedStrategy, overrides: ReadonlyMap<string, string>) {
    this.nodes = sortedMembers(members)
    this.#options = options
    this.#awake = awakeNodes(this.nodes)
    this.#candidates = candidatesOf(this.#awake, options.hash, options.seed)
    this.#overrides = overrides
    this.#named = awakeOverrides(overrides, this.nodes)
  }

  /**
   * Of everything that decides a place, for want of arcs to compare. Weights that are all doubled or halved make no difference; any other common
   * factor does. O(n) the first time, then remembered.
   */
  get fingerprint(): string {
    this.#fingerprint ??= this.#digest()
    return this.#fingerprint
  }

  /** Keys whose place is their name's and not their position's. O(overrides × n). */
  get overrides(): ReadonlyMap<string, string> {
    const effective = new Map<string, string>()
    for (const [name, node] of this.#named) {
      if (this.#awake[best(this.#candidates, this.position(nameBytes(name)))] !== node)
        effective.set(name, node.id)
    }
    return effective
  }

  /** O(length of the key). @throws A `RingError` with code `RING_INVALID_KEY` for a value that is no key. */
  position(key: Key): number {
    return signedPosition(key, this.#options) >>> 0
  }

  /** The node of a key; `undefined` when all are drained or there are none. O(n); allocates nothing. */
  owner(key: Key): Node | undefined {
    if (this.#named.size > 0) {
      const named = this.#named.get(keyName(key))
      if (named !== undefined) return named
    }
    return this.#awake[best(this.#candidates, signedPosition(key, this.#options))]
  }

  /** O(n) for few; O(n log n) for many, and with `spread` or `skip`. */
  replicas(key: Key, count: number, options?: ReplicaOptions<Node>): Node[] {
    checkedCount(count)
    if (options !== undefined || this.#named.size > 0) return choose(this.walk(key), count, options ?? {})
    return ranked(this.#candidates, this.position(key), count).map((at) => this.#awake[at] as Node)
  }

  /** All nodes in the order of preference for a key, the owner first. O(n) for the first few, O(n log n) for all. */
  *walk(key: Key): IterableIterator<Node> {
    const named = this.#named.size > 0 ? this.#named.get(keyName(key)) : undefined
    if (named !== undefined) yield named
    for (const at of rankedWalk(this.#candidates, this.position(key))) {
      const node = this.#awake[at] as Node
      if (node !== named) yield node
    }
  }

  /**
   * With one node more. Keys move only to it. O(n).
   * @throws A `RingError`: `RING_INVALID_NODE`, or `RING_DUPLICATE_NODE` for an id that is a member already.
   */
  with(node: Node): Rendezvous<Node> {
    return this.withMembers(plusMember(this.nodes, node))
  }

  /** Without a node. Keys move only away from it. O(n). @throws A `RingError` with code `RING_UNKNOWN_NODE`. */
  without(id: string): Rendezvous<Node> {
    return this.withMembers(minusMember(this.nodes, id))
  }

  /**
   * With another weight for one node; 0 drains it. Keys move only to or from it. O(n).
   * @throws A `RingError`: `RING_UNKNOWN_NODE`, `RING_INVALID_NODE`.
   */
  withWeight(id: string, weight: number): Rendezvous<Node> {
    return this.withMembers(reweighedMember(this.nodes, id, weight))
  }

  /** With exactly these members. O(n log n). @throws A `RingError`: `RING_INVALID_NODE`, `RING_DUPLICATE_NODE`. */
  withMembers(members: Iterable<Node>): Rendezvous<Node> {
    return new Rendezvous(members, this.#options, this.#overrides)
  }

  #digest(): string {
    const { hash, seed } = this.#options
    const overrides = [...this.overrides].sort(([a], [b]) => (a < b ? -1 : 1))
    const named = new Set(overrides.map(([, id]) => id))
    const deciding = this.nodes.filter(({ id, weight = 1 }) => weight > 0 || named.has(id))
    return new Digest()
      .text(JSON.stringify(['rendezvous', hash.name, seed, canonicalMembers(deciding), overrides]))
      .words(this.#candidates.high)
      .words(this.#candidates.low)
      .toString()
  }
}

/**
 * Makes a placement by weighted rendezvous hashing. O(n log n).
 * @throws A `RingError`: `RING_INVALID_OPTION`, `RING_INVALID_NODE`, `RING_DUPLICATE_NODE`.
 * @category Strategies
 */
export function createRendezvous<Node extends RingNode>(
  nodes: Iterable<Node>,
  options: RendezvousOptions = {},
): Rendezvous<Node> {
  const resolved = resolveHashing('rendezvous', options, ['overrides'])
  return new Rendezvous(nodes, resolved, namedOverrides(options.overrides ?? {}))
}
