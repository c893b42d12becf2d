import { describe, expect, it } from 'vitest'
import type { RaftStatus } from '../../src/index.ts'
import { raftOf, startCluster } from './simulated.ts'

describe('watch', () => {
  it('begins with the present status and gives the latest, however much happened meanwhile', async () => {
    const { world, leader } = await startCluster(1, ['a', 'b', 'c'])
    await world.run(100)
    const raft = raftOf(leader)
    const reader = raft.watch()[Symbol.asyncIterator]()
    expect((await reader.next()).value).toEqual(raft.status())
    for (let i = 0; i < 100; i++) await world.finish(raft.propose({ add: 1 }))
    await world.run(200)
    expect((await reader.next()).value).toEqual(raft.status())
    // Nothing is left of what lay between.
    let more: RaftStatus | undefined
    void reader.next().then(({ value }) => {
      more = value as RaftStatus
    })
    await world.run(200)
    expect(more).toBeUndefined()
    await world.finish(raft.propose({ add: 1 }))
    await world.run(200)
    expect(more?.commitIndex).toBeGreaterThan(100)
  })

  it('tells of a new leader', async () => {
    const { world, leader, followers } = await startCluster(2, ['a', 'b', 'c'])
    const [follower] = followers
    const seen: (string | undefined)[] = []
    const reading = (async () => {
      for await (const { leader: now } of raftOf(follower).watch()) seen.push(now)
    })()
    await world.run(10)
    const { leader: next } = await world.finish(raftOf(leader).transferLeadership())
    await world.run(10)
    expect(seen[0]).toBe(leader.id)
    expect(seen.at(-1)).toBe(next)
    await world.finish(raftOf(follower).close())
    await reading
  })

  it('ends when the node closes, at once for those who wait and for those who come later', async () => {
    const { world, leader } = await startCluster(3, ['a'])
    const reader = raftOf(leader).watch()[Symbol.asyncIterator]()
    await reader.next()
    const waiting = [reader.next(), reader.next()]
    await world.finish(raftOf(leader).close())
    expect((await Promise.all(waiting)).map(({ done }) => done)).toEqual([true, true])
    expect((await reader.next()).done).toBe(true)
    for await (const status of raftOf(leader).watch()) expect.fail(JSON.stringify(status))
  })

  it('ends when the node stops', async () => {
    const { world, leader } = await startCluster(4, ['a'])
    const reader = raftOf(leader).watch()[Symbol.asyncIterator]()
    await world.finish(raftOf(leader).propose({ fail: true })).catch(() => {})
    expect((await reader.next()).done).toBe(true)
  })

  it('ends when its signal aborts, and lets go of the signal when the loop is left', async () => {
    const { leader } = await startCluster(5, ['a'])
    const controller = new AbortController()
    let listening = 0
    const { signal } = controller
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listening++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listening--
      remove(...args)
    }
    for await (const { role } of raftOf(leader).watch({ signal })) {
      expect(role).toBe('leader')
      break
    }
    expect(listening).toBe(0)
    const reader = raftOf(leader).watch({ signal })[Symbol.asyncIterator]()
    await reader.next()
    const waiting = reader.next()
    controller.abort()
    expect((await waiting).done).toBe(true)
    for await (const status of raftOf(leader).watch({ signal })) expect.fail(JSON.stringify(status))
  })
})
