import type { ObservedEvent, Observer } from '@colony/host'
import { createMemoryNetwork } from '@colony/host/memory'
import { createWorld, type World } from '@colony/testing'
import { describe, expect, it } from 'vitest'
import { createRaft, logStorage, memoryStorage, type Raft, type RaftOptions } from '../../src/index.ts'
import { raftOf, Register, type Node } from './simulated.ts'

const THREE = ['a', 'b', 'c']
type TestWorld = World<Raft<Register>>

/** Nodes a, b and c as a group, the others waiting to be added. */
async function start(seed: number, ids: readonly string[], observer?: Observer): Promise<TestWorld> {
  const world = createWorld<Raft<Register>>({
    seed,
    nodes: ids,
    ...(observer && { observer }),
    boot: ({ id, host, disk }) =>
      createRaft({
        id,
        host,
        ...(THREE.includes(id) ? { members: THREE } : { members: [], join: true }),
        storage: logStorage({ disk, directory: 'raft', segmentBytes: 8192 }),
        machine: new Register(),
      }),
  })
  await world.booted()
  await world.runUntil(() => world.nodes.some(({ service }) => service?.status().role === 'leader'))
  await world.run(200)
  return world
}

function leaderOf(world: TestWorld): Node {
  const leader = world.nodes.find(({ service }) => service?.status().role === 'leader')
  if (leader === undefined) throw new Error('nobody leads')
  return leader
}

function raft(world: TestWorld, id: string): Raft<Register> {
  return raftOf(world.node(id))
}

async function add(world: TestWorld, id: string, value: number): Promise<unknown> {
  return (await world.finish(raft(world, id).propose({ add: value }))).value
}

describe('members', () => {
  it('are listed as founded, with what they tolerate', async () => {
    const world = await start(1, THREE)
    expect(raft(world, 'b').members.list()).toEqual({
      voters: THREE,
      outgoing: [],
      learners: [],
      goal: undefined,
      addresses: new Map(),
      toleratedFailures: 1,
    })
    expect(raft(world, 'b').status()).toMatchObject({ membership: 'voter', voters: THREE })
  })

  it.each(['a', 'b', 'c', 'd'])('a node that joins is added by a call at %s and takes part', async (at) => {
    const world = await start(2, ['a', 'b', 'c', 'd'])
    await add(world, 'a', 5)
    expect(raft(world, 'd').status()).toMatchObject({ membership: 'none', voters: [], leader: undefined })
    // d knows nobody: a call there waits for a leader, which the other calls bring.
    if (at === 'd') await world.finish(raft(world, 'a').members.add('d', undefined, { role: 'learner' }))
    const members = await world.finish(raft(world, at).members.add('d'))
    expect(members).toMatchObject({ voters: ['a', 'b', 'c', 'd'], learners: [], outgoing: [] })
    await world.run(200)
    expect(raft(world, 'd').status()).toMatchObject({ membership: 'voter' })
    expect(await add(world, 'd', 1)).toBe(6)
    const read = await world.finish(raft(world, 'd').read((machine) => machine.value))
    expect(read.value).toBe(6)
  })

  it('a learner receives everything and has no vote', async () => {
    const world = await start(3, ['a', 'b', 'c', 'd'])
    await world.finish(raft(world, 'a').members.add('d', undefined, { role: 'learner' }))
    await add(world, 'b', 7)
    await world.run(200)
    expect(raft(world, 'd').status()).toMatchObject({
      membership: 'learner',
      role: 'follower',
      voters: THREE,
    })
    const read = await raft(world, 'd').read((machine) => machine.value, { consistency: 'local' })
    expect(read.value).toBe(7)
    const promoted = await world.finish(raft(world, 'd').members.add('d'))
    expect(promoted.voters).toEqual(['a', 'b', 'c', 'd'])
  })

  it('a removed node says so, answers local reads, and is not waited for', async () => {
    const world = await start(4, THREE)
    const gone = leaderOf(world).id === 'a' ? 'b' : 'a'
    const events: number[] = []
    raft(world, gone).on('removed', ({ index }) => events.push(index))
    const other = THREE.find((id) => id !== gone) ?? ''
    await world.finish(raft(world, other).members.remove(gone))
    await world.run(500)
    expect(raft(world, gone).status()).toMatchObject({ membership: 'removed', role: 'follower' })
    expect(events).toHaveLength(1)
    world.node(gone).crash({ power: false })
    expect(await add(world, other, 3)).toBe(3)
    await world.run(3000)
    expect(raft(world, other).members.list()).toMatchObject({ voters: THREE.filter((id) => id !== gone) })
  })

  it('the leader removes itself, and another leads soon', async () => {
    const world = await start(5, THREE)
    const { id } = leaderOf(world)
    const before = world.now
    await world.finish(raft(world, id).members.remove(id))
    await world.runUntil(() =>
      world.nodes.some(({ service }) => service?.status().role === 'leader' && service.id !== id),
    )
    // Handed over, not elected after a timeout of 400 ms.
    expect(world.now - before).toBeLessThan(300)
    const other = THREE.find((one) => one !== id) ?? ''
    expect(await add(world, other, 1)).toBe(1)
    expect(raft(world, id).status().membership).toBe('removed')
  })

  it('a dead node is replaced by a new one', async () => {
    const world = await start(6, ['a', 'b', 'c', 'd'])
    await add(world, 'a', 9)
    const dead = leaderOf(world).id
    world.node(dead).crash({ power: false })
    const other = THREE.find((id) => id !== dead) ?? ''
    const members = await world.finish(raft(world, other).members.replace(dead, 'd'))
    expect(members.voters).toEqual([...THREE.filter((id) => id !== dead), 'd'])
    await world.run(200)
    const read = await world.finish(raft(world, 'd').read((machine) => machine.value))
    expect(read.value).toBe(9)
    // Again: it is so already.
    expect(await world.finish(raft(world, 'd').members.replace(dead, 'd'))).toEqual(members)
  })

  it('all of them are exchanged at once', async () => {
    const world = await start(7, ['a', 'b', 'c', 'd', 'e', 'f'])
    await add(world, 'a', 4)
    await world.finish(raft(world, 'a').members.set(['d', 'e', 'f']), { withinMs: 20_000 })
    await world.run(1000)
    for (const id of THREE) {
      expect(raft(world, id).status().membership).toBe('removed')
      world.node(id).crash({ power: false })
    }
    expect(await add(world, 'e', 1)).toBe(5)
  })

  it('two changes at once both happen, and a change that is replaced says so', async () => {
    const world = await start(8, ['a', 'b', 'c', 'd', 'e'])
    const both = [raft(world, 'a').members.add('d'), raft(world, 'b').members.add('e')]
    await world.finish(Promise.all(both))
    expect(raft(world, 'a').members.list().voters).toEqual(['a', 'b', 'c', 'd', 'e'])
    // x never comes, so its goal stands until another takes its place.
    const never = raft(world, 'a').members.add('x')
    const refused = expect(never).rejects.toMatchObject({ code: 'RAFT_MEMBERS_REPLACED' })
    await world.run(500)
    expect(raft(world, 'b').members.list()).toMatchObject({ learners: ['x'] })
    await world.finish(raft(world, 'c').members.set(['a', 'b', 'c']))
    await refused
  })

  it('a change goes on when the leader is lost', async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const world = await start(seed, ['a', 'b', 'c', 'd', 'e'])
      const leader = leaderOf(world)
      const caller = THREE.find((id) => id !== leader.id) ?? ''
      const change = raft(world, caller).members.set([caller, 'd', 'e'], { timeoutMs: 20_000 })
      await world.run(seed * 5)
      leader.crash({ power: false })
      const members = await world.finish(change, { withinMs: 20_000 })
      expect(members.voters, `seed ${seed}`).toEqual([caller, 'd', 'e'])
    }
  })

  it('a change that a leader took and lost is made again', async () => {
    const world = await start(12, ['a', 'b', 'c', 'd', 'e'])
    const { id } = leaderOf(world)
    const others = ['a', 'b', 'c', 'd', 'e'].filter((other) => other !== id)
    world.network.partition([[id], others])
    const change = raft(world, id).members.add('d', undefined, { timeoutMs: 20_000 })
    await world.run(50)
    // In its log, and in no other.
    expect(raft(world, id).members.list().learners).toEqual(['d'])
    await world.run(3000)
    world.network.heal()
    const members = await world.finish(change, { withinMs: 20_000 })
    expect(members.voters).toEqual(['a', 'b', 'c', 'd'])
  })

  it('gives up in time, and says whether the group goes on', async () => {
    const world = await start(9, ['a', 'b', 'c', 'd'])
    world.node('d').crash({ power: false })
    const slow = raft(world, 'a').members.add('d', undefined, { timeoutMs: 1000 })
    const unknown = { code: 'RAFT_MEMBERS_TIMEOUT', outcome: 'unknown', retryable: true }
    await Promise.all([expect(slow).rejects.toMatchObject(unknown), world.run(1500)])
    expect(raft(world, 'b').members.list().goal?.voters).toEqual(['a', 'b', 'c', 'd'])
    world.node('d').restart()
    await world.runUntil(() => raft(world, 'a').members.list().voters.length === 4, { withinMs: 5000 })
    for (const id of ['a', 'b', 'c', 'd'].filter((one) => one !== 'b')) world.node(id).crash({ power: false })
    await world.run(2000)
    const alone = raft(world, 'b').members.remove('a', { timeoutMs: 1000 })
    const rejected = { code: 'RAFT_MEMBERS_TIMEOUT', outcome: 'rejected' }
    await Promise.all([expect(alone).rejects.toMatchObject(rejected), world.run(1500)])
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(raft(world, 'b').members.remove('a', { signal })).rejects.toThrow('enough')
  })

  it('refuses what can not be, before and at the leader', async () => {
    const world = await start(10, THREE)
    const { members } = raft(world, 'a')
    const invalid = { code: 'RAFT_INVALID_OPTION', outcome: 'rejected' }
    await expect(members.set([])).rejects.toMatchObject(invalid)
    await expect(members.set(['a', 'a'])).rejects.toMatchObject(invalid)
    await expect(members.set(['a'], { learners: ['a'] })).rejects.toMatchObject(invalid)
    await expect(members.add('x'.repeat(256))).rejects.toMatchObject(invalid)
    await expect(members.add('x', '')).rejects.toMatchObject(invalid)
    await expect(members.replace('a', 'a')).rejects.toMatchObject(invalid)
    await expect(members.add('x', undefined, { timeoutMs: 0 })).rejects.toMatchObject(invalid)
    for (const id of ['a', 'b', 'c']) {
      const refused = world.finish(raft(world, id).members.replace('x', 'y'))
      await expect(refused).rejects.toMatchObject({ code: 'RAFT_MEMBERS_REFUSED', outcome: 'rejected' })
    }
    await world.finish(raft(world, 'a').close())
    await expect(members.remove('b')).rejects.toMatchObject({ code: 'RAFT_CLOSED', outcome: 'rejected' })
  })

  it('tell of each step, of even numbers with the reason, and of lists that differ', async () => {
    const events: ObservedEvent[] = []
    const told = (type: string): readonly ObservedEvent[] => events.filter((event) => event.type === type)
    const world = await start(11, ['a', 'b', 'c', 'd'], (event) => events.push(event))
    const seen: string[] = []
    raft(world, 'b').on('members', ({ members }) => {
      seen.push(`${members.voters.join('')}/${members.outgoing.join('')}+${members.learners.join('')}`)
    })
    await world.finish(raft(world, 'a').members.add('d'))
    await world.run(200)
    expect(seen).toEqual(['abc/+d', 'abcd/abc+', 'abcd/+'])
    expect(raft(world, 'b').members.list().toleratedFailures).toBe(1)
    expect(told('raft.even-voters').map(({ node }) => node)).toEqual(
      expect.arrayContaining(['a', 'b', 'c', 'd']),
    )
    expect(told('raft.even-voters')[0]).toMatchObject({
      level: 'warn',
      toleratedFailures: 1,
      reason: expect.stringContaining('4 voters need 3 of them') as string,
    })
    expect(told('raft.members-differ')).toEqual([])
    world.node('b').crash({ power: false })
    world.node('b').restart()
    await world.run(500)
    expect(raft(world, 'b').members.list().voters).toEqual(['a', 'b', 'c', 'd'])
    // It was started with a, b and c, which is not true any more.
    expect(told('raft.members-differ')).toMatchObject([{ node: 'b', given: THREE }])
  })
})

describe('addresses', () => {
  it('of members travel with the membership, and all of them can change', async () => {
    const network = createMemoryNetwork()
    const hosts = new Map<string, ReturnType<typeof network.host>>()
    const nodes = new Map<string, Raft<Register>>()
    const begin = async (
      id: string,
      options: Pick<RaftOptions<Register>, 'members' | 'join'>,
    ): Promise<void> => {
      const host = network.host()
      hosts.set(id, host)
      const storage = memoryStorage()
      nodes.set(id, await createRaft({ id, host, storage, machine: new Register(), ...options }))
    }
    const founders = { a: 'at a', b: 'at b' }
    await begin('a', { members: founders })
    await begin('b', { members: founders })
    await begin('c', { members: { a: 'at a' }, join: true })
    const at = (id: string): Raft<Register> => nodes.get(id) as Raft<Register>
    await at('a').members.add('c', 'at c')
    await at('c').read((machine) => machine.value)
    // c was told where everybody is, though nobody ever changed the founders' addresses.
    expect(hosts.get('c')?.addresses.get('b')).toBe('at b')
    expect(hosts.get('b')?.addresses.get('c')).toBe('at c')
    const moved = { a: 'new a', b: 'new b', c: 'new c' }
    const members = await at('b').members.set(moved)
    expect(members.addresses).toEqual(new Map(Object.entries(moved)))
    await at('c').read((machine) => machine.value)
    expect(hosts.get('c')?.addresses.get('a')).toBe('new a')
    for (const node of nodes.values()) await node.close()
  })

  it('given at a start count until the group is told others', async () => {
    const network = createMemoryNetwork()
    const storage = memoryStorage()
    const first = await createRaft({
      id: 'a',
      members: { a: 'x' },
      host: network.host(),
      storage,
      machine: new Register(),
    })
    await first.members.add('b', 'old b', { role: 'learner' })
    await first.close()
    const host = network.host()
    const again = await createRaft({
      id: 'a',
      members: { a: 'x', b: 'new b' },
      host,
      storage,
      machine: new Register(),
    })
    await again.propose({ add: 1 })
    expect(host.addresses.get('b')).toBe('new b')
    // The group was founded by a alone: what the storage says counts.
    expect(again.members.list()).toMatchObject({ voters: ['a'], learners: ['b'] })
    await again.members.add('b', 'newest b', { role: 'learner' })
    expect(host.addresses.get('b')).toBe('newest b')
    await again.close()
  })
})
