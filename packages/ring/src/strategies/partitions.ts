import { Digest } from '../core/fingerprint.ts'
import type { Key } from '../core/key.ts'
import { knownMember, minusMember, plusMember, reweighedMember } from '../core/member-changes.ts'
import { findMember, sortedMembers, type RingNode } from '../core/members.ts'
import { boundedOwners, buildTable, updateTable, type PartitionTable } from '../core/partition-table.ts'
import type { ArcPlacement, ReplicaOptions } from '../core/placement.ts'
import { awakeNodes, candidatesOf, ranked, rankedWalk, type Candidates } from '../core/rendezvous.ts'
import { RingError } from '../core/ring-error.ts'
import { checkedCount, choose } from '../core/walk.ts'
import { canonicalMembers, shares } from '../core/weights.ts'
import { signedPosition } from '../hashing.ts'
import { requireWhole } from '../core/options.ts'
import { resolveHashing } from '../ring-options.ts'
import type { ResolvedStrategy, StrategyOptions } from './strategy-options.ts'

/**
 * How fixed partitions are made and filled.
 * @category Strategies
 */
export interface PartitionsOptions extends StrategyOptions {
  /**
   * How many partitions: a power of two from 1 to 2^20, for ever. Default 4096. Shares of n equal nodes vary by about √(n / count): take some 400
   * a node for 5 %.
   */
  readonly count?: number
  /**
   * No node has more than `ceil(maxLoad × count × weight / total weight)` partitions; those that do not fit go to the next in their ranking. A number
   * above 1; 1.1 is usual. Default: no bound, and exactly minimal movement, which a bound costs: every change of the members changes everybody's
   * bound a little.
   */
  readonly maxLoad?: number
}

/** Options with every default filled in. */
export interface ResolvedPartitions extends ResolvedStrategy {
  readonly count: number
  readonly maxLoad: number | undefined
}

/**
 * What partitions are made of, as JSON: inputs, not the table.
 * @category Strategies
 */
export interface PartitionsJSON<Node extends RingNode = RingNode> {
  /** Version of this form. */
  readonly v: 1
  /** Tells partitions from other strategies. */
  readonly strategy: 'partitions'
  /** Name of the hash function. */
  readonly hash: string
  /** Its seed. */
  readonly seed: number
  /** How many partitions. */
  readonly count: number
  /** The bound of {@link PartitionsOptions.maxLoad}, `null` for none. */
  readonly maxLoad: number | null
  /** The members, in the order of their ids. */
  readonly nodes: readonly Node[]
  /** Of the placement that these make. */
  readonly fingerprint: string
}

/** What one snapshot hands on to the next; `undefined` when all nodes are drained. */
interface Filled {
  readonly awake: readonly RingNode[]
  readonly candidates: Candidates
  readonly table: PartitionTable | undefined
}

/**
 * Fixed partitions: the circle is cut into `count` equal arcs, a key belongs to one for ever, and each partition is given to the node that wins the
 * weighted rendezvous for its number. For sharded storage, in which the partition is what is stored, moved and counted. An immutable snapshot.
 *
 * The fastest lookup there is here: one hash and two array reads, whatever the number of nodes n.
 * @category Strategies
 */
export class Partitions<Node extends RingNode = RingNode> implements ArcPlacement<Node> {
  readonly nodes: readonly Node[]
  /** Always empty: partitions are placed, not keys. */
  readonly overrides: ReadonlyMap<string, string> = new Map()
  readonly #options: ResolvedPartitions
  readonly #awake: readonly Node[]
  readonly #filled: Filled
  readonly #owners: Uint16Array | Uint32Array
  readonly #shift: number
  #fingerprint: string | undefined

  /** @internal Use {@link createPartitions}. */
  constructor(nodes: readonly Node[], options: ResolvedPartitions, before?: Filled) {
    const { count, maxLoad } = options
    this.nodes = nodes
    this.#options = options
    this.#awake = awakeNodes(nodes)
    this.#filled = fill(this.#awake, options, before)
    this.#shift = 31 - Math.log2(count)
    const { table, candidates } = this.#filled
    if (table === undefined) this.#owners = new Uint16Array(0)
    else if (maxLoad === undefined) this.#owners = table.owners
    else this.#owners = boundedOwners(table, candidates, shares(candidates.weights), maxLoad)
  }

  /** How many partitions there are. */
  get count(): number {
    return this.#options.count
  }

  /**
   * Of everything that decides a place: partitions with their owners, and what ranks the other replicas. Weights that are all doubled or halved, and
   * a bound that binds nobody, make no difference. O(count) the first time, then remembered.
   */
  get fingerprint(): string {
    this.#fingerprint ??= this.#digest()
    return this.#fingerprint
  }

  /** O(length of the key). @throws A {@link RingError} with code `RING_INVALID_KEY` for a value that is no key. */
  position(key: Key): number {
    return signedPosition(key, this.#options) >>> 0
  }

  /** The partition of a key, 0 to `count` - 1: the topmost bits of its position. The same for any members. O(length of the key). */
  partitionOf(key: Key): number {
    return this.#partitionAt(signedPosition(key, this.#options))
  }

  /** The node of a key; `undefined` when all are drained or there are none. O(length of the key); allocates nothing. */
  owner(key: Key): Node | undefined {
    return this.#awake[this.#owners[this.partitionOf(key)] as number]
  }

  /**
   * The node of a partition; `undefined` when all are drained or there are none. O(1).
   * @throws A {@link RingError} with code `RING_INVALID_OPTION` for a number that is no partition's.
   */
  ownerOf(partition: number): Node | undefined {
    requireWhole('partition', partition, 0, this.count - 1)
    return this.#awake[this.#owners[partition] as number]
  }

  /** The partitions of a node, ascending. O(count). @throws A {@link RingError} with code `RING_UNKNOWN_NODE`. */
  partitionsOf(id: string): number[] {
    const index = this.#awake.indexOf(knownMember(this.nodes, id))
    const own: number[] = []
    for (const [partition, owner] of this.#owners.entries()) if (owner === index) own.push(partition)
    return own
  }

  /** The owner of the key's partition, then the others in its ranking. O(n) for few; O(n log n) for many, and with `spread` or `skip`. */
  replicas(key: Key, count: number, options?: ReplicaOptions<Node>): Node[] {
    return this.replicasAt(this.position(key), count, options)
  }

  replicasAt(position: number, count: number, options?: ReplicaOptions<Node>): Node[] {
    checkedCount(count)
    const partition = this.#partitionAt(position)
    const wanted = options === undefined ? Math.min(count, this.#awake.length) : this.#awake.length
    const preference = this.#preference(partition, wanted)
    return options === undefined ? preference : choose(preference, count, options)
  }

  /** All nodes in the order of preference for a key, the owner first. O(n) for the first few, O(n log n) for all. */
  *walk(key: Key): IterableIterator<Node> {
    const partition = this.partitionOf(key)
    const owner = this.#owners[partition]
    if (owner === undefined) return
    yield this.#awake[owner] as Node
    for (const at of rankedWalk(this.#filled.candidates, partition))
      if (at !== owner) yield this.#awake[at] as Node
  }

  /** The last position of each partition. */
  boundaries(): Uint32Array {
    const size = 2 ** 32 / this.count
    return Uint32Array.from(this.#owners, (_, partition) => (partition + 1) * size - 1)
  }

  /** The member with this id. O(log n). */
  node(id: string): Node | undefined {
    return this.nodes[findMember(this.nodes, id)]
  }

  /**
   * With one node more. Without `maxLoad`, partitions move only to it. O(count).
   * @throws A {@link RingError}: `RING_INVALID_NODE`, or `RING_DUPLICATE_NODE` for an id that is a member already.
   */
  with(node: Node): Partitions<Node> {
    return this.withMembers(plusMember(this.nodes, node))
  }

  /** Without a node. Without `maxLoad`, only its partitions move. O(count). @throws A {@link RingError} with code `RING_UNKNOWN_NODE`. */
  without(id: string): Partitions<Node> {
    return this.withMembers(minusMember(this.nodes, id))
  }

  /**
   * With another weight for one node; 0 drains it. Without `maxLoad`, partitions move only to or from it. O(count).
   * @throws A {@link RingError}: `RING_UNKNOWN_NODE`, `RING_INVALID_NODE`.
   */
  withWeight(id: string, weight: number): Partitions<Node> {
    return this.withMembers(reweighedMember(this.nodes, id, weight))
  }

  /**
   * With exactly these members. The result depends on the set alone, never on the way there. O(count × the nodes that differ + n log n).
   * @throws A {@link RingError}: `RING_INVALID_NODE`, `RING_DUPLICATE_NODE`.
   */
  withMembers(members: Iterable<Node>): Partitions<Node> {
    return new Partitions(sortedMembers(members), this.#options, this.#filled)
  }

  /** What to send to another process or write to a file; {@link partitionsFromJSON} makes the same partitions of it. O(count) for the fingerprint. */
  toJSON(): PartitionsJSON<Node> {
    const { hash, seed, count, maxLoad = null } = this.#options
    const { nodes, fingerprint } = this
    return { v: 1, strategy: 'partitions', hash: hash.name, seed, count, maxLoad, nodes, fingerprint }
  }

  /** Two shifts, because one by 32 bits, which a single partition needs, would be one by none. */
  #partitionAt(position: number): number {
    return (position >>> 1) >>> this.#shift
  }

  #preference(partition: number, wanted: number): Node[] {
    if (wanted === 0) return []
    const owner = this.#owners[partition] as number
    const others =
      wanted === 1 ? [] : ranked(this.#filled.candidates, partition, wanted).filter((at) => at !== owner)
    return [owner, ...others.slice(0, wanted - 1)].map((at) => this.#awake[at] as Node)
  }

  #digest(): string {
    const { hash, seed, count } = this.#options
    return new Digest()
      .text(JSON.stringify(['partitions', hash.name, seed, count, canonicalMembers(this.#awake)]))
      .words(Uint32Array.from(this.#owners))
      .toString()
  }
}

/** The table of these nodes, out of an earlier one where there is any. */
function fill(awake: readonly RingNode[], options: ResolvedPartitions, before: Filled | undefined): Filled {
  const { hash, seed, count } = options
  const known = before?.candidates
  const candidates = candidatesOf(awake, hash, seed, (id) => {
    const at = before === undefined ? -1 : findMember(before.awake, id)
    return at < 0 ? undefined : [known?.high[at] as number, known?.low[at] as number]
  })
  if (awake.length === 0) return { awake, candidates, table: undefined }
  if (before?.table === undefined) return { awake, candidates, table: buildTable(candidates, count) }
  const renumber = new Int32Array(before.awake.length).fill(-1)
  const added: number[] = []
  for (const [at, { id, weight = 1 }] of awake.entries()) {
    const old = findMember(before.awake, id)
    if (old >= 0 && before.candidates.weights[old] === weight) renumber[old] = at
    else added.push(at)
  }
  return { awake, candidates, table: updateTable(before.table, candidates, renumber, added) }
}

/**
 * Makes fixed partitions. O(count × n).
 * @throws A {@link RingError}: `RING_INVALID_OPTION`, `RING_INVALID_NODE`, `RING_DUPLICATE_NODE`.
 * @category Strategies
 */
export function createPartitions<Node extends RingNode>(
  nodes: Iterable<Node>,
  options: PartitionsOptions = {},
): Partitions<Node> {
  const { count = 4096, maxLoad } = options
  const resolved = resolveHashing('partitions', options, ['count', 'maxLoad'])
  requireWhole('count', count, 1, 2 ** 20)
  if (!Number.isInteger(Math.log2(count))) {
    throw new RingError('RING_INVALID_OPTION', `count must be a power of two, not ${count}`)
  }
  if (maxLoad !== undefined && !(Number.isFinite(maxLoad) && maxLoad > 1)) {
    throw new RingError(
      'RING_INVALID_OPTION',
      `maxLoad must be a finite number above 1, not ${String(maxLoad)}`,
    )
  }
  return new Partitions(sortedMembers(nodes), { ...resolved, count, maxLoad })
}
