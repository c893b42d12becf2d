import type { Key } from '../core/key.ts'
import type { RingNode } from '../core/members.ts'
import type { Placement } from '../core/placement.ts'
import { RingError } from '../core/ring-error.ts'
import { capacity, shares } from '../core/weights.ts'

/**
 * How much above the average a node may be loaded.
 * @category Strategies
 */
export interface BoundedLoadOptions {
  /**
   * A number above 1: no node takes more than `factor` times its part of all acquisitions, rounded up. Nearer to 1 is more even and places more keys
   * away from their owners. Default 1.25.
   */
  readonly factor?: number
}

/**
 * A placement to bound. The order of preference is `walk`'s where there is one, otherwise that of `replicas`.
 * @category Strategies
 */
export type BoundablePlacement<Node extends RingNode> = Placement<Node> & {
  /** All nodes in the order of preference for a key. */
  walk?(key: Key): Iterable<Node>
}

/**
 * A place that is taken until it is released: `using lease = bounded.acquire(key)` does so at the end of the block.
 * @category Strategies
 */
export interface Acquisition<Node extends RingNode> extends Disposable {
  /** Who serves the key. */
  readonly node: Node
  /** Gives the place back. Doing so again does nothing. O(1). */
  release(): void
}

/** What a node holds, and its part of the total weight: 0 when it is drained or gone. */
interface Holding {
  load: number
  part: number
}

/**
 * Consistent hashing with bounded loads (V. Mirrokni, M. Thorup, M. Zadimoghaddam, arXiv 1608.01350): a key goes to the first node of its preference
 * that has room. With m acquisitions held, the one that makes it m + 1 goes to a node that then has at most
 * `ceil(factor × (m + 1) × weight / total weight)`. A release lowers everybody's bound and evicts nobody: a node above its bound gets
 * nothing new until it is below. Loads are those of this process.
 * @category Strategies
 */
export class BoundedLoad<Node extends RingNode = RingNode> {
  readonly #factor: number
  #placement: BoundablePlacement<Node>
  #holdings: Map<string, Holding> = new Map()
  #total = 0

  /** @internal Use {@link createBoundedLoad}. */
  constructor(placement: BoundablePlacement<Node>, factor: number) {
    this.#placement = placement
    this.#factor = factor
    this.update(placement)
  }

  /** The snapshot in use. */
  get placement(): BoundablePlacement<Node> {
    return this.#placement
  }

  /** Acquisitions held on nodes that are members and not drained: the m of the bound. */
  get total(): number {
    return this.#total
  }

  /** Acquisitions held by node: of all members, and of nodes that are gone while any is held. A copy. O(n). */
  get loads(): ReadonlyMap<string, number> {
    return new Map(Array.from(this.#holdings, ([id, { load }]) => [id, load]))
  }

  /** Acquisitions held on one node; 0 for one that nobody knows. O(1). */
  load(id: string): number {
    return this.#holdings.get(id)?.load ?? 0
  }

  /**
   * Takes a place for a key; `undefined` only when there is no node, or all are drained. The cost of the placement's `owner`, and O(n) for a walk when the
   * owner has no room.
   * @throws A {@link RingError} with code `RING_INVALID_KEY` for a value that is no key.
   */
  acquire(key: Key): Acquisition<Node> | undefined {
    const owner = this.#placement.owner(key)
    if (owner === undefined) return undefined
    if (this.#hasRoom(owner)) return this.#take(owner)
    for (const node of this.#preference(key)) if (this.#hasRoom(node)) return this.#take(node)
    return undefined
  }

  /**
   * Goes on with another snapshot. What is held stays where it is until it is released: on a node that is still a member it counts for its bound, on
   * one that is gone or drained it counts for nothing. O(n).
   */
  update(placement: BoundablePlacement<Node>): void {
    const { nodes } = placement
    const parts = shares(nodes.map(({ weight = 1 }) => weight))
    const holdings = new Map<string, Holding>()
    let total = 0
    for (const [at, { id }] of nodes.entries()) {
      const holding = this.#holdings.get(id) ?? { load: 0, part: 0 }
      holding.part = parts[at] as number
      if (holding.part > 0) total += holding.load
      holdings.set(id, holding)
    }
    for (const [id, holding] of this.#holdings) {
      if (holdings.has(id) || holding.load === 0) continue
      holding.part = 0
      holdings.set(id, holding)
    }
    this.#placement = placement
    this.#holdings = holdings
    this.#total = total
  }

  #hasRoom({ id }: Node): boolean {
    const holding = this.#holdings.get(id)
    return holding !== undefined && holding.load < capacity(holding.part, this.#total + 1, this.#factor)
  }

  #preference(key: Key): Iterable<Node> {
    const placement = this.#placement
    return placement.walk?.(key) ?? placement.replicas(key, placement.nodes.length)
  }

  #take(node: Node): Acquisition<Node> {
    const holding = this.#holdings.get(node.id) as Holding
    holding.load++
    this.#total++
    let held = true
    const release = (): void => {
      if (!held) return
      held = false
      this.#giveBack(node.id, holding)
    }
    return { node, release, [Symbol.dispose]: release }
  }

  #giveBack(id: string, holding: Holding): void {
    holding.load--
    if (holding.part > 0) this.#total--
    else if (holding.load === 0 && !this.#placement.nodes.some((node) => node.id === id))
      this.#holdings.delete(id)
  }
}

/**
 * Puts a bound on the loads of a placement. O(n).
 * @throws A {@link RingError} with code `RING_INVALID_OPTION` when `factor` is not a finite number above 1.
 * @category Strategies
 */
export function createBoundedLoad<Node extends RingNode>(
  placement: BoundablePlacement<Node>,
  options: BoundedLoadOptions = {},
): BoundedLoad<Node> {
  const { factor = 1.25 } = options
  if (Number.isFinite(factor) && factor > 1) return new BoundedLoad(placement, factor)
  throw new RingError(
    'RING_INVALID_OPTION',
    `factor must be a finite number above 1, not ${String(factor)}: at 1 or less there would not be room for everything`,
  )
}
