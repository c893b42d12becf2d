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

  it('hears of a crash, why, and of the next life of the one that crashed', async () => {
    const world = gossipWorld(3, IDS, { options: { initial: { role: 'api' } } })
    await world.booted()
    await world.runUntil(() => allSee(world, IDS))
    const a = gossipOf(world, 'a')
    const before = a.peers.get('e')?.incarnation.epoch ?? 0
    gossipOf(world, 'e').set('load', 1)
    await world.runUntil(() => a.peers.get('e')?.state['load'] === 1)
    world.node('e').crash()
    await world.runUntil(() => allSee(world, ['a', 'b', 'c', 'd']), { withinMs: 30_000 })
    expect(a.peers.get('e')).toMatchObject({ status: 'failed', why: { status: 'failed' } })
    expect(a.explain('e')?.text).toMatch(/e is failed .*\n.* suspect: /)
    expect(a.isMajority()).toBe(true)
    await world.run(5000)
    world.node('e').restart()
    await world.runUntil(() => allSee(world, IDS), { withinMs: 40_000 })
    await world.runUntil(() => a.peers.get('e')?.state['role'] === 'api')
    // What it had said in its former life is no longer so.
    expect(a.peers.get('e')?.state).toEqual({ role: 'api' })
    expect(a.peers.get('e')?.incarnation.epoch).toBeGreaterThan(before)
  })

  it('tells events in order: suspect before fail, fail before join', async () => {
    const world = gossipWorld(4, IDS)
    await world.booted()
    await world.runUntil(() => allSee(world, IDS))
    const told: string[] = []
    const read = async (): Promise<void> => {
      for await (const event of gossipOf(world, 'b').events()) {
        if ('peer' in event && event.peer.id === 'd') told.push(event.type)
      }
    }
    const reading = read()
    world.node('d').crash()
    await world.runUntil(() => told.includes('fail'), { withinMs: 30_000 })
    world.node('d').restart()
    await world.runUntil(() => told.includes('join'), { withinMs: 40_000 })
    await world.finish(gossipOf(world, 'b').close())
    await reading
    expect(told).toEqual(['suspect', 'fail', 'join'])
  })

  it('tells who leaves from who fails: leave() waits until others know', async () => {
    const world = gossipWorld(5, IDS)
    await world.booted()
    await world.runUntil(() => allSee(world, IDS))
    const told: string[] = []
    for (const id of ['a', 'b', 'c', 'd']) {
      const gossip = gossipOf(world, id)
      for (const type of ['leave', 'fail', 'suspect'] as const)
        gossip.on(type, ({ peer }) => told.push(`${type} ${peer.id}`))
    }
    expect(await world.finish(gossipOf(world, 'e').leave())).toBe(3)
    await world.runUntil(() => told.length === 4, { withinMs: 3000 })
    await world.run(30_000)
    expect(told).toEqual(Array.from({ length: 4 }, () => 'leave e'))
    expect(gossipOf(world, 'a').peers.get('e')?.status).toBe('left')
  })

  it('takes whom somebody removes for gone; the one removed hears of it and closes', async () => {
    const world = gossipWorld(6, IDS)
    await world.booted()
    await world.runUntil(() => allSee(world, IDS))
    const removed: unknown[] = []
    const e = gossipOf(world, 'e')
    e.on('removed', ({ why }) => removed.push(why.accuser))
    gossipOf(world, 'b').remove('e')
    const others = ['a', 'b', 'c', 'd']
    await world.runUntil(() => others.every((id) => gossipOf(world, id).peers.get('e')?.status === 'left'), {
      withinMs: 5000,
    })
    await world.runUntil(() => removed.length > 0, { withinMs: 10_000 })
    expect(removed).toEqual(['b'])
    expect(() => e.set('load', 1)).toThrow(/closed/)
  })

  it('brings messages once to everybody else, and says how many have them', async () => {
    const world = gossipWorld(7, IDS, { world: { network: { loss: 0.1 } } })
    await world.booted()
    await world.runUntil(() => allSee(world, IDS))
    const heard: string[] = []
    for (const id of IDS) {
      gossipOf(world, id).onMessage<{ v: number }>('deploy', ({ v }, { from }) =>
        heard.push(`${id} ${from} ${v}`),
      )
    }
    const result = await world.finish(
      gossipOf(world, 'c').broadcast('deploy', { v: 42 }, { await: 'all', timeoutMs: 20_000 }),
    )
    expect(result).toEqual({ delivered: 4, of: 4, reached: true })
    await world.run(10_000)
    expect(heard.sort()).toEqual(['a c 42', 'b c 42', 'd c 42', 'e c 42'])
  })

  it('answers questions: all, or those who are asked', async () => {
    const world = gossipWorld(8, IDS)
    await world.booted()
    await world.runUntil(() => allSee(world, IDS))
    for (const id of IDS)
      gossipOf(world, id).answer<number, string>('who', (n) => (id === 'd' ? undefined : `${id}${n}`))
    const ask = async (to?: readonly string[]): Promise<string[]> => {
      const answers: string[] = []
      const options = { timeoutMs: 3000, ...(to && { to }) }
      for await (const { from, value } of gossipOf(world, 'a').query<number, string>('who', 7, options)) {
        answers.push(`${from}: ${value}`)
      }
      return answers.sort()
    }
    expect(await world.finish(ask())).toEqual(['b: b7', 'c: c7', 'e: e7'])
    const before = world.now
    expect(await world.finish(ask(['b', 'e']))).toEqual(['b: b7', 'e: e7'])
    // Everybody who was asked has answered: there is nothing more to wait for.
    expect(world.now - before).toBeLessThan(3000)
  })

  it('agrees on shared values: the latest write wins everywhere', async () => {
    const world = gossipWorld(9, IDS)
    await world.booted()
    await world.runUntil(() => allSee(world, IDS))
    const limits = IDS.map((id) => gossipOf(world, id).shared<number>('limit'))
    limits[0]?.set(1)
    await world.run(20)
    limits[4]?.set(2)
    await world.runUntil(() => limits.every(({ value }) => value === 2), { withinMs: 5000 })
    expect(limits.map(({ by }) => by)).toEqual(['e', 'e', 'e', 'e', 'e'])
    limits[2]?.delete()
    await world.runUntil(() => limits.every(({ value }) => value === undefined), { withinMs: 5000 })
  })

  it('heals after a cut, and each side says whether it was most of the cluster', async () => {
    const world = gossipWorld(10, IDS)
    await world.booted()
    await world.runUntil(() => allSee(world, IDS))
    const healed: string[] = []
    for (const id of IDS) gossipOf(world, id).on('healed', () => healed.push(id))
    world.network.partition([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ])
    const sizes = (): string => IDS.map((id) => gossipOf(world, id).peers.size).join()
    await world.runUntil(() => sizes() === '2,2,2,1,1', { withinMs: 60_000 })
    expect(IDS.map((id) => gossipOf(world, id).isMajority())).toEqual([true, true, true, false, false])
    await world.run(60_000)
    world.network.heal()
    await world.runUntil(() => allSee(world, IDS), { withinMs: 60_000 })
    expect(IDS.map((id) => gossipOf(world, id).isMajority())).toEqual([true, true, true, true, true])
    await world.run(5000)
    expect(healed.length).toBeGreaterThan(0)
  })

  it('keeps out whom a node does not admit, and takes no list that it does not want', async () => {
    const refused: string[] = []
    const lists: number[] = []
    const world = gossipWorld(11, IDS, {
      optionsOf: (id) =>
        id === 'b'
          ? {
              admit: (member) => {
                if (member.id === 'e') refused.push(member.id)
                return member.id !== 'e'
              },
              merge: (members) => {
                lists.push(members.length)
                return true
              },
            }
          : {},
    })
    await world.booted()
    await world.run(20_000)
    expect(gossipOf(world, 'b').peers.get('e')).toBeUndefined()
    expect(gossipOf(world, 'c').peers.get('e')?.status).toBe('alive')
    expect(refused.length).toBeGreaterThan(0)
    expect(lists.length).toBeGreaterThan(0)
    expect(Object.keys(gossipOf(world, 'b').metrics().dropped)).toContain('refused')
  })

  it('is found through seeds that a function names late', async () => {
    const world = gossipWorld(12, ['a', 'b'], {
      optionsOf: (id, { host }) => ({
        seeds:
          id === 'a'
            ? []
            : () => (host.clock.now() < 0 ? Promise.reject(new Error('none')) : Promise.resolve(['a'])),
      }),
    })
    await world.booted()
    await world.runUntil(() => allSee(world, ['a', 'b']), { withinMs: 10_000 })
    expect(gossipOf(world, 'b').health().joined).toBe(true)
  })

  it('does the same for the same seed', async () => {
    const run = async (): Promise<string> => {
      const world = gossipWorld(13, IDS, { options: { initial: { role: 'x' } } })
      await world.booted()
      await world.run(20_000)
      return world.traceHash
    }
    expect(await run()).toBe(await run())
  })
})
