import { describe, expect, it } from 'vitest'
import { raftOf, startCluster, type Node } from './simulated.ts'

const THREE = ['a', 'b', 'c']
const ELECTION_MS = 400

function idsOf(nodes: readonly Node[]): string[] {
  return nodes.map(({ id }) => id)
}

describe('transferLeadership', () => {
  it('makes the named node leader, asked at the leader', async () => {
    const { world, leader, followers } = await startCluster(1, THREE)
    const [follower] = followers
    const { term } = raftOf(leader).status()
    const began = world.now
    const done = await world.finish(raftOf(leader).transferLeadership(follower?.id))
    expect(done).toEqual({ leader: follower?.id, term: term + 1 })
    expect(world.now - began).toBeLessThan(100)
    expect(raftOf(follower).status()).toMatchObject({ role: 'leader', term: term + 1 })
  })

  it('can be asked for at any node, and without a target goes to another', async () => {
    const { world, leader, followers } = await startCluster(2, THREE)
    const { leader: next, term } = await world.finish(raftOf(followers[1]).transferLeadership())
    expect(next).not.toBe(leader.id)
    expect(raftOf(followers[1]).status()).toMatchObject({ leader: next, term })
    const back = await world.finish(raftOf(followers[0]).transferLeadership(leader.id))
    expect(back).toEqual({ leader: leader.id, term: term + 1 })
  })

  it('to whoever leads already is done', async () => {
    const { world, leader, followers } = await startCluster(3, THREE)
    const { term } = raftOf(leader).status()
    for (const node of [leader, ...followers]) {
      const done = await world.finish(raftOf(node).transferLeadership(leader.id))
      expect(done).toEqual({ leader: leader.id, term })
    }
  })

  it('to a node that does not vote is refused, wherever it is asked for', async () => {
    const { world, leader, followers } = await startCluster(3, THREE)
    for (const node of [leader, followers[0]]) {
      await expect(world.finish(raftOf(node).transferLeadership('x'))).rejects.toMatchObject({
        ...{ code: 'RAFT_TRANSFER_REFUSED', retryable: false },
      })
    }
    await expect(raftOf(leader).transferLeadership('')).rejects.toMatchObject({ code: 'RAFT_INVALID_OPTION' })
  })

  it('keeps proposals and reads waiting, at the leader and elsewhere, and loses none', async () => {
    const { world, leader, followers } = await startCluster(4, THREE)
    const moved = raftOf(leader).transferLeadership(followers[0]?.id)
    // One turn later the transfer is under way.
    await Promise.resolve()
    const began = world.now
    const nodes = [leader, ...followers]
    const writes = nodes.map((node) => raftOf(node).propose({ add: 1 }))
    const reads = nodes.map((node) => raftOf(node).read((machine) => machine.value))
    await world.finish(Promise.all([moved, ...writes, ...reads]))
    expect(world.now - began).toBeLessThan(ELECTION_MS)
    expect((await world.finish(raftOf(leader).read((machine) => machine.value))).value).toBe(3)
  })

  it('brings a target that lags far behind up to date first', async () => {
    const { world, leader, followers } = await startCluster(5, THREE)
    const [lagging, other] = followers
    world.network.partition([[lagging?.id ?? ''], [leader.id, other?.id ?? '']])
    const many = Array.from({ length: 5000 }, () => raftOf(leader).propose({ add: 1 }))
    await world.finish(Promise.all(many))
    world.network.heal()
    const { leader: next } = await world.finish(raftOf(leader).transferLeadership(lagging?.id))
    expect(next).toBe(lagging?.id)
    expect((await world.finish(raftOf(lagging).read((machine) => machine.value))).value).toBe(5000)
  })

  it('to a node that is dead fails after an election timeout, and the leader goes on', async () => {
    const { world, leader, followers } = await startCluster(6, THREE)
    const [dead, other] = followers
    const { term } = raftOf(leader).status()
    dead?.crash()
    const began = world.now
    const moved = raftOf(leader).transferLeadership(dead?.id)
    const failed = expect(world.finish(moved)).rejects.toMatchObject({
      ...{ code: 'RAFT_TRANSFER_FAILED', retryable: true, leader: leader.id },
    })
    const meanwhile = [leader, other].map((node) => raftOf(node).propose({ add: 1 }))
    await failed
    expect(world.now - began).toBeLessThan(ELECTION_MS + 100)
    await world.finish(Promise.all(meanwhile))
    expect(raftOf(leader).status()).toMatchObject({ role: 'leader', term })
  })

  it('that fails is told to whoever asked for it at another node', async () => {
    const { world, leader, followers } = await startCluster(7, THREE)
    const [cutOff, asking] = followers
    world.network.partition([[cutOff?.id ?? ''], [leader.id, asking?.id ?? '']])
    const began = world.now
    await expect(world.finish(raftOf(asking).transferLeadership(cutOff?.id))).rejects.toMatchObject({
      ...{ code: 'RAFT_TRANSFER_FAILED', leader: leader.id },
    })
    expect(world.now - began).toBeLessThan(ELECTION_MS + 200)
  })

  it('of a leader that is cut off from all has no target, and then no leader', async () => {
    const { world, leader, followers } = await startCluster(8, THREE)
    world.network.partition([[leader.id], idsOf(followers)])
    await expect(world.finish(raftOf(leader).transferLeadership())).rejects.toMatchObject({
      ...{ code: 'RAFT_TRANSFER_FAILED', retryable: true },
    })
    await world.run(1000)
    const alone = raftOf(leader).transferLeadership(undefined, { timeoutMs: 300 })
    await expect(world.finish(alone)).rejects.toMatchObject({ code: 'RAFT_TRANSFER_FAILED' })
  })

  it('works under loss, delay and repetition, sooner or later, and says truly whether it did', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { world, leader, followers } = await startCluster(seed, THREE)
      const [target, asking] = followers
      world.network.configure({ loss: 0.2, duplicate: 0.2, meanLatencyMs: 20 })
      for (let tries = 0; ; tries++) {
        expect(tries, `seed ${seed}`).toBeLessThan(20)
        try {
          const done = await world.finish(raftOf(asking).transferLeadership(target?.id))
          expect(done.leader).toBe(target?.id)
          expect(raftOf(asking).status().term).toBeGreaterThanOrEqual(done.term)
          break
        } catch (error) {
          expect(error).toMatchObject({ code: 'RAFT_TRANSFER_FAILED' })
        }
      }
      expect(raftOf(leader).status().pending).toBe(0)
    }
  })

  it('is one at a time: another target is refused meanwhile, and the same is joined', async () => {
    const { world, leader, followers } = await startCluster(9, THREE)
    const [cutOff, other] = followers
    world.network.partition([[cutOff?.id ?? ''], [leader.id, other?.id ?? '']])
    const first = raftOf(leader).transferLeadership(cutOff?.id)
    const same = raftOf(other).transferLeadership(cutOff?.id)
    const different = raftOf(leader).transferLeadership(other?.id)
    await expect(world.finish(different)).rejects.toMatchObject({ code: 'RAFT_TRANSFER_FAILED' })
    world.network.heal()
    const done = { leader: cutOff?.id }
    expect(await world.finish(Promise.all([first, same]))).toMatchObject([done, done])
  })

  it('can be given up waiting for, by a signal or by time, and ends with the node', async () => {
    const { world, leader, followers } = await startCluster(10, THREE)
    world.network.partition([[leader.id], idsOf(followers)])
    const [follower] = followers
    const controller = new AbortController()
    const aborted = raftOf(follower).transferLeadership(leader.id === 'a' ? 'b' : 'a', {
      signal: controller.signal,
    })
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    await expect(raftOf(follower).transferLeadership('a', { signal: controller.signal })).rejects.toThrow(
      'enough',
    )
    const other = followers[1]?.id
    const late = raftOf(follower).transferLeadership(other, { timeoutMs: 100 })
    await expect(world.finish(late)).rejects.toMatchObject({ code: 'RAFT_TRANSFER_FAILED' })
    const pending = raftOf(follower).transferLeadership(other)
    const ended = expect(pending).rejects.toMatchObject({ code: 'RAFT_CLOSED' })
    await world.finish(raftOf(follower).close())
    await ended
  })

  it('of the only voter has no target', async () => {
    const { world, leader } = await startCluster(1, ['a'])
    await expect(world.finish(raftOf(leader).transferLeadership())).rejects.toMatchObject({
      code: 'RAFT_TRANSFER_FAILED',
    })
  })
})

describe('priority', () => {
  it('brings leadership to the node that has the highest, and keeps it there', async () => {
    for (const seed of [1, 2, 3]) {
      const { world } = await startCluster(seed, THREE, {}, (id) => ({ priority: id === 'b' ? 7 : 0 }))
      const isLeader = (): boolean => raftOf(world.node('b')).status().role === 'leader'
      await world.runUntil(isLeader, { withinMs: 4 * ELECTION_MS })
      const { term } = raftOf(world.node('b')).status()
      await world.run(5000)
      expect(raftOf(world.node('b')).status()).toMatchObject({ role: 'leader', term })
    }
  })
})

describe('close with handOver', () => {
  it('leaves no gap that an election timeout would make', async () => {
    const { world, leader, followers } = await startCluster(1, THREE)
    const began = world.now
    await world.finish(raftOf(leader).close({ handOver: true }))
    await world.finish(raftOf(followers[0]).propose({ add: 1 }))
    expect(world.now - began).toBeLessThan(ELECTION_MS / 4)
  })

  it('closes whatever comes of it', async () => {
    const { world, leader, followers } = await startCluster(2, THREE)
    world.network.partition([[leader.id], idsOf(followers)])
    const began = world.now
    const closed = raftOf(leader).close({ handOver: true })
    await expect(raftOf(leader).propose({ add: 1 })).rejects.toMatchObject({ code: 'RAFT_CLOSED' })
    await world.finish(closed)
    expect(world.now - began).toBeLessThanOrEqual(2 * ELECTION_MS + 100)
  })

  it('of a follower just closes it', async () => {
    const { world, leader, followers } = await startCluster(3, THREE)
    const { term } = raftOf(leader).status()
    await world.finish(raftOf(followers[0]).close({ handOver: true }))
    expect(raftOf(leader).status()).toMatchObject({ role: 'leader', term })
  })
})
