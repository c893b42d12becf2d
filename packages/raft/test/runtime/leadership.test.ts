import type { World } from '@colony/testing'
import { describe, expect, it } from 'vitest'
import type { Raft } from '../../src/index.ts'
import { raftOf, startCluster, type Node, type Register } from './simulated.ts'

const THREE = ['a', 'b', 'c']

/** One call of a callback. */
interface Led {
  readonly term: number
  readonly signal: AbortSignal
}

/** Collects the calls of `onLeadership` on a node. */
function collect(node: Node | undefined): { readonly calls: Led[]; readonly registration: Disposable } {
  const calls: Led[] = []
  const registration = raftOf(node).onLeadership((term, signal) => void calls.push({ term, signal }))
  return { calls, registration }
}

function codeOf({ signal }: Led | undefined = { term: 0, signal: new AbortController().signal }): unknown {
  return signal.aborted ? (signal.reason as { code: string }).code : undefined
}

function lead(world: World<Raft<Register>>, node: Node | undefined): Promise<unknown> {
  return world.finish(raftOf(node).transferLeadership(node?.id))
}

describe('onLeadership', () => {
  it('is called when a node leads, after its first commit, with its term', async () => {
    const { world, leader, followers } = await startCluster(1, THREE)
    const [follower] = followers
    const commits: number[] = []
    const { term } = raftOf(leader).status()
    raftOf(follower).onLeadership(() => void commits.push(raftOf(follower).status().commitIndex))
    const { calls } = collect(follower)
    await world.run(1000)
    expect(calls).toEqual([])
    const { lastIndex } = raftOf(leader).status()
    await lead(world, follower)
    await world.run(50)
    expect(calls).toMatchObject([{ term: term + 1 }])
    expect(commits).toEqual([lastIndex + 1])
    expect(codeOf(calls[0])).toBeUndefined()
  })

  it('is called at once on a node that leads already', async () => {
    const { world, leader } = await startCluster(2, THREE)
    await world.run(100)
    const { calls } = collect(leader)
    expect(calls).toEqual([])
    await world.run(1)
    expect(calls).toMatchObject([{ term: raftOf(leader).status().term }])
  })

  it('its signal aborts as soon as a transfer begins, before another leads', async () => {
    const { world, leader, followers } = await startCluster(3, THREE)
    const { calls } = collect(leader)
    await world.run(100)
    const controls = followers.map(collect)
    let early = 0
    world.invariant('one at a time', () => {
      const led = controls.some(({ calls: others }) => others.length > 0)
      if (led && calls[0]?.signal.aborted !== true) early++
    })
    await world.finish(raftOf(leader).transferLeadership())
    await world.run(100)
    expect(codeOf(calls[0])).toBe('RAFT_LEADERSHIP_ENDED')
    expect(early).toBe(0)
    expect(controls.flatMap(({ calls: others }) => others)).toHaveLength(1)
  })

  it('is called again for the same term when a transfer failed', async () => {
    const { world, leader, followers } = await startCluster(4, THREE)
    const { calls } = collect(leader)
    await world.run(100)
    followers[0]?.crash()
    await expect(world.finish(raftOf(leader).transferLeadership(followers[0]?.id))).rejects.toThrow()
    await world.run(1)
    const { term } = raftOf(leader).status()
    expect(calls).toMatchObject([{ term }, { term }])
    expect(calls.map(codeOf)).toEqual(['RAFT_LEADERSHIP_ENDED', undefined])
  })

  it('its signal aborts when no quorum answers any more', async () => {
    const { world, leader, followers } = await startCluster(5, THREE)
    const { calls } = collect(leader)
    await world.run(100)
    world.network.partition([[leader.id], followers.map(({ id }) => id)])
    await world.run(1000)
    expect(calls.map(codeOf)).toEqual(['RAFT_LEADERSHIP_ENDED'])
    expect(raftOf(leader).status().role).not.toBe('leader')
  })

  it('its signal aborts when another is elected in a later term', async () => {
    const { world, leader, followers } = await startCluster(6, THREE)
    const { calls } = collect(leader)
    await world.run(100)
    // Long enough for the others to elect one, short enough that this one has not noticed yet when it wakes.
    leader.pause()
    await world.runUntil(() => followers.some((node) => raftOf(node).status().role === 'leader'))
    expect(calls.map(codeOf)).toEqual([undefined])
    leader.resume()
    await world.run(100)
    expect(calls.map(codeOf)).toEqual(['RAFT_LEADERSHIP_ENDED'])
  })

  it('its signal aborts when the node is closed, stops, or the registration is disposed of', async () => {
    const { world, leader } = await startCluster(7, THREE)
    const first = collect(leader)
    const second = collect(leader)
    await world.run(100)
    second.registration[Symbol.dispose]()
    expect(second.calls.map(codeOf)).toEqual(['RAFT_LEADERSHIP_ENDED'])
    expect(first.calls.map(codeOf)).toEqual([undefined])
    const closed = raftOf(leader).close()
    expect(first.calls.map(codeOf)).toEqual(['RAFT_LEADERSHIP_ENDED'])
    await world.finish(closed)
    expect(() => collect(leader)).toThrow('RAFT_CLOSED')

    const again = await startCluster(8, ['a'])
    const stopping = collect(again.leader)
    await again.world.run(100)
    await expect(again.world.finish(raftOf(again.leader).propose({ fail: true }))).rejects.toThrow()
    expect(stopping.calls.map(codeOf)).toEqual(['RAFT_LEADERSHIP_ENDED'])
  })

  it('one callback is never called twice at a time: the next call waits for its promise, and is for the present', async () => {
    const { world, leader, followers } = await startCluster(9, THREE)
    const terms: number[] = []
    let letGo = (): void => {}
    raftOf(leader).onLeadership(async (term) => {
      terms.push(term)
      await new Promise<void>((resolve) => (letGo = resolve))
    })
    await world.run(100)
    for (let round = 0; round < 2; round++) {
      await lead(world, followers[0])
      await lead(world, leader)
      await world.run(50)
    }
    expect(terms).toHaveLength(1)
    letGo()
    await world.run(50)
    expect(terms).toEqual([terms[0], raftOf(leader).status().term])
    await lead(world, followers[0])
    letGo()
    await world.run(50)
    expect(terms).toHaveLength(2)
  })

  it('what a callback throws, now or later, goes to the observer, and it is called again', async () => {
    const events: unknown[] = []
    const { world, leader, followers } = await startCluster(
      10,
      THREE,
      {},
      () => ({}),
      (event) => {
        if (event.type === 'raft.listener-failed') events.push(event)
      },
    )
    let count = 0
    raftOf(leader).onLeadership(() => {
      count++
      if (count === 1) throw new Error('at once')
      return Promise.reject(new Error('later'))
    })
    await world.run(100)
    await lead(world, followers[0])
    await world.runUntil(() => raftOf(leader).status().role !== 'leader')
    await lead(world, leader)
    await world.run(100)
    expect(events).toMatchObject([
      { event: 'leadership', node: leader.id, error: { message: 'at once' } },
      { event: 'leadership', node: leader.id, error: { message: 'later' } },
    ])
  })

  it('takes a function', async () => {
    const { leader } = await startCluster(11, ['a'])
    const wrong = 'a' as unknown as () => void
    expect(() => raftOf(leader).onLeadership(wrong)).toThrow('RAFT_INVALID_OPTION')
  })
})
