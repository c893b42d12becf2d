import type { Address, NodeId, Random } from '@colony/host'
import { TestingError } from '../../errors.ts'
import type { LinkChange, LinkSelection } from '../../network/link-settings.ts'
import { createLinkProxy, type LinkProxy } from './link-proxy.ts'

/**
 * How to make a {@link ProxyNetwork}.
 * @category Processes
 */
export interface ProxyNetworkOptions {
  /** Draws delays; each link has a stream of its own. Default: streams that nothing repeats. */
  readonly random?: Random
}

/** A link, and whose messages it carries: what `from` sends to `to` over connections that either of them dialled. */
interface Way {
  readonly from: NodeId
  readonly to: NodeId
  readonly proxy: LinkProxy
}

/**
 * Opens a proxy for each node to each other one.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` when a node is named twice.
 * @category Processes
 */
export async function createProxyNetwork(
  nodes: readonly NodeId[],
  options: ProxyNetworkOptions = {},
): Promise<ProxyNetwork> {
  if (new Set(nodes).size !== nodes.length) {
    throw new TestingError('TESTING_INVALID_OPTION', `a node is named twice: ${nodes.join(', ')}`)
  }
  const pairs = nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => ({ from, to })))
  const opening = pairs.map(async ({ from, to }): Promise<Way> => {
    const random = options.random?.fork(`${from}→${to}`)
    return { from, to, proxy: await createLinkProxy(random === undefined ? {} : { random }) }
  })
  return new ProxyNetwork(nodes, await Promise.all(opening))
}

/**
 * The network between real processes: every way from one to another leads through a proxy, so that each can be cut and slowed by itself. Made by
 * {@link createProxyNetwork}; close it, or use `await using`.
 * @category Processes
 */
export class ProxyNetwork implements AsyncDisposable {
  /** Whom it connects. */
  readonly nodes: readonly NodeId[]
  readonly #ways: readonly Way[]

  /** @internal */
  constructor(nodes: readonly NodeId[], ways: readonly Way[]) {
    this.nodes = nodes
    this.#ways = ways
  }

  /** Where `node` finds each of the others. */
  addressesFor(node: NodeId): Record<NodeId, Address> {
    const own = this.#ways.filter(({ from }) => from === node)
    return Object.fromEntries(own.map(({ to, proxy }) => [to, proxy.address]))
  }

  /** `node` listens at `address` from now on: call it again when a restarted one listens elsewhere. */
  attach(node: NodeId, address: Address): void {
    for (const { to, proxy } of this.#ways) if (to === node) proxy.target = address
  }

  /**
   * The proxy for connections that `from` dials to `to`.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` when there is none.
   */
  link(from: NodeId, to: NodeId): LinkProxy {
    const way = this.#ways.find((each) => each.from === from && each.to === to)
    if (way === undefined)
      throw new TestingError('TESTING_INVALID_OPTION', `there is no way from ${from} to ${to}`)
    return way.proxy
  }

  /** Nothing that `from` sends reaches `to`, whoever dialled. New connections between them, which need both directions, do not come about. */
  cut(from: NodeId, to: NodeId): void {
    this.link(from, to).cut('forward')
    this.link(to, from).cut('backward')
  }

  /** Nothing passes between two nodes. */
  sever(one: NodeId, other: NodeId): void {
    this.cut(one, other)
    this.cut(other, one)
  }

  /** Cuts every way between different groups, and mends all others. A node that is in no group is cut from every one. */
  partition(groups: readonly (readonly NodeId[])[]): void {
    const groupOf = (node: NodeId): number => groups.findIndex((group) => group.includes(node))
    for (const { from, to } of this.#ways) {
      if (groupOf(from) === -1 || groupOf(from) !== groupOf(to)) this.cut(from, to)
      else this.#mend(from, to)
    }
  }

  /** Mends ways that were cut: all, or those that are selected. Delays stay. */
  heal(selection: LinkSelection = {}): void {
    for (const { from, to } of this.#selected(selection)) this.#mend(from, to)
  }

  /**
   * Slows ways, all or those that are selected: see {@link LinkProxy.configure}.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for a value out of range.
   */
  configure(change: LinkChange, selection: LinkSelection = {}): void {
    for (const { from, to } of this.#selected(selection)) {
      this.link(from, to).configure(change, 'forward')
      this.link(to, from).configure(change, 'backward')
    }
  }

  /** Frees every port. Idempotent. */
  async close(): Promise<void> {
    await Promise.all(this.#ways.map(async ({ proxy }) => await proxy.close()))
  }

  /** The same as {@link ProxyNetwork.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #selected({ from, to }: LinkSelection): readonly Way[] {
    return this.#ways.filter((way) => (from ?? way.from) === way.from && (to ?? way.to) === way.to)
  }

  #mend(from: NodeId, to: NodeId): void {
    this.link(from, to).heal('forward')
    this.link(to, from).heal('backward')
  }
}
