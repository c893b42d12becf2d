import { createMemoryNetwork } from '@colony/host/memory'
import { describe, expect, it } from 'vitest'
import { createRaft, memoryStorage, type RaftEvents, type RaftStorage } from '../../src/index.ts'
import { raftOf, Register, startCluster } from './simulated.ts'

const THREE = ['a', 'b', 'c']

describe('a node', () => {
  it('tells who leads, and its role', async () => {
    const { world, leader, followers } = await startCluster(3, THREE)
    const roles: RaftEvents['role'][] = []
    const leaders: RaftEvents['leader'][] = []
    const [follower] = followers
    raftOf(follower).on('role', (event) => roles.push(event))
    raftOf(follower).on('leader', (event) => leaders.push(event))
    world.network.partition([[leader.id], followers.map(({ id }) => id)])
    await world.runUntil(() => followers.some((node) => raftOf(node).status().role === 'leader'))
    await world.run(100)
    const { term, leader: now } = raftOf(follower).status()
    expect(roles.at(-1)).toMatchObject({ term })
    expect(leaders.at(-1)).toEqual({ leader: now, term })
  })

  it('survives a listener that throws', async () => {
    const { world, leader, followers } = await startCluster(3, THREE)
    raftOf(leader).on('role', () => {
      throw new Error('a bug of the listener')
    })
    world.network.partition([[leader.id], followers.map(({ id }) => id)])
    await world.run(2000)
    world.network.heal()
    await world.finish(raftOf(leader).propose({ add: 1 }))
  })

  it('stops when its disk fails, acknowledges nothing more, and says so', async () => {
    const failing = memoryStorage()
    let broken = false
    const storage: RaftStorage = {
      open: (identity) => failing.open(identity),
      persist: async (record) => {
        if (broken) throw new Error('EIO')
        await failing.persist(record)
      },
      close: () => failing.close(),
    }
    const { world, leader } = await startCluster(3, ['a'], { storage })
    const raft = raftOf(leader)
    const stopped: RaftEvents['stopped'][] = []
    raft.on('stopped', (event) => stopped.push(event))
    broken = true
    await expect(world.finish(raft.propose({ add: 1 }))).rejects.toMatchObject({
      ...{ code: 'RAFT_STOPPED', outcome: 'unknown' },
    })
    expect(stopped[0]?.error.code).toBe('RAFT_STORAGE_FAILED')
    await expect(raft.propose({ add: 1 })).rejects.toMatchObject({
      code: 'RAFT_STOPPED',
      outcome: 'rejected',
    })
    await expect(raft.read(() => 0)).rejects.toMatchObject({ code: 'RAFT_STOPPED' })
    await world.finish(raft.close())
  })

  it('stops when its machine throws', async () => {
    const { world, leader } = await startCluster(3, ['a'])
    await expect(world.finish(raftOf(leader).propose({ fail: true }))).rejects.toMatchObject({
      code: 'RAFT_STOPPED',
    })
  })

  it('closes once, ends what is pending, and lets go of storage and host', async () => {
    const network = createMemoryNetwork()
    const storage = memoryStorage()
    const options = { id: 'a', members: ['a'], storage, machine: new Register() }
    const raft = await createRaft({ ...options, host: network.host() })
    await raft.propose({ add: 1 })
    const pending = raft.read((machine) => machine.value)
    const ended = expect(pending).rejects.toMatchObject({ code: 'RAFT_CLOSED' })
    await Promise.all([raft.close(), raft.close()])
    await ended
    await expect(raft.propose({ add: 1 })).rejects.toMatchObject({ code: 'RAFT_CLOSED', outcome: 'rejected' })
    await using again = await createRaft({ ...options, machine: new Register(), host: network.host() })
    expect((await again.read((machine) => machine.value)).value).toBe(1)
  })

  it('refuses the data of another cluster, group or node, and changes nothing', async () => {
    const network = createMemoryNetwork()
    const storage = memoryStorage()
    const options = { id: 'a', members: ['a'], storage, machine: new Register() }
    const raft = await createRaft({ ...options, host: network.host({ clusterId: 'one' }) })
    await raft.close()
    const foreign = { code: 'RAFT_STORAGE_FOREIGN' }
    const other = network.host({ clusterId: 'two' })
    await expect(createRaft({ ...options, host: other })).rejects.toMatchObject(foreign)
    const host = () => network.host({ clusterId: 'one' })
    await expect(createRaft({ ...options, host: host(), group: 'g' })).rejects.toMatchObject(foreign)
    await expect(createRaft({ ...options, host: host(), id: 'b', members: ['b'] })).rejects.toMatchObject(
      foreign,
    )
    // Whom the group was founded with, the storage knows.
    await using back = await createRaft({ ...options, host: host(), members: ['a', 'b'] })
    expect(back.status().voters).toEqual(['a'])
  })

  it('that was stalled reads its inbox before it asks for an election', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { world, followers } = await startCluster(seed, THREE)
      const [follower] = followers
      const roles: string[] = []
      raftOf(follower).on('role', ({ role }) => roles.push(role))
      // Longer than any election timeout; the timer and the heartbeats that it missed are there together when it wakes, the timer first.
      follower?.pause()
      await world.run(1000)
      follower?.resume()
      await world.run(1000)
      expect(roles, `seed ${seed}`).toEqual([])
    }
  })

  it('drops garbage and goes on', async () => {
    const { world, leader, followers } = await startCluster(3, THREE)
    const [follower] = followers
    for (let i = 0; i < 50; i++) {
      const garbage = Uint8Array.from({ length: i }, (_, at) => (at * 37 + i) & 255)
      follower?.host.transport.send(leader.id, 'raft:default', garbage)
    }
    await world.run(100)
    expect((await world.finish(raftOf(leader).propose({ add: 1 }))).value).toBe(1)
  })

  it('applies a long backlog without keeping heartbeats waiting', async () => {
    const { world, leader, followers } = await startCluster(3, THREE)
    const many = Array.from({ length: 2000 }, () => raftOf(leader).propose({ add: 1 }))
    await world.finish(Promise.all(many))
    const { term } = raftOf(leader).status()
    await world.run(500)
    for (const node of followers) expect(raftOf(node).status()).toMatchObject({ appliedIndex: 2001, term })
  })
})
