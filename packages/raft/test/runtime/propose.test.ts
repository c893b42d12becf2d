import { describe, expect, it } from 'vitest'
import { raftOf, startCluster } from './simulated.ts'

const FIVE = ['a', 'b', 'c', 'd', 'e']
const THREE = ['a', 'b', 'c']

describe('propose', () => {
  it('works on any node, and says where in the log the command stands', async () => {
    const { world } = await startCluster(1, FIVE)
    let expected = 0
    let last = 0
    for (const node of world.nodes) {
      const { value, index } = await world.finish(raftOf(node).propose({ add: 1 }))
      expect(value).toBe(++expected)
      expect(index).toBeGreaterThan(last)
      last = index
    }
  })

  it('refuses what the codec or the limits refuse, at once', async () => {
    const { leader } = await startCluster(1, ['a'], { maxCommandBytes: 100 })
    const raft = raftOf(leader)
    await expect(raft.propose({ add: Number.NaN })).rejects.toMatchObject({
      ...{ code: 'RAFT_COMMAND_NOT_ENCODABLE', outcome: 'rejected' },
    })
    await expect(raft.propose({ big: 'x'.repeat(100) })).rejects.toMatchObject({
      ...{ code: 'RAFT_COMMAND_TOO_LARGE', outcome: 'rejected' },
    })
    await expect(raft.propose({ add: 1 }, { timeoutMs: -1 })).rejects.toMatchObject({
      ...{ code: 'RAFT_INVALID_OPTION', outcome: 'rejected' },
    })
    await expect(raft.propose({ add: 1 }, { idempotencyKey: '' })).rejects.toMatchObject({
      ...{ code: 'RAFT_INVALID_OPTION', outcome: 'rejected' },
    })
    expect(raft.status().lastIndex).toBe(1)
  })

  it('refuses more than may be pending, and takes the next once some have settled', async () => {
    const { world, leader } = await startCluster(1, THREE, { maxPendingProposals: 2 })
    const raft = raftOf(leader)
    const first = raft.propose({ add: 1 })
    const second = raft.propose({ add: 1 })
    await expect(raft.propose({ add: 1 })).rejects.toMatchObject({
      ...{ code: 'RAFT_OVERLOADED', outcome: 'rejected', retryable: true },
    })
    await world.finish(Promise.all([first, second]))
    expect((await world.finish(raft.propose({ add: 1 }))).value).toBe(3)
  })

  it('counts forwarded proposals too, and tells their sender', async () => {
    const { world, leader, followers } = await startCluster(1, THREE, { maxPendingProposals: 2 })
    world.network.configure({ minLatencyMs: 50, meanLatencyMs: 50 })
    const own = [raftOf(leader).propose({ add: 1 }), raftOf(leader).propose({ add: 1 })]
    await expect(world.finish(raftOf(followers[0]).propose({ add: 1 }))).rejects.toMatchObject({
      ...{ code: 'RAFT_OVERLOADED', outcome: 'rejected' },
    })
    await world.finish(Promise.all(own))
  })

  it('without a leader: rejected after its timeout, never appended', async () => {
    const { world, leader, followers } = await startCluster(1, THREE)
    world.network.partition([[leader.id], followers.map(({ id }) => id)])
    await world.runUntil(() => raftOf(leader).status().role !== 'leader')
    const started = world.now
    await expect(world.finish(raftOf(leader).propose({ add: 1 }, { timeoutMs: 700 }))).rejects.toMatchObject({
      ...{ code: 'RAFT_NO_LEADER', outcome: 'rejected', retryable: true },
    })
    expect(world.now - started).toBeGreaterThan(699)
    expect(world.now - started).toBeLessThan(800)
  })

  it('appended and cut off: unknown after its timeout', async () => {
    const { world, leader, followers } = await startCluster(1, THREE)
    world.network.partition([[leader.id], followers.map(({ id }) => id)])
    await expect(world.finish(raftOf(leader).propose({ add: 1 }, { timeoutMs: 200 }))).rejects.toMatchObject({
      ...{ code: 'RAFT_OUTCOME_UNKNOWN', outcome: 'unknown' },
    })
  })

  it('that its leader does not answer: the error names that leader', async () => {
    const { world, leader, followers } = await startCluster(1, THREE)
    leader.pause()
    const proposal = raftOf(followers[0]).propose({ add: 1 }, { timeoutMs: 100 })
    await expect(world.finish(proposal)).rejects.toMatchObject({
      ...{ code: 'RAFT_OUTCOME_UNKNOWN', outcome: 'unknown', leader: leader.id },
    })
  })

  it('appended and replaced by a later leader: tried again until it is applied, once', async () => {
    const { world, leader, followers } = await startCluster(2, THREE)
    world.network.partition([[leader.id], followers.map(({ id }) => id)])
    const proposal = raftOf(leader).propose({ add: 1 })
    await world.runUntil(() => followers.some((node) => raftOf(node).status().role === 'leader'))
    world.network.heal()
    expect((await world.finish(proposal)).value).toBe(1)
    await world.run(1000)
    for (const node of world.nodes) {
      const { value } = await raftOf(node).read((machine) => machine.value, { consistency: 'local' })
      expect(value).toBe(1)
    }
  })

  it('forwarded to a leader that is cut off: unknown without a key, retried with one', async () => {
    const { world, leader, followers } = await startCluster(1, FIVE)
    const [follower] = followers
    const raft = raftOf(follower)
    world.network.partition([[leader.id], followers.map(({ id }) => id)])
    const plain = raft.propose({ add: 1 })
    const keyed = raft.propose({ add: 10 }, { idempotencyKey: 'k' })
    plain.catch(() => {})
    expect((await world.finish(keyed)).value).toBe(10)
    await expect(plain).rejects.toMatchObject({ code: 'RAFT_OUTCOME_UNKNOWN', outcome: 'unknown' })
  })

  it('is taken once, however often the network repeats it', async () => {
    const { world, followers } = await startCluster(1, THREE)
    world.network.configure({ duplicate: 1, reorder: 0.5, reorderMs: 300 })
    for (let i = 1; i <= 20; i++) {
      expect((await world.finish(raftOf(followers[i % 2]).propose({ add: 1 }))).value).toBe(i)
    }
  })

  it('is answered though requests and answers get lost', async () => {
    const { world, followers } = await startCluster(1, THREE)
    world.network.configure({ loss: 0.3 })
    for (let i = 1; i <= 20; i++) {
      const proposal = raftOf(followers[i % 2]).propose(
        { add: 1 },
        { idempotencyKey: `k${i}`, timeoutMs: 60_000 },
      )
      expect((await world.finish(proposal)).value).toBe(i)
    }
  })

  it('applies one key once, and refuses it for another command', async () => {
    const { world, leader, followers } = await startCluster(1, THREE)
    const key = { idempotencyKey: 'order-17' }
    expect((await world.finish(raftOf(leader).propose({ add: 5 }, key))).value).toBe(5)
    expect((await world.finish(raftOf(followers[0]).propose({ add: 5 }, key))).value).toBe(5)
    await expect(world.finish(raftOf(followers[1]).propose({ add: 6 }, key))).rejects.toMatchObject({
      ...{ code: 'RAFT_KEY_REUSED', outcome: 'rejected' },
    })
  })

  it('ends with the reason of its signal', async () => {
    const { world, leader, followers } = await startCluster(1, THREE)
    const reason = new Error('enough')
    await expect(raftOf(leader).propose({ add: 1 }, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    )
    expect(raftOf(leader).status().lastIndex).toBe(1)
    world.network.partition([[leader.id], followers.map(({ id }) => id)])
    const controller = new AbortController()
    const proposal = raftOf(leader).propose({ add: 1 }, { signal: controller.signal })
    world.schedule(100, () => controller.abort(reason))
    await expect(world.finish(proposal)).rejects.toBe(reason)
    expect(raftOf(leader).status().pending).toBe(0)
  })

  it('gets a result that can not be encoded as an error that says "applied"', async () => {
    const codec = {
      encode: () => {
        throw new Error('no')
      },
      decode: () => 0,
    }
    const { world, followers } = await startCluster(1, THREE, { resultCodec: codec })
    await expect(world.finish(raftOf(followers[0]).propose({ add: 1 }))).rejects.toMatchObject({
      ...{ code: 'RAFT_RESULT_NOT_ENCODABLE', outcome: 'applied' },
    })
  })
})
