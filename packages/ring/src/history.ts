import type { Key } from './core/key.ts'
import { findMember, type RingNode } from './core/members.ts'
import type { Placement } from './core/placement.ts'
import { requireWhole } from './core/options.ts'

/**
 * How much of the past to keep.
 * @category Placement
 */
export interface HistoryOptions {
  /** How many generations, the current one counted: 1 to 100, default 2. As many as there can be whose data is still moving. */
  readonly depth?: number
}

/**
 * A placement and those before it, for the time in which data is still on its way: immutable, `push` makes the next.
 *
 * Read from `owners(key)` one after another until one has the data, or from `stable(key, count)`, who certainly have it. g is the number of
 * generations kept.
 * @category Placement
 */
export class History<Node extends RingNode, Kind extends Placement<Node> = Placement<Node>> {
  /** Newest first, at least one. */
  readonly generations: readonly Kind[]
  /** How many generations are kept at most. */
  readonly depth: number

  /** @internal Use {@link createHistory}. */
  constructor(generations: readonly Kind[], depth: number) {
    this.generations = generations
    this.depth = depth
  }

  /** The newest generation. O(1). */
  get current(): Kind {
    return this.generations[0] as Kind
  }

  /**
   * The history with a new current generation; beyond `depth` the oldest is dropped. One that places every key as the current one does (equal
   * fingerprints) takes its place instead: nothing moves, so no older generation must be forgotten for it. O(p) for the fingerprints.
   */
  push(next: Kind): History<Node, Kind> {
    const kept = next.fingerprint === this.current.fingerprint ? this.generations.slice(1) : this.generations
    return new History<Node, Kind>([next, ...kept].slice(0, this.depth), this.depth)
  }

  /** The owner of a key in the current generation. One lookup. */
  owner(key: Key): Node | undefined {
    return this.current.owner(key)
  }

  /**
   * The owners of a key over all generations, newest first, each once: where it is to be, then where it may still be. A node that has left is
   * among them, since it may have the data nevertheless. Of each node, the object of the newest generation that has it. g lookups.
   */
  owners(key: Key): Node[] {
    const owners = new Map<string, Node>()
    for (const generation of this.generations) {
      const owner = generation.owner(key)
      if (owner !== undefined) owners.set(owner.id, this.#newest(owner))
    }
    return [...owners.values()]
  }

  /**
   * Those of the first `count` replicas of a key that were among its first `count` replicas in every other generation as well, in the order of
   * the current one. No move of the kept generations concerns them, so they have the data. There may be none: then read from `owners(key)`, in its
   * order. g lookups.
   * @throws A {@link RingError} with code `RING_INVALID_OPTION` when `count` is not a whole number of at least 1.
   */
  stable(key: Key, count: number): Node[] {
    const [current = [], ...earlier] = this.generations.map((generation) => generation.replicas(key, count))
    return current.filter(({ id }) =>
      earlier.every((replicas) => replicas.some((replica) => replica.id === id)),
    )
  }

  #newest(owner: Node): Node {
    for (const { nodes } of this.generations) {
      const node = nodes[findMember(nodes, owner.id)]
      if (node !== undefined) return node
    }
    return owner
  }
}

/**
 * Begins a history with one generation. O(1).
 * @example
 * ```ts
 * let history = createHistory(createRing(nodes))
 * history = history.push(history.current.with({ id: 'd' }))
 * for (const node of history.owners('user:42')) if (await has(node, 'user:42')) return node
 * ```
 * @throws A {@link RingError} with code `RING_INVALID_OPTION`.
 * @category Placement
 */
export function createHistory<Node extends RingNode, Kind extends Placement<Node> = Placement<Node>>(
  placement: Kind & Placement<Node>,
  options: HistoryOptions = {},
): History<Node, Kind> {
  const { depth = 2 } = options
  return new History<Node, Kind>([placement], requireWhole('depth', depth, 1, 100))
}
