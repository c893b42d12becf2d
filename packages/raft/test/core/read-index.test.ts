import { describe, expect, it } from 'vitest'
import { CoreCluster } from './core-cluster.ts'

describe('linearizable reads (ReadIndex, thesis 6.4)', () => {
  it('are answered after a quorum answered a round that began later', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.step('a', { type: 'read', id: 1 })
    expect(c.member('a').reads).toEqual([])
    c.deliver((m) => m.to === 'b')
    c.deliver((m) => m.from === 'b')
    expect(c.member('a').reads).toEqual([{ id: 1, index: 1 }])
  })

  it('are not answered by answers to an earlier round', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.tick('a', 10)
    c.deliver((m) => m.type === 'append-request')
    const late = c.drop()
    c.step('a', { type: 'read', id: 1 })
    c.drop()
    for (const message of late) c.step('a', { type: 'message', message })
    expect(c.member('a').reads).toEqual([])
  })

  it('wait for the first commit of the term', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.propose('a', 'x')
    c.settle()
    c.now += 1000
    c.tick('b')
    // Everything but the no-op's acknowledgements.
    for (let i = 0; i < 4; i++) {
      c.deliver()
      if (c.core('b').role === 'leader') break
      for (const id of 'abc') c.persist(id)
    }
    expect(c.core('b').role).toBe('leader')
    c.step('b', { type: 'read', id: 1 })
    c.deliver()
    c.deliver()
    expect(c.member('b').reads).toEqual([])
    c.settle()
    expect(c.member('b').reads).toEqual([{ id: 1, index: 3 }])
  })

  it('share a round: what comes while one is out goes with the next', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.step('a', { type: 'read', id: 1 })
    c.step('a', { type: 'read', id: 2 })
    c.step('a', { type: 'read', id: 3 })
    expect(c.wire).toHaveLength(2)
    c.deliver()
    c.deliver()
    expect(c.member('a').reads.map(({ id }) => id)).toEqual([1])
    expect(c.wire).toHaveLength(2)
    c.settle()
    expect(c.member('a').reads.map(({ id }) => id)).toEqual([1, 2, 3])
  })

  it('survive a lost round: the next heartbeat confirms them', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.step('a', { type: 'read', id: 1 })
    c.drop()
    c.tick('a', 10)
    c.settle()
    expect(c.member('a').reads).toEqual([{ id: 1, index: 1 }])
  })

  it('are refused by who does not lead, also when it stops leading meanwhile', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.step('b', { type: 'read', id: 1 })
    expect(c.member('b').reads).toEqual([{ id: 1, index: -1 }])
    c.step('a', { type: 'read', id: 2 })
    c.step('a', { type: 'read', id: 3 })
    c.elect('b', 'bc')
    c.tick('b', 10)
    c.settle()
    expect(c.member('a').reads).toEqual([
      { id: 2, index: -1 },
      { id: 3, index: -1 },
    ])
  })
})

describe('freshness', () => {
  it('is proved over a round trip, on the leader and on followers', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.settle()
    c.tick('a', 10)
    const sent = c.now
    c.settle()
    expect(c.core('a').freshAt()).toBe(sent)
    c.tick('a', 10)
    c.settle()
    c.tick('a', 10)
    c.settle()
    // Followers know it from the echo of what they last sent.
    expect(c.core('b').freshAt()).toBeGreaterThanOrEqual(sent)
    expect(c.core('b').freshAt()).toBeLessThanOrEqual(c.now)
  })

  it('does not advance on a follower by messages that were under way for long', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    for (let i = 0; i < 3; i++) {
      c.tick('a', 10)
      c.settle()
    }
    const before = c.now
    c.tick('a', 10)
    const held = c.drop((m) => m.to === 'b')
    c.now += 500
    for (const message of held) c.step('b', { type: 'message', message })
    expect(c.core('b').freshAt()).toBeLessThanOrEqual(before)
  })

  it('is not claimed by a leader that has committed nothing in its term', () => {
    const c = new CoreCluster('abc')
    expect(c.core('a').freshAt()).toBe(Number.NEGATIVE_INFINITY)
  })
})
