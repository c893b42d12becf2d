import type { Key } from './key.ts'
import type { RingNode } from './members.ts'

/**
 * How replicas are chosen.
 * @category Placement
 */
export interface ReplicaOptions<Node extends RingNode> {
  /**
   * `'zone'`: in as many different zones as there are; a zone is repeated only when there are fewer zones than replicas: the walk of Cassandra's
   * NetworkTopologyStrategy. Default: the next
   * distinct nodes, whatever their zones.
   */
  readonly spread?: 'zone' | undefined
  /** Nodes to pass over, say because they are down; those behind take their places. */
  readonly skip?: ((node: Node) => boolean) | undefined
}

/**
 * What every strategy can do: the same keys, the same nodes, the same plan between two of them.
 * @category Placement
 */
export interface Placement<Node extends RingNode> {
  /** All members, drained ones too, in the order of their ids. */
  readonly nodes: readonly Node[]
  /** Equal in two processes exactly when they place every key alike. */
  readonly fingerprint: string
  /** Where a key stands on the circle: 0 to 2^32 - 1. O(length of the key). */
  position(key: Key): number
  /** Who owns a key; `undefined` when nobody can. What it costs is the strategy's: one hash and O(1) for those with a table, O(n) for rendezvous. */
  owner(key: Key): Node | undefined
  /**
   * The first `count` distinct nodes for a key, the owner first; fewer when there are fewer. What it costs is the strategy's.
   * @throws A {@link RingError} with code `RING_INVALID_OPTION` when `count` is not a whole number of at least 1.
   */
  replicas(key: Key, count: number, options?: ReplicaOptions<Node>): Node[]
}

/**
 * A placement in which whole arcs of the circle belong to one node, so that what changes between two of them is a list of arcs.
 * @category Placement
 */
export interface ArcPlacement<Node extends RingNode> extends Placement<Node> {
  /**
   * Where arcs end, ascending: all positions behind one boundary up to and including the next have the same owner and replicas. Those
   * behind the last belong to the first. Neighbouring arcs may have the same owner. Empty when nobody owns anything. O(arcs).
   */
  boundaries(): Uint32Array
  /** What {@link Placement.replicas} gives for a key at this position, overrides left aside, at the same cost without the hash. */
  replicasAt(position: number, count: number, options?: ReplicaOptions<Node>): Node[]
  /**
   * Keys that are placed by name, and not where their position would have them: the bytes of each, one character a byte, with the id of who owns
   * it.
   */
  readonly overrides: ReadonlyMap<string, string>
}
