import { hashPoints } from '../core/circle.ts'
import { fingerprintOf } from '../core/fingerprint.ts'
import type { Key } from '../core/key.ts'
import { distinctFrom, firstFrom, isPrime, populate } from '../core/maglev.ts'
import { minusMember, plusMember, reweighedMember } from '../core/member-changes.ts'
import { sortedMembers, type RingNode } from '../core/members.ts'
import type { ArcPlacement, ReplicaOptions } from '../core/placement.ts'
import { awakeNodes } from '../core/rendezvous.ts'
import { RingError } from '../core/ring-error.ts'
import { checkedCount, choose } from '../core/walk.ts'
import { signedPosition } from '../hashing.ts'
import { requireWhole } from '../core/options.ts'
import { resolveHashing } from '../ring-options.ts'
import type { ResolvedStrategy, StrategyOptions } from './strategy-options.ts'

/**
 * How a Maglev table is made.
 * @category Strategies
 */
export interface MaglevOptions extends StrategyOptions {
  /**
   * How many slots: a prime from 2 to 2^20, default 65,537. At least one a node; a hundred a node make the shares of equal nodes equal within
   * 1 %, and a larger table moves fewer keys in excess.
   */
  readonly size?: number
}

/** Options with every default filled in. */
export interface ResolvedMaglev extends ResolvedStrategy {
  readonly size: number
}

/**
 * A Maglev lookup table: shares of nodes as even as they can be, by slots that are dealt in turns. For load balancers, where an even load matters
 * more than the last key that moves. An immutable snapshot.
 *
 * Movement is not minimal: when a node comes or goes, about 0.6 % of the keys of a table of the default size move between the others as well. Where that
 * costs anything, take {@link createPartitions} or `createRing`.
 * @category Strategies
 */
export class Maglev<Node extends RingNode = RingNode> implements ArcPlacement<Node> {
  readonly nodes: readonly Node[]
  /** Always empty. */
  readonly overrides: ReadonlyMap<string, string> = new Map()
  readonly #options: ResolvedMaglev
  readonly #awake: readonly Node[]
  readonly #owners: Uint16Array | Uint32Array
  #fingerprint: string | undefined

  /** @internal Use {@link createMaglev}. */
  constructor(members: Iterable<Node>, options: ResolvedMaglev) {
    this.nodes = sortedMembers(members)
    this.#options = options
    this.#awake = awakeNodes(this.nodes)
    this.#owners = slots(this.#awake, options)
  }

  /** How many slots there are. */
  get size(): number {
    return this.#options.size
  }

  /** O(size) the first time, then remembered. */
  get fingerprint(): string {
    const { hash, seed } = this.#options
    this.#fingerprint ??= fingerprintOf(`${hash.name}/${seed}`, this)
    return this.#fingerprint
  }

  /** O(length of the key). @throws A {@link RingError} with code `RING_INVALID_KEY` for a value that is no key. */
  position(key: Key): number {
    return signedPosition(key, this.#options) >>> 0
  }

  /** The node of a key; `undefined` when all are drained or there are none. O(length of the key); allocates nothing. */
  owner(key: Key): Node | undefined {
    return this.#awake[this.#owners[this.#slotAt(signedPosition(key, this.#options))] as number]
  }

  /** The distinct owners of the slots from the key's on. O(n) typically for all of n nodes, O(size) at worst. */
  replicas(key: Key, count: number, options?: ReplicaOptions<Node>): Node[] {
    return this.replicasAt(this.position(key), count, options)
  }

  replicasAt(position: number, count: number, options?: ReplicaOptions<Node>): Node[] {
    checkedCount(count)
    const slot = this.#slotAt(position)
    if (options !== undefined) return choose(this.#walkFrom(slot), count, options)
    const wanted = Math.min(count, this.#awake.length)
    return firstFrom(this.#owners, slot, wanted).map((owner) => this.#awake[owner] as Node)
  }

  /** All nodes in the order of preference for a key, the owner first, found one by one as they are asked for. O(size) for all. */
  walk(key: Key): IterableIterator<Node> {
    return this.#walkFrom(this.#slotAt(signedPosition(key, this.#options)))
  }

  /** The last position of each slot. O(size). */
  boundaries(): Uint32Array {
    const { size } = this
    return Uint32Array.from(this.#owners, (_, slot) => Math.ceil(((slot + 1) * 2 ** 32) / size) - 1)
  }

  /**
   * With one node more. O(size log size).
   * @throws A {@link RingError}: `RING_INVALID_NODE`, `RING_DUPLICATE_NODE`, `RING_INVALID_OPTION` when there are more nodes than slots.
   */
  with(node: Node): Maglev<Node> {
    return this.withMembers(plusMember(this.nodes, node))
  }

  /** Without a node. O(size log size). @throws A {@link RingError} with code `RING_UNKNOWN_NODE`. */
  without(id: string): Maglev<Node> {
    return this.withMembers(minusMember(this.nodes, id))
  }

  /**
   * With another weight for one node; 0 drains it. O(size log size).
   * @throws A {@link RingError}: `RING_UNKNOWN_NODE`, `RING_INVALID_NODE`, `RING_INVALID_OPTION` when there are more nodes than slots.
   */
  withWeight(id: string, weight: number): Maglev<Node> {
    return this.withMembers(reweighedMember(this.nodes, id, weight))
  }

  /**
   * With exactly these members. The result depends on the set alone. O(size log size).
   * @throws A {@link RingError}: `RING_INVALID_NODE`, `RING_DUPLICATE_NODE`, `RING_INVALID_OPTION` when there are more nodes than slots.
   */
  withMembers(members: Iterable<Node>): Maglev<Node> {
    return new Maglev(members, this.#options)
  }

  /** Of a position, signed or not. Scaled and not the remainder, so that a slot is an arc. Exact: 32 and 20 bits are within 53. */
  #slotAt(position: number): number {
    return Math.floor(((position >>> 0) * this.#options.size) / 2 ** 32)
  }

  *#walkFrom(slot: number): IterableIterator<Node> {
    for (const owner of distinctFrom(this.#owners, slot)) yield this.#awake[owner] as Node
  }
}

/** A node's permutation comes from two hashes of its id, its turns from its weight. */
function slots(awake: readonly RingNode[], { hash, seed, size }: ResolvedMaglev): Uint16Array | Uint32Array {
  if (awake.length === 0) return new Uint16Array(0)
  if (awake.length > size) {
    throw new RingError(
      'RING_INVALID_OPTION',
      `${awake.length} nodes do not fit into ${size} slots; choose a larger prime as size`,
    )
  }
  const most = awake.reduce((greatest, { weight = 1 }) => Math.max(greatest, weight), 0)
  const backends = awake.map(({ id, weight = 1 }) => {
    const [first = 0, second = 0] = hashPoints(hash, seed, id, 2)
    return { offset: first % size, skip: (second % (size - 1)) + 1, turns: weight / most }
  })
  return populate(size, backends)
}

/**
 * Makes a Maglev table. O(size log size).
 * @throws A {@link RingError}: `RING_INVALID_OPTION`, `RING_INVALID_NODE`, `RING_DUPLICATE_NODE`.
 * @category Strategies
 */
export function createMaglev<Node extends RingNode>(
  nodes: Iterable<Node>,
  options: MaglevOptions = {},
): Maglev<Node> {
  const { size = 65_537 } = options
  const resolved = resolveHashing('maglev', options, ['size'])
  requireWhole('size', size, 2, 2 ** 20)
  if (!isPrime(size)) {
    throw new RingError(
      'RING_INVALID_OPTION',
      `size must be a prime, because only then every node's order reaches every slot; ${size} is none, 251, 65537 and 655373 are`,
    )
  }
  return new Maglev(nodes, { ...resolved, size })
}
