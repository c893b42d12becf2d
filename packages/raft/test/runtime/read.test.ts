import { describe, expect, it } from 'vitest'
import { raftOf, startCluster } from './simulated.ts'

const THREE = ['a', 'b', 'c']

describe('read', () => {
  it('is linearizable on every node', async () => {
    const { world } = await startCluster(2, THREE)
    for (let i = 1; i <= 9; i++) {
      await world.finish(raftOf(world.nodes[i % 3]).propose({ add: 1 }))
      for (const node of world.nodes) {
        const read = await world.finish(raftOf(node).read((machine) => machine.value))
        expect(read).toMatchObject({ value: i, staleMs: 0 })
      }
    }
  })

  it('does not wait for a heartbeat on a follower', async () => {
    const { world, followers } = await startCluster(2, THREE)
    for (let i = 0; i < 10; i++) {
      await world.finish(raftOf(followers[0]).propose({ add: 1 }))
      const started = world.now
      await world.finish(raftOf(followers[1]).read((machine) => machine.value))
      // Two round trips of 2 ms on average, against 50 ms between heartbeats.
      expect(world.now - started).toBeLessThan(30)
    }
  })

  it('is not served by a leader that was replaced', async () => {
    const { world, leader, followers } = await startCluster(2, THREE)
    world.network.partition([[leader.id], followers.map(({ id }) => id)])
    await expect(
      world.finish(raftOf(leader).read((machine) => machine.value, { timeoutMs: 2000 })),
    ).rejects.toMatchObject({ code: 'RAFT_READ_TIMEOUT', retryable: true })
  })

  it('goes on by itself when the leader changes', async () => {
    const { world, leader, followers } = await startCluster(2, THREE)
    await world.finish(raftOf(leader).propose({ add: 1 }))
    world.network.partition([[leader.id], followers.map(({ id }) => id)])
    const read = raftOf(followers[0]).read((machine) => machine.value)
    expect((await world.finish(read)).value).toBe(1)
  })

  it('survives loss', async () => {
    const { world, followers } = await startCluster(2, THREE)
    world.network.configure({ loss: 0.3 })
    for (let i = 0; i < 20; i++) {
      await world.finish(raftOf(followers[i % 2]).read((machine) => machine.value, { timeoutMs: 60_000 }))
    }
  })

  it('locally: needs nobody, and says how old it can be', async () => {
    const { world, leader, followers } = await startCluster(2, THREE)
    await world.run(500)
    const local = () => raftOf(followers[0]).read((machine) => machine.value, { consistency: 'local' })
    expect((await local()).staleMs).toBeLessThan(200)
    world.network.partition([[followers[0]?.id ?? ''], [leader.id, followers[1]?.id ?? '']])
    await world.run(1000)
    const { value, staleMs } = await local()
    expect(value).toBe(0)
    expect(staleMs).toBeGreaterThanOrEqual(1000)
    expect(staleMs).toBeLessThan(1300)
  })

  it('on a leader that was cut off: as old as its last quorum', async () => {
    const { world, leader, followers } = await startCluster(2, THREE)
    await world.run(500)
    world.network.partition([[leader.id], followers.map(({ id }) => id)])
    await world.run(2000)
    const { staleMs } = await raftOf(leader).read((machine) => machine.value, { consistency: 'local' })
    expect(raftOf(leader).status().role).not.toBe('leader')
    expect(staleMs).toBeGreaterThanOrEqual(1990)
    expect(staleMs).toBeLessThan(2200)
  })

  it('on a node that never heard a leader: infinitely old', async () => {
    const { world } = await startCluster(2, ['a'])
    const lone = raftOf(world.nodes[0])
    expect((await lone.read(() => 0, { consistency: 'local' })).staleMs).toBe(0)
    const cut = await startCluster(2, THREE)
    const [follower] = cut.followers
    expect(raftOf(follower).status().leader).toBeDefined()
  })

  it('passes on what the query throws, and refuses what is no query', async () => {
    const { world, leader } = await startCluster(2, THREE)
    const problem = new Error('no such account')
    const failing = () => {
      throw problem
    }
    await expect(world.finish(raftOf(leader).read(failing))).rejects.toBe(problem)
    await expect(raftOf(leader).read(failing, { consistency: 'local' })).rejects.toBe(problem)
    const wrong = Object.assign({}, { consistency: 'eventual' as never })
    await expect(raftOf(leader).read(() => 0, wrong)).rejects.toMatchObject({ code: 'RAFT_INVALID_OPTION' })
  })

  it('ends with the reason of its signal', async () => {
    const { world, leader, followers } = await startCluster(2, THREE)
    world.network.partition([[leader.id], followers.map(({ id }) => id)])
    const controller = new AbortController()
    const reason = new Error('enough')
    const read = raftOf(leader).read(() => 0, { signal: controller.signal })
    world.schedule(50, () => controller.abort(reason))
    await expect(world.finish(read)).rejects.toBe(reason)
    expect(raftOf(leader).status().pending).toBe(0)
  })
})
