import { describe, expect, it } from 'vitest'
import type { AppendRequest, Message } from '../../src/index.ts'
import { CoreCluster } from './core-cluster.ts'

// Election timeout 100, heartbeats every 10: with a drift of 0.2 a lease holds for 80 from when its round was sent.
const DRIFT = { maxClockDrift: 0.2 }

/** Three cores, `a` leading with a lease that began at the returned time. */
function leased(options: { maxClockDrift?: number } = DRIFT): { c: CoreCluster; from: number } {
  const c = new CoreCluster('abc', options)
  c.elect('a')
  c.tick('a', 10)
  const from = c.now
  c.settle()
  return { c, from }
}

function holds(c: CoreCluster, id: string): boolean {
  return c.core(id).leaseIndex(c.now) >= 0
}

describe('a lease', () => {
  it('holds for an election timeout, less the drift, from when the round was sent, not from when it was answered', () => {
    const c = new CoreCluster('abc', DRIFT)
    c.elect('a')
    c.settle()
    c.tick('a', 90)
    const sent = c.now
    c.now += 30
    c.settle()
    expect(c.core('a').leaseIndex(sent + 79)).toBe(1)
    expect(c.core('a').leaseIndex(sent + 80)).toBe(-1)
  })

  it('is over although nothing has told the leader so: the clock of the moment decides', () => {
    const { c, from } = leased()
    expect(c.core('a').leaseIndex(from + 10)).toBe(1)
    expect(c.core('a').leaseIndex(from + 500)).toBe(-1)
    expect(c.core('a').role).toBe('leader')
  })

  it('is not held without a declared bound, by a follower, or before the term has committed anything', () => {
    const { c } = leased({})
    expect(holds(c, 'a')).toBe(false)
    const other = leased().c
    expect(holds(other, 'b')).toBe(false)
    other.elect('b', 'bc')
    // Deposed without knowing it: its lease has run out with the election timeout of whoever voted.
    expect(holds(other, 'a')).toBe(false)
    const early = new CoreCluster('abc', DRIFT)
    early.now += 1000
    early.tick('a')
    early.deliver()
    early.deliver()
    early.persist('a')
    early.deliver()
    for (const id of 'bc') early.persist(id)
    early.deliver()
    expect(early.core('a').role).toBe('leader')
    // Its first round is answered, the no-op is on no other disk.
    early.deliver()
    early.deliver()
    expect(early.core('a').commitIndex).toBe(0)
    expect(holds(early, 'a')).toBe(false)
  })

  it('needs the promise of a quorum: answers without one confirm rounds, but extend no lease', () => {
    const c = new CoreCluster('abc', DRIFT)
    c.elect('a')
    c.tick('a', 90)
    c.deliver()
    for (const message of c.drop()) {
      if (message.type === 'append-response')
        c.step('a', { type: 'message', message: { ...message, lease: false } })
    }
    expect(c.core('a').freshAt()).toBe(c.now)
    expect(holds(c, 'a')).toBe(false)
  })

  it('of a lone voter holds while it leads, renewed by its own heartbeats', () => {
    const c = new CoreCluster('a', DRIFT)
    c.tick('a')
    c.settle()
    expect(c.core('a').role).toBe('leader')
    c.tick('a', 10)
    expect(holds(c, 'a')).toBe(true)
    expect(c.core('a').leaseIndex(c.now + 80)).toBe(-1)
  })
})

describe('a lease and a change of members', () => {
  const change = (c: CoreCluster, voters: string): void => {
    const goal = { voters: voters.split(''), learners: [] }
    expect(c.step('a', { type: 'change-members', goal, addresses: new Map() }).appendedAt).toBeGreaterThan(0)
  }

  it('has to be promised by a quorum of those who elect now', () => {
    const { c } = leased()
    expect(holds(c, 'a')).toBe(true)
    change(c, 'ab')
    expect(holds(c, 'a')).toBe(false)
    for (let i = 0; i < 8; i++) {
      c.settle()
      c.tick('a', 10)
    }
    c.settle()
    expect(holds(c, 'a')).toBe(true)
    c.drop()
    // Of two voters both are needed, so that what the third answers no longer counts.
    const from = c.now
    c.tick('a', 10)
    c.deliver((m) => m.to === 'c' || m.from === 'c')
    expect(c.core('a').leaseIndex(from + 79)).toBe(c.core('a').commitIndex)
    expect(c.core('a').leaseIndex(from + 85)).toBe(-1)
  })

  it('is over for a leader that is itself removed', () => {
    const { c } = leased()
    change(c, 'bc')
    const isOut = (): boolean => {
      const { voters, outgoing } = c.core('a').membership.membership
      return !voters.includes('a') && outgoing.length === 0
    }
    while (!isOut()) {
      for (const id of 'abc') c.persist(id)
      c.deliver()
    }
    // The others answer a round, and have not yet written that the leader is out.
    c.tick('a', 10)
    c.deliver()
    c.deliver()
    expect([c.core('a').role, c.core('a').freshAt()]).toEqual(['leader', c.now])
    expect(holds(c, 'a')).toBe(false)
    expect(c.core('a').voters).toEqual(['b', 'c'])
  })
})

describe('who promised a lease', () => {
  const request = (c: CoreCluster): AppendRequest => {
    const found = c.wire.find((m): m is AppendRequest => m.type === 'append-request' && m.to === 'b')
    if (found === undefined) throw new Error('no append to b')
    return found
  }

  /** Whether `b` would vote for `c`, and does. */
  function votes(c: CoreCluster): boolean[] {
    const log = { lastIndex: c.core('b').lastIndex, lastTerm: 9 }
    const ask = { from: 'c', to: 'b', term: 9, ...log } as const
    c.drop()
    c.step('b', { type: 'message', message: { ...ask, type: 'pre-vote-request' } })
    c.step('b', { type: 'message', message: { ...ask, type: 'vote-request' } })
    c.persist('b')
    return c.drop((m) => m.from === 'b').map((m) => 'granted' in m && m.granted)
  }

  it('elects nobody until it is over', () => {
    const { c, from } = leased()
    c.now = from + 99
    expect(votes(c)).toEqual([false, false])
    c.now = from + 100
    expect(votes(c)).toEqual([true, true])
  })

  it('keeps its word when it learns of a later term, and knows no leader any more', () => {
    const { c, from } = leased()
    const later: Message = { type: 'vote-response', from: 'c', to: 'b', term: 5, granted: false }
    c.step('b', { type: 'message', message: later })
    expect(c.core('b').term).toBe(5)
    c.now = from + 99
    expect(votes(c)).toEqual([false, false])
  })

  it('keeps its word across a restart, in which it forgets it', () => {
    const { c } = leased()
    c.restart('b')
    c.now += 99
    expect(votes(c)).toEqual([false, false])
    c.now += 1
    expect(votes(c)).toEqual([true, true])
  })

  it('does not campaign before either', () => {
    const { c } = leased()
    c.restart('b')
    c.drop()
    c.step('b', { type: 'tick' })
    expect(c.wire).toEqual([])
  })

  it('never promises what a restart would break: longer than its own election timeout', () => {
    const { c } = leased()
    c.tick('a', 10)
    const asked = { ...request(c), leaseMs: 101 }
    c.drop()
    c.step('b', { type: 'message', message: asked })
    expect(c.wire).toMatchObject([{ type: 'append-response', success: true, lease: false }])
  })

  it('is asked for nothing by a leader without leases', () => {
    const { c } = leased({})
    c.tick('a', 10)
    expect(request(c).leaseMs).toBe(0)
    c.deliver()
    expect(c.wire).toMatchObject([{ lease: false }, { lease: false }])
  })
})

it('a node that has never been in any term has promised nothing, and votes at once', () => {
  const c = new CoreCluster('abc', DRIFT)
  c.step('b', {
    type: 'message',
    message: { type: 'pre-vote-request', from: 'c', to: 'b', term: 1, lastIndex: 0, lastTerm: 0 },
  })
  expect(c.wire).toMatchObject([{ granted: true }])
})
