import { describe, expect, it } from 'vitest'
import { CoreCluster } from './core-cluster.ts'

describe('elections', () => {
  it('wait a random time, from one to two election timeouts', () => {
    const c = new CoreCluster('abcde')
    const waits = new Set<number>()
    for (let life = 0; life < 20; life++) {
      c.now++
      for (const id of c.ids) {
        c.restart(id)
        c.tick(id)
        waits.add(c.member(id).wakeAt - c.now)
      }
    }
    expect(waits.size).toBe(100)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(100)
    expect(Math.max(...waits)).toBeLessThan(200)
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(80)
  })

  it('elects the first to ask, after a pre-vote that changes no term', () => {
    const c = new CoreCluster('abc')
    c.now += 1000
    c.tick('a')
    expect(c.core('a').role).toBe('pre-candidate')
    expect(c.core('a').term).toBe(0)
    c.deliver()
    expect(c.core('b').term).toBe(0)
    c.settle()
    expect(c.core('a').role).toBe('leader')
    expect(c.core('b').leader).toBe('a')
    expect(c.log('c')).toBe('1:')
  })

  it('asks for votes only when its own vote is durable', () => {
    const c = new CoreCluster('abc')
    c.now += 1000
    c.tick('a')
    c.deliver()
    c.deliver()
    expect(c.core('a').role).toBe('candidate')
    expect(c.wire).toEqual([])
    c.persist('a')
    expect(c.wire.map((m) => m.type)).toEqual(['vote-request', 'vote-request'])
    expect(c.member('a').disk).toMatchObject({ term: 1, vote: 'a' })
  })

  it('answers a vote only when it is durable', () => {
    const c = new CoreCluster('abc')
    c.step('b', vote('a', 'b', 1))
    expect(c.wire).toEqual([])
    c.persist('b')
    expect(c.wire).toMatchObject([{ type: 'vote-response', to: 'a', granted: true, term: 1 }])
    expect(c.member('b').disk).toMatchObject({ term: 1, vote: 'a' })
  })

  it('votes once a term, also across a restart, and again for the same candidate', () => {
    const c = new CoreCluster('abc')
    c.step('b', vote('a', 'b', 1))
    c.persist('b')
    c.restart('b')
    c.wire = []
    // It may have promised a lease, for an election timeout at most.
    c.now += 100
    c.step('b', vote('c', 'b', 1))
    c.step('b', vote('a', 'b', 1))
    c.persist('b')
    expect(c.wire).toMatchObject([
      { to: 'c', granted: false },
      { to: 'a', granted: true },
    ])
  })

  it('refuses a candidate whose log is behind (5.4.1), but takes its term', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.propose('a', 'x')
    c.settle()
    c.now += 1000
    c.step('b', { type: 'message', message: { ...voteRequest('c', 'b', 9), lastIndex: 1, lastTerm: 1 } })
    c.persist('b')
    expect(c.wire.at(-1)).toMatchObject({ type: 'vote-response', granted: false, term: 9 })
    expect(c.core('b').term).toBe(9)
  })

  it('neither votes nor takes the term while it hears a leader (stickiness)', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.step('b', vote('c', 'b', 9))
    expect(c.core('b').term).toBe(1)
    expect(c.wire.at(-1)).toMatchObject({ granted: false, term: 1 })
    c.step('a', vote('c', 'a', 9))
    expect(c.core('a').role).toBe('leader')
  })

  it('a node that was cut off does not disturb anyone when it comes back (pre-vote)', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    for (let i = 0; i < 20; i++) {
      c.tick('c', 300)
      c.drop()
      c.tick('a')
      c.settle('ab')
    }
    expect(c.core('c').term).toBe(1)
    c.tick('a', 20)
    c.settle()
    expect(c.core('a').role).toBe('leader')
    expect(c.core('c').leader).toBe('a')
  })

  it('learns a higher term from a refused pre-vote', () => {
    const c = new CoreCluster('abc')
    c.step('b', vote('x', 'b', 7))
    c.step('b', { type: 'message', message: voteRequest('c', 'b', 7) })
    c.persist('b')
    c.wire = []
    c.now += 1000
    c.tick('a')
    c.deliver()
    c.deliver()
    expect(c.core('a').term).toBe(7)
  })

  it('a leader that no quorum answers steps down (check-quorum)', () => {
    const c = new CoreCluster('abcde')
    c.elect('a')
    for (let i = 0; i < 12; i++) {
      c.tick('a', 10)
      c.settle('ab')
    }
    expect(c.core('a').role).toBe('follower')
    expect(c.core('a').leader).toBeUndefined()
  })

  it('a leader that was stalled asks before it steps down, and goes on if it was waited for', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.settle()
    c.tick('a', 10)
    c.settle()
    c.tick('a', 110)
    expect(c.core('a').role).toBe('leader')
    c.settle()
    for (let i = 0; i < 5; i++) c.tick('a', 10)
    expect(c.core('a').role).toBe('leader')
    expect(c.core('b').leader).toBe('a')
  })

  it('a leader that was stalled and is answered by nobody afterwards steps down', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.settle()
    c.tick('a', 1000)
    c.drop()
    for (let i = 0; i < 12; i++) {
      c.tick('a', 10)
      c.drop()
    }
    expect(c.core('a').role).toBe('follower')
  })

  it('a leader with a quorum stays, however long a minority is away', () => {
    const c = new CoreCluster('abcde')
    c.elect('a')
    for (let i = 0; i < 50; i++) {
      c.tick('a', 10)
      c.settle('abc')
    }
    expect(c.core('a').role).toBe('leader')
  })

  it('a stale leader learns the term of a node that it left behind, instead of talking to the deaf', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    for (let i = 0; i < 20; i++) {
      c.tick('a', 10)
      c.settle('ab')
    }
    c.step('c', vote('b', 'c', 5))
    c.persist('c')
    c.wire = []
    c.tick('a', 10)
    c.deliver((m) => m.to === 'c')
    c.persist('c')
    c.deliver((m) => m.from === 'c')
    expect(c.core('a').role).toBe('follower')
    expect(c.core('a').term).toBe(5)
  })

  it('a lone voter leads at once and commits by itself', () => {
    const c = new CoreCluster('a')
    c.tick('a')
    c.settle()
    expect(c.core('a').role).toBe('leader')
    c.propose('a', 'x')
    expect(c.core('a').commitIndex).toBe(1)
    c.settle()
    expect(c.core('a').commitIndex).toBe(2)
  })
})

function voteRequest(from: string, to: string, term: number) {
  return { type: 'vote-request', from, to, term, lastIndex: 99, lastTerm: 99 } as const
}

function vote(from: string, to: string, term: number) {
  return { type: 'message', message: voteRequest(from, to, term) } as const
}
