import { describe, expect, it } from 'vitest'
import { createRaftGroups, memoryGroupStorage, type RaftGroupsOptions } from '../../../src/index.ts'
import { createMemoryNetwork } from '@colony/host/memory'
import { Register } from '../simulated.ts'
import {
  groupNames,
  leaderOf,
  quietOn,
  raftOf,
  startGroups,
  THREE,
  untilQuiet,
  type GroupsWorld,
} from './simulated-groups.ts'

const ELECTION_MS = 400

function total(world: GroupsWorld, figure: 'framesSent' | 'messagesSent'): number {
  return world.nodes.reduce((sum, { service }) => sum + (service?.groups.metrics()[figure] ?? 0), 0)
}

describe('many groups in one process', () => {
  it('each elects its own leader and keeps its own log', async () => {
    const names = groupNames(12)
    const world = await startGroups(1, names)
    for (const [at, name] of names.entries()) {
      for (let times = 0; times <= at; times++) {
        await world.finish(raftOf(world.node('a'), name).propose({ add: 1 }))
      }
    }
    for (const [at, name] of names.entries()) {
      const { value } = await world.finish(raftOf(world.node('b'), name).read(({ value }) => value))
      expect(value).toBe(at + 1)
    }
  })

  it('what all groups say to a node at one moment is one frame: heartbeats cost a frame a pair of nodes, however many groups there are', async () => {
    const world = await startGroups(2, groupNames(25), { quietAfterMs: false })
    await world.run(1000)
    const frames = total(world, 'framesSent')
    const messages = total(world, 'messagesSent')
    await world.run(2500)
    // 50 heartbeats for six pairs of nodes, and the answers.
    expect(total(world, 'framesSent') - frames).toBeLessThan(1.1 * 50 * 6 * 2)
    expect(total(world, 'messagesSent') - messages).toBeGreaterThan(0.95 * 50 * 25 * 4)
  })

  it('idle groups are quiet: the nodes send signs of life and nothing else, and every group keeps its leader', async () => {
    const names = groupNames(40)
    const world = await startGroups(3, names)
    await untilQuiet(world, 40)
    const leaders = names.map((name) => leaderOf(world, name)?.id)
    const terms = names.map((name) => raftOf(world.node('a'), name).status().term)
    const [frames, messages] = [total(world, 'framesSent'), total(world, 'messagesSent')]
    await world.run(60_000)
    expect(total(world, 'messagesSent')).toBe(messages)
    expect(total(world, 'framesSent') - frames).toBeLessThanOrEqual(6 * 1200 + 6)
    expect(names.map((name) => leaderOf(world, name)?.id)).toEqual(leaders)
    expect(names.map((name) => raftOf(world.node('a'), name).status().term)).toEqual(terms)
  })

  it('a command wakes its own group alone, on whatever node it is proposed', async () => {
    const names = groupNames(10)
    const world = await startGroups(4, names)
    await untilQuiet(world, 10)
    for (const node of world.nodes) {
      const { value } = await world.finish(raftOf(node, 'group 3').propose({ add: 1 }))
      expect(value).toBeGreaterThan(0)
      expect(Math.min(...world.nodes.map(quietOn))).toBe(9)
    }
    await untilQuiet(world, 10)
  })

  it.each(['linearizable', 'bounded'] as const)(
    'a %s read in a quiet group gets a fresh answer',
    async (consistency) => {
      const world = await startGroups(5, ['x'])
      await world.finish(raftOf(world.node('a'), 'x').propose({ add: 5 }))
      await untilQuiet(world, 1)
      await world.run(30_000)
      const demand = consistency === 'bounded' ? { consistency, maxStalenessMs: 200 } : { consistency }
      for (const node of world.nodes) {
        expect(raftOf(node, 'x').status().leader).toBeDefined()
        const local = await world.finish(
          raftOf(node, 'x').read(({ value }) => value, { consistency: 'local' }),
        )
        // Nothing was proved since the group fell silent, so nothing is claimed.
        if (node === world.nodes[0]) expect(local.staleMs).toBeGreaterThan(29_000)
        const { value, staleMs } = await world.finish(raftOf(node, 'x').read(({ value }) => value, demand))
        expect(value).toBe(5)
        expect(staleMs).toBeLessThanOrEqual(200)
      }
    },
  )

  it('when the node of a quiet group’s leader dies, another one leads within the usual time', async () => {
    const pauses: number[] = []
    for (let seed = 1; seed <= 8; seed++) {
      const world = await startGroups(seed, groupNames(5))
      await untilQuiet(world, 5)
      await world.run(5000)
      const leader = leaderOf(world, 'group 0')
      leader?.crash()
      const began = world.now
      await world.runUntil(() => leaderOf(world, 'group 0') !== undefined)
      pauses.push(world.now - began)
      const survivor = world.nodes.find(({ state }) => state === 'up')
      if (survivor !== undefined) await world.finish(raftOf(survivor, 'group 0').propose({ add: 1 }))
    }
    expect(Math.max(...pauses)).toBeLessThan(3 * ELECTION_MS)
  })

  it('quiet groups survive the restart of any node, and are quiet again', async () => {
    const names = groupNames(8)
    const world = await startGroups(7, names)
    for (const name of names) await world.finish(raftOf(world.node('a'), name).propose({ add: 3 }))
    for (const node of world.nodes) {
      await untilQuiet(world, 8)
      node.restart()
      await world.run(50)
      await untilQuiet(world, 8)
    }
    for (const name of names) {
      for (const node of world.nodes) {
        const { value } = await world.finish(raftOf(node, name).read(({ value }) => value))
        expect(value).toBe(3)
      }
    }
  })

  it('a restart so quick that nobody notices the silence is noticed all the same: another process leads nothing', async () => {
    const world = await startGroups(8, ['x'], {
      electionTimeoutMs: 5000,
      heartbeatIntervalMs: 50,
      quietAfterMs: 200,
    })
    await untilQuiet(world, 1)
    const leader = leaderOf(world, 'x')
    const term = leader && raftOf(leader, 'x').status().term
    leader?.restart()
    await world.runUntil(
      () => world.nodes.filter((node) => node !== leader).every((node) => quietOn(node) === 0),
      {
        withinMs: 1000,
      },
    )
    await world.runUntil(() => leaderOf(world, 'x') !== undefined, { withinMs: 20_000 })
    const next = leaderOf(world, 'x')
    expect(next && raftOf(next, 'x').status().term).toBeGreaterThan(term ?? 0)
  })

  it('a group that is closed where it led quietly is led by another node soon', async () => {
    const world = await startGroups(9, groupNames(3))
    await untilQuiet(world, 3)
    const leader = leaderOf(world, 'group 1')
    if (leader === undefined) throw new Error('nobody leads')
    await world.finish(raftOf(leader, 'group 1').close())
    expect(leader.service?.groups.names).toEqual(['group 0', 'group 2'])
    const others = world.nodes.filter((node) => node !== leader)
    await world.runUntil(() => others.some((node) => raftOf(node, 'group 1').status().role === 'leader'), {
      withinMs: 3 * ELECTION_MS,
    })
  })

  it('a partition ends the quiet of what it cuts, and the majority goes on', async () => {
    const world = await startGroups(10, ['x'])
    await untilQuiet(world, 1)
    const leader = leaderOf(world, 'x')
    const others = world.nodes.filter((node) => node !== leader)
    world.network.partition([[leader?.id ?? ''], others.map(({ id }) => id)])
    await world.runUntil(() => others.some((node) => raftOf(node, 'x').status().role === 'leader'))
    await world.runUntil(() => leader !== undefined && raftOf(leader, 'x').status().role !== 'leader')
    world.network.heal()
    await untilQuiet(world, 1)
  })

  it('one that is closed and created again goes on where it was', async () => {
    const world = await startGroups(11, ['x', 'y'])
    await world.finish(raftOf(world.node('a'), 'x').propose({ add: 4 }))
    const node = world.node('b')
    await world.finish(raftOf(node, 'x').close())
    const again = await world.finish(
      node.call(({ groups }) => groups.create({ group: 'x', members: THREE, machine: new Register() })),
    )
    const { value } = await world.finish(again.read(({ value }) => value))
    expect(value).toBe(4)
  })
})

describe('createRaftGroups', () => {
  function options(): RaftGroupsOptions {
    return { id: 'a', host: createMemoryNetwork().host(), storage: memoryGroupStorage() }
  }

  it('refuses options that can’t be', async () => {
    const wrong = [
      { members: [] },
      { quietAfterMs: 10 },
      { electionTimeoutMs: 1 },
      { heartbeatIntervalMs: 300 },
    ]
    for (const option of wrong) {
      const refused = createRaftGroups({ ...options(), ...option } as RaftGroupsOptions)
      await expect(refused).rejects.toMatchObject({ code: 'RAFT_INVALID_OPTION' })
    }
  })

  it('refuses for one group what is the same for all, and a group twice', async () => {
    const groups = await createRaftGroups(options())
    const group = { group: 'x', members: ['a'], machine: new Register() }
    const own = { ...group, electionTimeoutMs: 500 }
    await expect(groups.create(own)).rejects.toThrow(/electionTimeoutMs is the same for all groups/)
    await groups.create(group)
    await expect(groups.create(group)).rejects.toMatchObject({ code: 'RAFT_STORAGE_LOCKED' })
    expect(groups.names).toEqual(['x'])
    await groups.close()
    await expect(groups.create(group)).rejects.toMatchObject({ code: 'RAFT_CLOSED' })
  })

  it('closes with everything that was created, and leaves the host', async () => {
    const network = createMemoryNetwork()
    const host = network.host()
    const groups = await createRaftGroups({ ...options(), host })
    const raft = await groups.create({ group: 'x', members: ['a'], machine: new Register() })
    await raft.propose({ add: 1 })
    await groups.close({ handOver: true })
    await groups.close()
    await expect(raft.propose({ add: 1 })).rejects.toMatchObject({ code: 'RAFT_CLOSED' })
    await expect(host.open('a')).rejects.toMatchObject({ code: 'HOST_CLOSED' })
  })
})
