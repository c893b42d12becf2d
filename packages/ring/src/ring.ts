import { buildCircle, hashPoints, mergeCircle, type Batch, type Circle } from './core/circle.ts'
import { fingerprintOf } from './core/fingerprint.ts'
import type { RingHash } from './core/hasher.ts'
import { keyName, nameBytes, type Key } from './core/key.ts'
import { knownMember, minusMember, plusMember, reweighedMember } from './core/member-changes.ts'
import { findMember, pointsOf, sortedMembers, type RingNode } from './core/members.ts'
import { awakeOverrides, byName, namedOverrides, type Overrides } from './core/overrides.ts'
import type { ArcPlacement, ReplicaOptions } from './core/placement.ts'
import { checkedCount, choose, countZones, firstDistinct, walkFrom, type ZoneCount } from './core/walk.ts'
import { signedPosition } from './hashing.ts'
import { resolveOptions, type ResolvedOptions, type RingOptions } from './ring-options.ts'

/**
 * What a ring is made of, as JSON: inputs, not points. Nodes carry whatever fields they had; an order of keys is not promised, of nodes and overrides it is.
 * @category Ring
 */
export interface RingJSON<Node extends RingNode = RingNode> {
  /** Version of this form. */
  readonly v: 1
  /** Tells rings from other strategies. */
  readonly strategy: 'ring'
  /** Name of the hash function. */
  readonly hash: string
  /** Its seed. */
  readonly seed: number
  /** Points per unit of weight. */
  readonly vnodes: number
  /** The members, in the order of their ids. */
  readonly nodes: readonly Node[]
  /** Keys placed by name: the bytes of each, one character a byte, and the id of its owner. */
  readonly overrides: readonly (readonly [string, string])[]
  /** Of the ring that these make. */
  readonly fingerprint: string
}

/**
 * A consistent-hash ring: an immutable snapshot, which `with…` methods turn into the next. Whoever holds one reads undisturbed; to change
 * what a process uses, swap one reference.
 *
 * n is the number of nodes, p of points (`weight × vnodes` each), k of what is asked for.
 * @category Ring
 */
export class Ring<Node extends RingNode = RingNode> implements ArcPlacement<Node> {
  readonly nodes: readonly Node[]
  /** Points per unit of weight. */
  readonly vnodes: number
  /** Seed of the hash function. */
  readonly seed: number
  /** The hash function. */
  readonly hash: RingHash
  /** How many steps led here from the first ring: 1 for one that was just made. Local to the process; compare `fingerprint` between processes. */
  readonly version: number
  readonly #circle: Circle
  readonly #overrides: ReadonlyMap<string, string>
  readonly #awake: ReadonlyMap<string, Node>
  #fingerprint: string | undefined
  #zoneCount: ZoneCount | undefined

  /** @internal Use {@link createRing}. */
  constructor(
    nodes: readonly Node[],
    circle: Circle,
    { vnodes, seed, hash }: ResolvedOptions,
    overrides: ReadonlyMap<string, string>,
    version: number,
  ) {
    this.nodes = nodes
    this.version = version
    this.vnodes = vnodes
    this.seed = seed
    this.hash = hash
    this.#circle = circle
    this.#overrides = overrides
    this.#awake = awakeOverrides(overrides, nodes)
  }

  /** O(p) the first time, then remembered. */
  get fingerprint(): string {
    this.#fingerprint ??= fingerprintOf(`${this.hash.name}/${this.seed}`, this)
    return this.#fingerprint
  }

  /** Keys whose place is their name's and not their position's. O(overrides). */
  get overrides(): ReadonlyMap<string, string> {
    const effective = new Map<string, string>()
    for (const [name, node] of this.#awake) {
      if (this.#ownerAt(this.position(nameBytes(name))) !== node) effective.set(name, node.id)
    }
    return effective
  }

  /** O(length of the key). @throws A `RingError` with code `RING_INVALID_KEY` for a value that is no key. */
  position(key: Key): number {
    return signedPosition(key, this) >>> 0
  }

  /** The node of a key; `undefined` when all are drained or there are none. O(length of the key); allocates nothing. */
  owner(key: Key): Node | undefined {
    if (this.#awake.size > 0) {
      const named = this.#awake.get(keyName(key))
      if (named !== undefined) return named
    }
    return this.#ownerAt(signedPosition(key, this))
  }

  /** O(k) typically, O(p) at worst; with `spread` or `skip` O(p). */
  replicas(key: Key, count: number, options?: ReplicaOptions<Node>): Node[] {
    if (options !== undefined || this.#awake.size > 0)
      return choose(this.walk(key), checkedCount(count), options ?? {}, this.#zones())
    return this.#replicasAt(signedPosition(key, this), count)
  }

  replicasAt(position: number, count: number, options?: ReplicaOptions<Node>): Node[] {
    if (options === undefined) return this.#replicasAt(position, count)
    return choose(walkFrom(this.#circle, this.nodes, position), checkedCount(count), options, this.#zones())
  }

  /**
   * All nodes in the order of preference for a key, the owner first, found one by one as they are asked for. O(n) to begin, O(p) for all.
   * @example
   * ```ts
   * for (const node of ring.walk('user:42')) if (await reachable(node)) return node
   * ```
   */
  *walk(key: Key): IterableIterator<Node> {
    const named = this.#awake.size > 0 ? this.#awake.get(keyName(key)) : undefined
    yield* walkFrom(this.#circle, this.nodes, signedPosition(key, this), named)
  }

  boundaries(): Uint32Array {
    return this.#circle.boundaries()
  }

  /** The member with this id. O(log n). */
  node(id: string): Node | undefined {
    return this.nodes[findMember(this.nodes, id)]
  }

  /** How many points the member has. @throws A `RingError` with code `RING_UNKNOWN_NODE`. O(log n). */
  pointsOf(id: string): number {
    return pointsOf(knownMember(this.nodes, id), this.vnodes)
  }

  /**
   * The ring with one node more. Keys move only to it. O(p).
   * @throws A `RingError`: `RING_INVALID_NODE`, or `RING_DUPLICATE_NODE` for an id that is a member already.
   */
  with(node: Node): Ring<Node> {
    return this.withMembers(plusMember(this.nodes, node))
  }

  /** The ring without a node. Keys move only away from it. O(p). @throws A `RingError` with code `RING_UNKNOWN_NODE`. */
  without(id: string): Ring<Node> {
    return this.withMembers(minusMember(this.nodes, id))
  }

  /**
   * The ring with another weight for one node; 0 drains it. Keys move only to or from it. O(p).
   * @throws A `RingError`: `RING_UNKNOWN_NODE`, `RING_INVALID_NODE`.
   */
  withWeight(id: string, weight: number): Ring<Node> {
    return this.withMembers(reweighedMember(this.nodes, id, weight))
  }

  /**
   * The ring with exactly these members. The result depends on the set alone, never on the way there, so it may be called with the full list
   * whenever a membership changes. O(p), and the hashes of what is new.
   * @throws A `RingError`: `RING_INVALID_NODE`, `RING_DUPLICATE_NODE`.
   */
  withMembers(members: Iterable<Node>): Ring<Node> {
    const nodes = sortedMembers(members)
    return new Ring(nodes, this.#circleOf(nodes), this, this.#overrides, this.version + 1)
  }

  /** The ring with exactly these overrides instead of those it has. An owner that is no member now takes its keys when it becomes one. O(overrides). */
  withOverrides(overrides: Overrides): Ring<Node> {
    return new Ring(this.nodes, this.#circle, this, namedOverrides(overrides), this.version + 1)
  }

  /** What to send to another process or write to a file; {@link ringFromJSON} makes the same ring of it. O(p) for the fingerprint. */
  toJSON(): RingJSON<Node> {
    const { nodes, hash, seed, vnodes, fingerprint } = this
    const overrides = byName(this.#overrides)
    return { v: 1, strategy: 'ring', hash: hash.name, seed, vnodes, nodes, overrides, fingerprint }
  }

  /** How many nodes a walk meets and in how many zones, counted once; unknown when a key placed by name may bring a drained one with it. */
  #zones(): ZoneCount | undefined {
    if (this.#awake.size > 0) return undefined
    this.#zoneCount ??= countZones(this.nodes.filter(({ weight }) => weight !== 0))
    return this.#zoneCount
  }

  #replicasAt(position: number, count: number): Node[] {
    checkedCount(count)
    const circle = this.#circle
    if (circle.points.length === 0) return []
    if (count === 1) return [this.nodes[circle.ownerOf(position)] as Node]
    return firstDistinct(circle, this.nodes, position, count)
  }

  #ownerAt(position: number): Node | undefined {
    const circle = this.#circle
    return circle.points.length === 0 ? undefined : this.nodes[circle.ownerOf(position)]
  }

  #circleOf(nodes: readonly Node[]): Circle {
    const { hash, seed, vnodes } = this
    const renumber = new Int32Array(this.nodes.length).fill(-1)
    const added: Batch[] = []
    let moved = false
    let before = 0
    for (const [index, node] of nodes.entries()) {
      // Both in the order of ids.
      while (before < this.nodes.length && (this.nodes[before] as Node).id < node.id) before++
      const old = this.nodes[before]
      const points = pointsOf(node, vnodes)
      if (old?.id === node.id && pointsOf(old, vnodes) === points) {
        renumber[before] = index
        moved ||= before !== index
      } else {
        added.push({ node: index, points: hashPoints(hash, seed, node.id, points) })
      }
    }
    const same = !moved && added.length === 0 && !renumber.includes(-1)
    return same ? this.#circle : mergeCircle(this.#circle, renumber, added, nodes.length)
  }
}

/**
 * Makes a ring.
 *
 * The default: each node stands at `weight × vnodes` points of a circle of 2^32 positions, at `XXH32("<j>:<id>", seed)`; a key belongs to the
 * first point at or after its own hash. Adding or removing a node moves exactly the keys it gains or loses and no others. O(p log p).
 * @throws A `RingError`: `RING_INVALID_OPTION`, `RING_INVALID_NODE`, `RING_DUPLICATE_NODE`.
 * @category Ring
 */
export function createRing<Node extends RingNode>(
  nodes: Iterable<Node>,
  options: RingOptions = {},
): Ring<Node> {
  const resolved = resolveOptions(options)
  const { hash, seed, vnodes } = resolved
  const members = sortedMembers(nodes)
  const batches = members.map((node, index) => ({
    node: index,
    points: hashPoints(hash, seed, node.id, pointsOf(node, vnodes)),
  }))
  const overrides = namedOverrides(options.overrides ?? {})
  return new Ring(members, buildCircle(batches, members.length), resolved, overrides, 1)
}
