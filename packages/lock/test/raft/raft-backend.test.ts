import { createMemoryNetwork } from '@colony/host/memory'
import { createRaft, memoryStorage } from '@colony/raft'
import { describe, expect, it } from 'vitest'
import { createLocks, type LockError } from '../../src/index.ts'
import { type LockStateMachine, raftBackend } from '../../src/raft/index.ts'
import { type LockNode, type Node, on, type SimulatedGroup, startGroup } from './simulated-group.ts'

type Held = Awaited<ReturnType<LockNode['locks']['acquire']>>

/** The reason for which a lock is lost, once it is. */
function lossOf(lock: Held): () => string | undefined {
  let because: string | undefined
  lock.signal.addEventListener('abort', () => (because = (lock.signal.reason as LockError).because))
  return () => because
}

/** A member that does not lead. */
function follower(group: SimulatedGroup, at = 0): Node {
  const node = group.followers()[at]
  if (node === undefined) throw new Error('too few followers')
  return node
}

/** Cuts a node off from all others. */
function cutOff({ world }: SimulatedGroup, node: Node): void {
  world.network.partition([[node.id], world.nodes.filter((other) => other !== node).map(({ id }) => id)])
}

/** How many keys, or sessions, the group knows of, as the leader has it. */
async function countLeft(group: SimulatedGroup, what: 'key' | 'session' = 'key'): Promise<number> {
  const machine = await group.world.finish(on(group.leader()).raft.read((table: LockStateMachine) => table))
  const bytes = [...machine.value.snapshot()].map((chunk) => new TextDecoder().decode(chunk)).join('')
  return bytes.split('\n').filter((line) => line.startsWith(`["${what}"`)).length
}

describe('raft backend', () => {
  it('one lock at a time in the whole group, first come first served, with tokens that grow', async () => {
    const { world } = await startGroup(1)
    const order: string[] = []
    const tokens: bigint[] = []
    let holders = 0
    let most = 0
    const work = async (id: string, delayMs: number): Promise<void> => {
      await world.sleep(delayMs)
      const lock = await on(world.node(id)).locks.acquire('job')
      most = Math.max(most, ++holders)
      order.push(id)
      tokens.push(lock.fencingToken)
      await world.sleep(500)
      holders--
      expect(await lock.release()).toEqual({ released: true })
    }
    await world.finish(Promise.all([work('a', 0), work('c', 100), work('b', 200), work('a', 300)]))
    expect(order).toEqual(['a', 'c', 'b', 'a'])
    expect(most).toBe(1)
    expect(tokens).toEqual(tokens.toSorted((one, other) => Number(one - other)))
    expect(new Set(tokens).size).toBe(4)
  })

  it('a waiter on a follower hears of its lock in a few trips of the network, not with the next heartbeat', async () => {
    const group = await startGroup(2, { raft: { heartbeatIntervalMs: 1000, electionTimeoutMs: 5000 } })
    const { world } = group
    world.network.configure({ minLatencyMs: 1, meanLatencyMs: 1 })
    for (const [one, other] of [
      [follower(group), follower(group, 1)],
      [group.leader(), follower(group)],
    ] as const) {
      const lock = await world.finish(on(one).locks.acquire('k'))
      const waiting = on(other).locks.acquire('k')
      await world.run(300)
      const releasedAt = world.now
      await world.finish(lock.release())
      const next = await world.finish(waiting)
      expect(world.now - releasedAt).toBeLessThan(12)
      await world.finish(next.release())
    }
  })

  it('a lock that was waited for long begins its lease when it is granted, not when it was asked for', async () => {
    const group = await startGroup(3)
    const { world } = group
    const first = await world.finish(on(group.leader()).locks.acquire('k', { ttl: 3000 }))
    const waiting = on(follower(group)).locks.acquire('k', { ttl: 1000 })
    await world.run(2500)
    await world.finish(first.release())
    const second = await world.finish(waiting)
    expect(second.remaining).toBeGreaterThan(900)
    expect(second.remaining).toBeLessThan(990)
  })

  it('grants and extensions count from when they were asked for, not from when they were answered', async () => {
    const group = await startGroup(18)
    const { world } = group
    world.network.configure({ minLatencyMs: 30, meanLatencyMs: 30 })
    const lock = await world.finish(on(follower(group)).locks.acquire('k', { ttl: 10_000 }))
    // Two trips of the network to the leader and back, and what clocks may differ.
    expect(lock.remaining).toBeLessThan(9900 - 60)
    await world.run(500)
    const askedAt = world.now
    expect(await world.finish(lock.extend())).toBe(true)
    expect(world.now - askedAt).toBeGreaterThan(60)
    expect(lock.remaining).toBeLessThan(9900 - 60)
  })

  it('a lease that nobody extends ends on its holder first, then in the group', async () => {
    const group = await startGroup(4)
    const { world } = group
    const holder = follower(group)
    const lock = await world.finish(on(holder).locks.acquire('k', { ttl: 1000 }))
    const loss = lossOf(lock)
    let lostAt = 0
    lock.signal.addEventListener('abort', () => (lostAt = world.now))
    cutOff(group, holder)
    await world.finish(on(group.leader()).locks.acquire('k'))
    expect(loss()).toBe('expired')
    expect(lostAt).toBeLessThan(world.now)
  })

  it('a new leader lets every lease begin anew', async () => {
    const group = await startGroup(5)
    const { world } = group
    const [one, other] = [follower(group), follower(group, 1)]
    const lock = await world.finish(on(one).locks.acquire('k', { ttl: 2000 }))
    const loss = lossOf(lock)
    await world.run(1500)
    const changedAt = world.now
    await world.finish(on(one).raft.transferLeadership(other.id))
    // Its holder knows nothing of that, and believes in the lock for no longer than it was told.
    await world.run(600)
    expect(loss()).toBe('expired')
    expect(await world.finish(on(other).locks.tryAcquire('k'))).toBeUndefined()
    await world.finish(on(other).locks.acquire('k'))
    expect(world.now - changedAt).toBeGreaterThan(2000)
    expect(world.now - changedAt).toBeLessThan(2500)
  })

  it('what a leader that was stalled thinks of leases is void once another one leads', async () => {
    const group = await startGroup(6)
    const { world } = group
    const old = group.leader()
    const holder = follower(group)
    const lock = await world.finish(on(holder).locks.acquire('k', { ttl: 1500, autoExtend: true }))
    const loss = lossOf(lock)
    old.pause()
    await world.run(5000)
    expect([undefined, old.id]).not.toContain(on(holder).raft.status().leader)
    // All its timers are over now, and it has read nothing of what came.
    old.resume()
    await world.run(3000)
    expect(loss()).toBeUndefined()
    expect(await world.finish(on(old).locks.tryAcquire('k'))).toBeUndefined()
  })

  it('goes through a change of leader: requests are made again, and are one request', async () => {
    const group = await startGroup(7)
    const { world } = group
    const node = follower(group)
    for (let round = 0; round < 5; round++) {
      const asked = on(node).locks.acquire(`k${round}`)
      const old = group.leader()
      if (old === node) break
      old.pause()
      const lock = await world.finish(asked)
      old.resume()
      expect(await world.finish(lock.release())).toEqual({ released: true })
      await world.run(1000)
    }
    expect(await countLeft(group)).toBe(0)
  })

  it('every time of giving up leaves nothing behind', async () => {
    const group = await startGroup(8)
    const { world } = group
    world.network.configure({ minLatencyMs: 3, meanLatencyMs: 5 })
    const holder = await world.finish(on(group.leader()).locks.acquire('taken'))
    for (let afterMs = 0; afterMs < 40; afterMs++) {
      const aborter = new AbortController()
      const reason = new Error(`after ${afterMs} ms`)
      const { locks } = on(follower(group, afterMs % 2))
      const asked = ['free', 'taken'].map((key) => locks.acquire(key, { signal: aborter.signal }))
      world.schedule(afterMs, () => aborter.abort(reason))
      for (const outcome of await world.finish(Promise.allSettled(asked))) {
        // Either there is a lock and it stays, or there is none.
        if (outcome.status === 'fulfilled') await world.finish(outcome.value.release())
        else expect(outcome.reason).toBe(reason)
      }
    }
    await world.finish(holder.release())
    await world.run(200)
    expect(await countLeft(group)).toBe(0)
  })

  it('what could not be given back is given back with the next sign of life', async () => {
    const group = await startGroup(9, { backend: { timeout: 300 } })
    const { world } = group
    const holder = follower(group)
    const lock = await world.finish(on(holder).locks.acquire('k', { ttl: 60_000 }))
    cutOff(group, holder)
    expect(await world.finish(lock.release())).toEqual({ released: false })
    world.network.heal()
    const since = world.now
    await world.finish(on(group.leader()).locks.acquire('k'))
    expect(world.now - since).toBeLessThan(6000)
  })

  it('a process that is gone loses its place in the queue, and locks that last as long as it does', async () => {
    const group = await startGroup(10, { backend: { sessionTtl: 1000 } })
    const { world } = group
    const [gone, other] = [follower(group), follower(group, 1)]
    const forever = await world.finish(on(gone).locks.acquire('forever', { ttl: Number.POSITIVE_INFINITY }))
    await world.run(5000)
    expect(forever.isHeld).toBe(true)
    const taken = await world.finish(on(other).locks.acquire('taken', { ttl: 60_000 }))
    const waiting = on(gone).locks.acquire('taken')
    await world.run(100)
    const loss = lossOf(forever)
    let lostAt = 0
    forever.signal.addEventListener('abort', () => (lostAt = world.now))
    cutOff(group, gone)
    await world.finish(on(other).locks.acquire('forever'))
    expect(loss()).toBe('backend')
    expect(lostAt).toBeLessThan(world.now)
    await world.finish(taken.release())
    const next = await world.finish(on(other).locks.acquire('taken'))
    // Back again, it asks anew.
    world.network.heal()
    await world.run(1000)
    await world.finish(next.release())
    expect((await world.finish(waiting)).isHeld).toBe(true)
  })

  it('a lock that lasts as long as its session is not handed out when that is over', async () => {
    const group = await startGroup(17, { backend: { sessionTtl: 1000 } })
    const { world } = group
    const [stalled, other] = [follower(group), follower(group, 1)]
    const first = await world.finish(on(stalled).locks.acquire('first'))
    const asked = on(stalled).locks.acquire('k', { ttl: Number.POSITIVE_INFINITY })
    let handedOut = false
    void asked.then(() => (handedOut = true))
    // The request is on its way, and granted while its process reads nothing.
    await world.run(0.1)
    stalled.pause()
    const lock = await world.finish(on(other).locks.acquire('k'))
    expect(first.isHeld).toBe(true)
    stalled.resume()
    await world.run(500)
    expect(handedOut).toBe(false)
    await world.finish(lock.release())
    expect((await world.finish(asked)).isHeld).toBe(true)
  })

  it('a session that nobody uses is forgotten, and the next lock opens another one', async () => {
    const group = await startGroup(11, { backend: { sessionTtl: 1000 } })
    const { world } = group
    const sessions = async (): Promise<number> => {
      const { value } = await world.finish(on(group.leader()).raft.read((table: LockStateMachine) => table))
      return [...value.snapshot()].map(String).join().length
    }
    const before = await sessions()
    const lock = await world.finish(on(follower(group)).locks.acquire('k'))
    await world.finish(lock.release())
    expect(await sessions()).toBeGreaterThan(before)
    const { lastIndex } = on(group.leader()).raft.status()
    await world.run(10_000)
    // One entry ended it: nobody kept it alive meanwhile.
    expect(on(group.leader()).raft.status().lastIndex).toBeLessThanOrEqual(lastIndex + 1)
    expect(await countLeft(group)).toBe(0)
    expect((await world.finish(on(follower(group)).locks.acquire('k'))).isHeld).toBe(true)
  })

  it('without a leader: an attempt fails in its time, and a wait goes on until there is one', async () => {
    const group = await startGroup(12, { backend: { timeout: 500, sessionTtl: 4000 } })
    const { world } = group
    const node = follower(group)
    const before = await world.finish(on(node).locks.acquire('k'))
    await world.finish(before.release())
    cutOff(group, node)
    await world.run(3000)
    const askedAt = world.now
    await expect(world.finish(on(node).locks.tryAcquire('k'))).rejects.toMatchObject({ code: /^RAFT_/ })
    expect(world.now - askedAt).toBeLessThan(700)
    await expect(world.finish(on(node).locks.acquire('k', { wait: 2000 }))).rejects.toMatchObject({
      code: /^RAFT_/,
    })
    const waiting = on(node).locks.acquire('k')
    await world.run(5000)
    world.network.heal()
    expect((await world.finish(waiting)).isHeld).toBe(true)
  })

  it('who comes back by a snapshot knows what became of its locks and its waits', async () => {
    const snapshots = { everyEntries: 10, keepEntries: 0 }
    const group = await startGroup(13, { raft: { snapshots }, backend: { sessionTtl: 60_000 } })
    const { world } = group
    const [away, other] = [follower(group), follower(group, 1)]
    const lost = await world.finish(on(away).locks.acquire('lost', { ttl: 60_000 }))
    const kept = await world.finish(on(away).locks.acquire('kept', { ttl: 60_000 }))
    const taken = await world.finish(on(other).locks.acquire('taken', { ttl: 2000 }))
    const waiting = on(away).locks.acquire('taken', { ttl: 50_000 })
    await world.run(100)
    cutOff(group, away)
    // The group gives one of its locks to nobody by a deadlock that it takes no part in: ended by hand.
    const { value } = await world.finish(on(away).raft.read((table) => table, { consistency: 'local' }))
    const [session] = [
      ...(value as unknown as { sessions: Iterable<{ node: string; id: number }> }).sessions,
    ].filter(({ node }) => node === away.id)
    const end = { op: 'end', session: session?.id, number: 1 } as const
    await world.finish(on(other).raft.propose(end))
    await world.finish(taken.release())
    for (let count = 0; count < 40; count++) {
      const lock = await world.finish(on(other).locks.acquire('busy'))
      await world.finish(lock.release())
    }
    expect(lost.isHeld).toBe(true)
    world.network.heal()
    expect((await world.finish(waiting, { withinMs: 5000 })).isHeld).toBe(true)
    expect(on(away).raft.metrics().snapshots.installed).toBeGreaterThan(0)
    expect((lost.signal.reason as LockError).because).toBe('stolen')
    expect(kept.isHeld).toBe(true)
  })

  it('values are read and written alike on all nodes', async () => {
    const group = await startGroup(14)
    const { world } = group
    const [one, other] = [on(follower(group)), on(follower(group, 1))]
    const add = ({ locks }: LockNode): Promise<unknown> => locks.update<number>('n', (n = 0) => n + 1)
    await world.finish(add(one))
    await world.finish(add(other))
    await world.finish(Promise.all([add(one), add(other), add(one)]))
    const { values } = other.backend
    expect((await world.finish(values?.read('n') ?? Promise.reject()))?.text).toBe('5')
  })

  it('refuses a node with another machine, and what is out of range', async () => {
    const host = createMemoryNetwork().host()
    const machine = { apply: (): void => {} }
    const raft = await createRaft({ id: 'a', members: ['a'], host, storage: memoryStorage(), machine })
    const locks = createLocks(raftBackend(raft as never))
    await expect(locks.acquire('k')).rejects.toThrow('must be a lockTable()')
    expect(() => raftBackend(raft as never, { sessionTtl: 1 })).toThrow('sessionTtl')
    expect(() => raftBackend({} as never)).toThrow('raft')
    await raft.close()
  })

  it('closed, it gives no more locks, and its session ends with the last one', async () => {
    const group = await startGroup(15)
    const { world } = group
    const { backend, locks } = on(follower(group))
    const lock = await world.finish(locks.acquire('k'))
    await world.finish(locks.close())
    await world.finish(backend.close())
    await expect(world.finish(locks.acquire('l'))).rejects.toMatchObject({ code: 'LOCK_CLOSED' })
    expect(await world.finish(lock.release())).toEqual({ released: true })
    await world.run(100)
    expect(await countLeft(group)).toBe(0)
    expect(await countLeft(group, 'session')).toBe(0)
  })
})
