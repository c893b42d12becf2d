import { describe, expect, it } from 'vitest'
import { CoreCluster } from './core-cluster.ts'

const ELECTION_MS = 100

/** A cluster that `a` leads, everything delivered. */
function led(ids: string, options: { priorities?: Record<string, number> } = {}): CoreCluster {
  const c = new CoreCluster(ids, options)
  c.elect('a')
  c.tick('a', 10)
  c.settle()
  return c
}

describe('leadership transfer (thesis 3.10)', () => {
  it('makes the target leader in the next term, without a pre-vote and although all hear the leader', () => {
    const c = led('abc')
    c.step('a', { type: 'transfer', to: 'b' })
    expect(c.wire).toEqual([{ type: 'timeout-now', from: 'a', to: 'b', term: 1 }])
    c.deliver()
    expect(c.core('b').role).toBe('candidate')
    c.persist('b')
    expect(c.wire).toMatchObject([
      { type: 'vote-request', to: 'a', term: 2, transfer: true },
      { type: 'vote-request', to: 'c', term: 2, transfer: true },
    ])
    c.settle()
    expect(c.core('b')).toMatchObject({ role: 'leader', term: 2 })
    expect(c.core('a')).toMatchObject({ role: 'follower', leader: 'b', transferTarget: undefined })
  })

  it('waits until the log of the target is durable and equal to the own', () => {
    const c = led('abc')
    c.propose('a', 'x')
    c.step('a', { type: 'transfer', to: 'b' })
    c.settle('ac')
    expect(c.core('a').transferTarget).toBe('b')
    c.tick('a', 10)
    // The target finds out what it lacks, gets it, and writes it.
    for (let i = 0; i < 3; i++) c.deliver()
    expect(c.core('b').lastIndex).toBe(c.core('a').lastIndex)
    expect(c.wire.some(({ type }) => type === 'timeout-now')).toBe(false)
    c.persist('b')
    c.deliver()
    expect(c.wire.filter(({ type }) => type === 'timeout-now')).toHaveLength(1)
    c.settle()
    expect(c.core('b').role).toBe('leader')
    expect(c.log('b')).toBe('1: 1:x 2:')
  })

  it('takes no proposals and confirms no reads meanwhile; both go on when it is given up', () => {
    const c = led('abc')
    c.step('a', { type: 'transfer', to: 'b' })
    c.drop()
    expect(c.propose('a', 'x')).toBe(0)
    c.step('a', { type: 'read', id: 1 })
    for (let ms = 0; ms < ELECTION_MS - 10; ms += 10) {
      c.tick('a', 10)
      c.settle('ac')
    }
    expect(c.core('a')).toMatchObject({ transferTarget: 'b', leads: false })
    expect(c.member('a').reads).toEqual([])
    c.tick('a', 10)
    expect(c.core('a')).toMatchObject({ role: 'leader', transferTarget: undefined, leads: true })
    c.settle('ac')
    expect(c.member('a').reads).toMatchObject([{ id: 1, index: 1 }])
    expect(c.propose('a', 'x')).toBe(2)
  })

  it('sends reads that wait elsewhere when the target takes over', () => {
    const c = led('abc')
    c.step('a', { type: 'transfer', to: 'b' })
    c.step('a', { type: 'read', id: 7 })
    c.settle()
    expect(c.member('a').reads).toEqual([{ id: 7, index: -1 }])
  })

  it('tells the target again with every heartbeat, in case that was lost', () => {
    const c = led('abc')
    c.step('a', { type: 'transfer', to: 'b' })
    expect(c.drop(({ type }) => type === 'timeout-now')).toHaveLength(1)
    c.tick('a', 10)
    expect(c.wire.filter(({ type }) => type === 'timeout-now')).toHaveLength(1)
    c.settle()
    expect(c.core('b').role).toBe('leader')
  })

  it('is refused for whoever does not vote, oneself, and by whoever does not lead', () => {
    const c = led('abc')
    expect(c.core('a').transferRefusal('x')).toBe('not-a-voter')
    expect(c.core('a').transferRefusal('a')).toBe('not-a-voter')
    expect(c.core('b').transferRefusal('c')).toBe('not-leader')
    c.step('a', { type: 'transfer', to: 'x' })
    c.step('b', { type: 'transfer', to: 'c' })
    expect(c.core('a').transferTarget).toBeUndefined()
    expect(c.wire).toEqual([])
  })

  it('is refused for a learner, which nobody would elect, and never chosen to go to one', () => {
    const c = new CoreCluster('abd', { joining: 'd' })
    c.elect('a')
    const goal = { voters: ['a', 'b'], learners: ['d'] }
    c.step('a', { type: 'change-members', goal, addresses: new Map() })
    for (let i = 0; i < 5; i++) {
      c.tick('a', 10)
      c.settle()
    }
    expect(c.core('a').membership.membership.learners).toEqual(['d'])
    expect(c.core('d').lastIndex).toBe(c.core('a').lastIndex)
    expect(c.core('a').transferRefusal('d')).toBe('not-a-voter')
    c.propose('a', 'x')
    c.settle('ad')
    c.step('a', { type: 'transfer' })
    expect(c.core('a').transferTarget).toBe('b')
  })

  it('goes to one target at a time, and joins the one under way', () => {
    const c = led('abc')
    c.step('a', { type: 'transfer', to: 'b' })
    expect(c.core('a').transferRefusal('c')).toBe('busy')
    expect(c.core('a').transferRefusal('b')).toBeUndefined()
    expect(c.core('a').transferRefusal()).toBeUndefined()
    c.step('a', { type: 'transfer', to: 'c' })
    expect(c.core('a').transferTarget).toBe('b')
  })

  it('without a target goes to the most caught up', () => {
    const c = led('abc')
    c.propose('a', 'x')
    c.settle('ac')
    c.step('a', { type: 'transfer' })
    expect(c.core('a').transferTarget).toBe('c')
  })

  it('without a target goes to who was heard last, among those that are caught up', () => {
    const c = led('abc')
    for (let i = 0; i < 3; i++) {
      c.tick('a', 10)
      c.settle('ac')
    }
    c.step('a', { type: 'transfer' })
    expect(c.core('a').transferTarget).toBe('c')
  })

  it('has no target when nobody was heard for an election timeout', () => {
    const c = led('abc')
    c.tick('a', ELECTION_MS)
    c.drop()
    expect(c.core('a').transferRefusal()).toBe('no-target')
    c.step('a', { type: 'transfer' })
    expect(c.core('a').transferTarget).toBeUndefined()
  })

  it('a target ignores an order of an earlier term', () => {
    const c = led('abc')
    c.elect('c')
    c.step('b', { type: 'message', message: { type: 'timeout-now', from: 'a', to: 'b', term: 1 } })
    expect(c.core('b')).toMatchObject({ role: 'follower', term: 2 })
  })

  it('a leader and a candidate take no orders to campaign', () => {
    const c = led('abc')
    c.step('a', { type: 'message', message: { type: 'timeout-now', from: 'b', to: 'a', term: 1 } })
    expect(c.core('a')).toMatchObject({ role: 'leader', term: 1 })
  })

  it('an election that was asked for does not lift the rule about logs (5.4.1)', () => {
    const c = led('abc')
    c.propose('a', 'x')
    c.settle('ac')
    c.step('b', { type: 'message', message: { type: 'timeout-now', from: 'a', to: 'b', term: 1 } })
    c.settle()
    expect(c.core('b').role).not.toBe('leader')
    expect(c.core('a').term).toBe(2)
  })

  it('an election after the one that was asked for is like any other', () => {
    const c = led('abc')
    c.step('a', { type: 'transfer', to: 'b' })
    c.deliver()
    c.persist('b')
    c.drop()
    c.tick('b', 1000)
    expect(c.wire.map(({ type }) => type)).toEqual(['pre-vote-request', 'pre-vote-request'])
    c.settle('bc')
    expect(c.core('b')).toMatchObject({ role: 'leader', term: 3 })
  })

  it('stepping down ends it, and a later leadership begins without one', () => {
    const c = led('abc')
    c.step('a', { type: 'transfer', to: 'b' })
    c.drop()
    c.elect('c', 'bc')
    c.tick('c', 10)
    c.settle()
    expect(c.core('a')).toMatchObject({ role: 'follower', transferTarget: undefined })
    c.elect('a')
    expect(c.core('a')).toMatchObject({ leads: true, transferTarget: undefined })
  })
})

describe('candidacy', () => {
  it('that is not allowed is not stood for, and the node votes on', () => {
    const c = led('abc')
    c.step('b', { type: 'candidacy', allowed: false })
    c.tick('b', 1000)
    expect(c.wire).toEqual([])
    expect(c.core('b')).toMatchObject({ role: 'follower', leader: undefined })
    c.elect('c', 'bc')
    c.tick('c', 10)
    c.settle()
    expect(c.core('b').leader).toBe('c')
    c.step('b', { type: 'candidacy', allowed: true })
    c.elect('b', 'ab')
  })

  it('that is not allowed is not stood for even when the leader asks', () => {
    const c = led('abc')
    c.step('b', { type: 'candidacy', allowed: false })
    c.step('a', { type: 'transfer', to: 'b' })
    c.deliver()
    expect(c.core('b').role).toBe('follower')
  })
})
