import type { NodeId, ObservedEvent } from '@colony/host'
import { createWorld, type SimulatedNode, type World, type WorldOptions } from '@colony/testing'
import {
  createGossip,
  type AnyShape,
  type Gossip,
  type GossipOptions,
  type SchemaShape,
} from '../../src/index.ts'

export type Node<Shape extends SchemaShape = AnyShape> = SimulatedNode<Gossip<Shape>>

/** What a test's nodes are started with. */
export interface ClusterOptions<Shape extends SchemaShape> {
  readonly options?: Partial<GossipOptions<Shape>>
  readonly optionsOf?: (id: NodeId, node: SimulatedNode<never>) => Partial<GossipOptions<Shape>>
  readonly world?: Partial<WorldOptions<Gossip<Shape>>>
  readonly observer?: (event: ObservedEvent, node: NodeId) => void
}

/** A world whose nodes run gossip and know the first of them as their seed. Nothing real is used: no clock, no chance. */
export function gossipWorld<Shape extends SchemaShape = AnyShape>(
  seed: number,
  ids: readonly NodeId[],
  { options = {}, optionsOf = () => ({}), world = {} }: ClusterOptions<Shape> = {},
): World<Gossip<Shape>> {
  return createWorld<Gossip<Shape>>({
    ...{ seed, nodes: ids, strict: true },
    boot: (node) =>
      createGossip<Shape>({
        ...{ id: node.id, host: node.host, seeds: ids.slice(0, 1), wallNow: () => node.wallNow() },
        ...options,
        ...optionsOf(node.id, node),
      }),
    ...world,
  })
}

/** The service of a node that is up. */
export function gossipOf<Shape extends SchemaShape>(world: World<Gossip<Shape>>, id: NodeId): Gossip<Shape> {
  const service = world.nodes.find((node) => node.id === id)?.service
  if (service === undefined) throw new Error(`${id} is not up`)
  return service
}

/** Whether every node that is up sees exactly those. */
export function allSee<Shape extends SchemaShape>(
  world: World<Gossip<Shape>>,
  ids: readonly NodeId[],
): boolean {
  return world.nodes.every(
    ({ id, state, service }) =>
      state !== 'up' ||
      (service !== undefined &&
        service.peers
          .alive()
          .map((peer) => peer.id)
          .concat(id)
          .sort()
          .join() === [...ids].sort().join()),
  )
}
