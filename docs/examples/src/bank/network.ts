import type { Address, NodeId } from '@colony/host'
import { LinkProxy } from './link-proxy.ts'

/** The network between the nodes: a proxy for each of them to each other, so that any way can be cut. */
export class Network {
  readonly #links: ReadonlyMap<string, LinkProxy>
  readonly #nodes: readonly NodeId[]

  private constructor(nodes: readonly NodeId[], links: ReadonlyMap<string, LinkProxy>) {
    this.#nodes = nodes
    this.#links = links
  }

  /** Opens every way; none leads anywhere before {@link Network.attach}. */
  static async open(nodes: readonly NodeId[]): Promise<Network> {
    const ways = nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => wayOf(from, to)))
    const links = await Promise.all(ways.map(async (way) => [way, await LinkProxy.open()] as const))
    return new Network(nodes, new Map(links))
  }

  /** Where `node` finds each of the others. */
  addressesFor(node: NodeId): Record<NodeId, Address> {
    const others = this.#nodes.filter((other) => other !== node)
    return Object.fromEntries(others.map((other) => [other, this.#link(node, other).address]))
  }

  /** `node` listens at `address` now. */
  attach(node: NodeId, address: Address): void {
    for (const other of this.#nodes) {
      if (other !== node) this.#link(other, node).target = address
    }
  }

  /** Cuts two nodes off from each other, both ways. */
  cut(one: NodeId, other: NodeId): void {
    this.#link(one, other).cut()
    this.#link(other, one).cut()
  }

  /** Undoes {@link Network.cut}. */
  heal(one: NodeId, other: NodeId): void {
    this.#link(one, other).heal()
    this.#link(other, one).heal()
  }

  /** Frees every port. */
  close(): void {
    for (const link of this.#links.values()) link.close()
  }

  #link(from: NodeId, to: NodeId): LinkProxy {
    const link = this.#links.get(wayOf(from, to))
    if (link === undefined) throw new Error(`there is no way from ${from} to ${to}`)
    return link
  }
}

function wayOf(from: NodeId, to: NodeId): string {
  return `${from}>${to}`
}
