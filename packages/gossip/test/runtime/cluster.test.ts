import { describe, expect, it } from 'vitest'
import { defineSchema } from '../../src/index.ts'
import { allSee, gossipOf, gossipWorld } from './simulated.ts'

const IDS = ['a', 'b', 'c', 'd', 'e']

describe('a simulated cluster', () => {
  it('finds itself through one seed, and ready() says when', async () => {
    const world = gossipWorld(1, IDS)
    await world.booted()
    const ready = Promise.all(IDS.map((id) => gossipOf(world, id).ready({ minPeers: 4 })))
    await world.runUntil(() => allSee(world, IDS), { withinMs: 5000 })
    expect(await ready).toEqual([4, 4, 4, 4, 4])
  })

  it('shows everybody’s state, and each change of it', async () => {
    const schema = defineSchema({ role: 'string', load: 'number', 'shard:*': 'json' })
    const world = gossipWorld(2, IDS, { options: { state: schema, initial: { role: 'api' } } })
    await world.booted()
    const [a, e] = [gossipOf(world, 'a'), gossipOf(world, 'e')]
    await world.runUntil(() => IDS.every((id) => id === 'a' || a.peers.get(id)?.state.role === 'api'))
    const heard: unknown[] = []
    a.on('update', ({ peer, key, value }) => heard.push([peer.id, key, value]))
    e.set('load', 0.5)
    e.set('shard:1', { from: 0 })
    await world.runUntil(() => heard.length === 2, { withinMs: 3000 })
    expect(heard).toEqual([
      ['e', 'load', 0.5],
      ['e', 'shard:1', { from: 0 }],
    ])
    e.delete('load')
    e.set('shard:2', 1, { ttlMs: 2000 })
    await world.runUntil(() => a.peers.get('e')?.state['shard:2'] === 1, { withinMs: 2000 })
    expect(a.peers.get('e')?.state).toEqual({ role: 'api', 'shard:1': { from: 0 }, 'shard:2': 1 })
    await world.runUntil(() => a.peers.get('e')?.state['shard:2'] === undefined, { withinMs: 4000 })
    expect(e.self.state).toEqual({ role: 'api', 'shard:1': { from: 0 } })
  })
})
