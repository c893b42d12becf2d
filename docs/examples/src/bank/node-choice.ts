import type { NodeId, Random } from '@colony/host'

/**
 * Chooses whom to ask, at random, and so that a node which keeps its callers waiting does not end up with all of them: of two random
 * nodes the one that owes fewer answers (M. Mitzenmacher, The power of two choices in randomized load balancing, 2001).
 */
export class NodeChoice {
  readonly #random: Random
  /** How many answers each node owes. */
  readonly #owed: Map<NodeId, number>
  readonly #isThere: (node: NodeId) => boolean

  /** `isThere`: whether a node is not taken for dead; all are by default. */
  constructor(nodes: readonly NodeId[], random: Random, isThere: (node: NodeId) => boolean = () => true) {
    this.#random = random
    this.#isThere = isThere
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
    const others = [...this.#owed.keys()].filter((node) => node !== last)
    const there = others.filter(this.#isThere)
    // Two to choose from, or all: whoever takes everybody for dead is more likely cut off himself.
    return there.length < 2 ? others : there
  }

  #draw(nodes: readonly NodeId[]): NodeId {
    return nodes[this.#random.integer(0, nodes.length - 1)] ?? ''
  }
}
