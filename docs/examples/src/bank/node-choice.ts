import type { NodeId, Random } from '@colony/host'

/**
 * Chooses whom to ask, at random, and so that a node which keeps its callers waiting does not end up with all of them: of two random
 * nodes the one that owes fewer answers (M. Mitzenmacher, The power of two choices in randomized load balancing, 2001).
 */
export class NodeChoice {
  readonly #random: Random
  /** How many answers each node owes. */
  readonly #owed: Map<NodeId, number>

  constructor(nodes: readonly NodeId[], random: Random) {
    this.#random = random
    this.#owed = new Map(nodes.map((node) => [node, 0]))
  }

  /** A node other than `last`, for what needs a quorum: a node without one answers late or not at all. */
  lessBusy(last: NodeId | undefined): NodeId {
    const nodes = this.#without(last)
    const one = this.#draw(nodes)
    // Two different ones: drawn twice, the stuck node would win against itself.
    const other = this.#draw(nodes.filter((node) => node !== one))
    return (this.#owed.get(one) ?? 0) <= (this.#owed.get(other) ?? Number.POSITIVE_INFINITY) ? one : other
  }

  /** Any node other than `last`, for local reads: every node answers them at once. */
  any(last: NodeId | undefined): NodeId {
    return this.#draw(this.#without(last))
  }

  /** Notes that a question waits at `node`. */
  asked(node: NodeId): void {
    this.#owed.set(node, (this.#owed.get(node) ?? 0) + 1)
  }

  /** Notes that one does not wait there any more. */
  left(node: NodeId): void {
    this.#owed.set(node, (this.#owed.get(node) ?? 0) - 1)
  }

  #without(last: NodeId | undefined): readonly NodeId[] {
    return [...this.#owed.keys()].filter((node) => node !== last)
  }

  #draw(nodes: readonly NodeId[]): NodeId {
    return nodes[this.#random.integer(0, nodes.length - 1)] ?? ''
  }
}
