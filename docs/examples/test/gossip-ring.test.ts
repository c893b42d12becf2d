import { createGossip, type Gossip, type MemberMeta, type AnyShape } from '@colony/gossip'
import type { Host } from '@colony/host'
import { createRing, type RingNode } from '@colony/ring'
import { trackMembers, type MemberTracker } from '@colony/ring/membership'
import { createWorld } from '@colony/testing'
import { expect, it } from 'vitest'

interface Place extends RingNode {
  readonly weight: number
  readonly zone: string
}

interface Service {
  readonly gossip: Gossip<AnyShape>
  readonly tracker: MemberTracker<Place, MemberMeta<AnyShape>>
}

const IDS = ['a', 'b', 'c', 'd']

async function start(id: string, host: Host, wallNow: () => number, weight: number): Promise<Service> {
  const gossip = await createGossip({
    id,
    host,
    wallNow,
    seeds: ['a'],
    initial: { weight },
    zone: `zone-${id}`,
  })
  // One line: what gossip says of its members is what a tracker reads.
  const tracker = trackMembers(gossip.members(), {
    toNode: ({ id: node, meta }) =>
      meta === undefined
        ? undefined
        : { id: node, weight: Number(meta.state['weight'] ?? 1), zone: meta.zone },
    onError: (error) => {
      throw error
    },
    clock: host.clock,
  })
  return { gossip, tracker }
}

it('the ring of every node follows gossip without an adapter', async () => {
  const world = createWorld<Service>({
    seed: 7,
    nodes: IDS,
    strict: true,
    boot: (node) => start(node.id, node.host, () => node.wallNow(), node.id === 'd' ? 2 : 1),
  })
  await world.booted()
  const rings = (): string[] =>
    world.nodes
      .filter(({ state }) => state === 'up')
      .map(({ service }) =>
        JSON.stringify(
          [...(service?.tracker.ring.nodes ?? [])].sort((one, other) => (one.id < other.id ? -1 : 1)),
        ),
      )
  const expected = (ids: readonly string[]): string =>
    JSON.stringify(ids.map((id) => ({ id, weight: id === 'd' ? 2 : 1, zone: `zone-${id}` })))
  const all = (ids: readonly string[]) => (): boolean => rings().every((ring) => ring === expected(ids))

  await world.runUntil(all(IDS), { withinMs: 10_000 })
  // A ring of the same nodes places the same keys at the same nodes.
  const owner = createRing(IDS.map((id) => ({ id, weight: id === 'd' ? 2 : 1, zone: `zone-${id}` }))).owner(
    'key',
  )
  expect(world.nodes.map(({ service }) => service?.tracker.ring.owner('key')?.id)).toEqual(
    IDS.map(() => owner?.id),
  )

  world.node('b').crash()
  await world.runUntil(all(['a', 'c', 'd']), { withinMs: 40_000 })
  world.node('b').restart()
  await world.runUntil(all(IDS), { withinMs: 60_000 })
  await world.finish(world.node('c').service?.gossip.leave() ?? Promise.resolve(0))
  await world.run(3000)
  const left = expected(['a', 'b', 'd'])
  expect(rings().filter((_, at) => IDS[at] !== 'c')).toEqual([left, left, left])
})
