import type { Host, PeerClosedHandler } from '@colony/host'
import { createWorld, type World } from '@colony/testing'
import { describe, expect, it } from 'vitest'
import { createRaft, memoryStorage, type Raft } from '../../src/index.ts'
import { raftOf, Register } from './simulated.ts'

const THREE = ['a', 'b', 'c']
const ELECTION_MS = 400

/** The hints of all nodes: who is told when a connection to a node closes. */
class Connections {
  readonly #handlers = new Map<string, Set<PeerClosedHandler>>()

  /** A host whose transport tells of closed connections. */
  host(host: Host, id: string): Host {
    const handlers = new Set<PeerClosedHandler>()
    this.#handlers.set(id, handlers)
    const { transport } = host
    return {
      ...{ clusterId: host.clusterId, clock: host.clock, random: host.random, addresses: host.addresses },
      open: (self) => host.open(self),
      transport: {
        capabilities: transport.capabilities,
        open: (self) => transport.open(self),
        send: (to, channel, frame) => transport.send(to, channel, frame),
        receive: (channel, handler) => transport.receive(channel, handler),
        close: () => transport.close(),
        onPeerClosed: (handler) => {
          handlers.add(handler)
          return { [Symbol.dispose]: () => void handlers.delete(handler) }
        },
      },
    }
  }

  /** Everybody else notices that the connections of `id` are gone. */
  close(id: string): void {
    for (const node of this.#handlers.keys()) if (node !== id) this.closeAt(node, id)
  }

  /** Only `node` notices. */
  closeAt(node: string, id: string): void {
    for (const handler of this.#handlers.get(node) ?? []) handler(id)
  }

  /** How many listen at a node. */
  listeners(id: string): number {
    return this.#handlers.get(id)?.size ?? 0
  }
}

async function start(seed: number): Promise<{ world: World<Raft<Register>>; connections: Connections }> {
  const connections = new Connections()
  const world = createWorld<Raft<Register>>({
    ...{ seed, nodes: THREE },
    boot: ({ id, host }) =>
      createRaft({
        ...{ id, members: THREE, host: connections.host(host, id) },
        ...{ storage: memoryStorage(), machine: new Register() },
      }),
  })
  await world.booted()
  await world.runUntil(() => world.nodes.every((node) => raftOf(node).status().leader !== undefined))
  await world.run(100)
  return { world, connections }
}

describe('a transport that tells of closed connections', () => {
  it('makes the next leader known long before an election timeout has passed', async () => {
    const pauses: number[] = []
    for (let seed = 1; seed <= 30; seed++) {
      const { world, connections } = await start(seed)
      const leader = raftOf(world.nodes[0]).status().leader ?? ''
      const [survivor] = world.nodes.filter(({ id }) => id !== leader)
      world.node(leader).crash()
      const began = world.now
      // A connection delivers what was sent over it before it ends.
      await world.run(20)
      connections.close(leader)
      await world.finish(raftOf(survivor).propose({ add: 1 }, { idempotencyKey: 'one' }))
      pauses.push(world.now - began)
    }
    pauses.sort((a, b) => a - b)
    expect(pauses[15]).toBeLessThan(ELECTION_MS / 3)
    // Two that ask at once may split the votes, rarely.
    expect(pauses.filter((pause) => pause > ELECTION_MS / 2).length).toBeLessThanOrEqual(3)
  })

  it('a connection that only broke deposes nobody', async () => {
    const { world, connections } = await start(2)
    const { leader = '', term } = raftOf(world.nodes[0]).status()
    const [follower] = world.nodes.filter(({ id }) => id !== leader)
    for (let i = 0; i < 20; i++) {
      connections.closeAt(follower?.id ?? '', leader)
      await world.run(ELECTION_MS / 5)
      await world.finish(raftOf(follower).propose({ add: 1 }, { idempotencyKey: `${i}` }))
    }
    expect(raftOf(world.node(leader)).status()).toMatchObject({ role: 'leader', term })
  })

  it('is not listened to any more when the node is closed', async () => {
    const { world, connections } = await start(3)
    expect(connections.listeners('a')).toBe(1)
    await world.finish(raftOf(world.node('a')).close())
    expect(connections.listeners('a')).toBe(0)
  })
})
