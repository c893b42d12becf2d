import { describe, expect, it } from 'vitest'
import { decodeMembership } from '../../src/core/membership.ts'
import type { Message, Outputs } from '../../src/index.ts'
import { CoreCluster, type CoreClusterOptions } from './core-cluster.ts'

/** Three cores whose storages know which data they hold: a 1, b 2, c 3. */
function cluster(ids = 'abc', options: CoreClusterOptions = {}): CoreCluster {
  return new CoreCluster(ids, { incarnations: true, ...options })
}

function founded(ids = 'abc', options: CoreClusterOptions = {}): CoreCluster {
  const c = cluster(ids, options)
  c.elect('a')
  return c
}

/** A core's membership in short: `abc`, `ab+c` with a learner, `ab/abc` while joint, `→` before a goal. */
function shown(c: CoreCluster, id: string): string {
  const { voters, outgoing, learners, goal } = c.core(id).membership.membership
  const joint = outgoing.length === 0 ? '' : `/${outgoing.join('')}`
  const learning = learners.length === 0 ? '' : `+${learners.join('')}`
  return `${voters.join('')}${joint}${learning}${goal === undefined ? '' : `→${goal.voters.join('')}`}`
}

/** Who votes with which data, as a core knows it. */
function voices(c: CoreCluster, id: string): Record<string, number> {
  return Object.fromEntries(c.core(id).membership.membership.incarnations ?? [])
}

/** Heartbeats of `leader`, each answered by everyone in `ids`. */
function beat(c: CoreCluster, leader: string, times: number, ids?: string): void {
  for (let i = 0; i < times; i++) {
    c.tick(leader, 10)
    c.settle(ids)
  }
}

function change(c: CoreCluster, leader: string, voters: string, learners = ''): Outputs {
  const ids = (text: string): string[] => text.split('').filter((id) => id !== '')
  const goal = { voters: ids(voters), learners: ids(learners) }
  return c.step(leader, { type: 'change-members', goal, addresses: new Map() })
}

const isBetween =
  (ids: string) =>
  (m: Message): boolean =>
    ids.includes(m.from) && ids.includes(m.to)

describe('a group is founded', () => {
  it('by all of its founders: the first of them stands, and writes down with which data they voted', () => {
    const c = founded()
    expect(c.core('a').entryAt(1)).toMatchObject({ kind: 'configuration', term: 1 })
    const { incarnations } = decodeMembership(c.core('b').entryAt(1)?.data ?? new Uint8Array(0)) ?? {}
    expect([...(incarnations ?? [])]).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    expect(c.core('c').founding).toBe(false)
    expect(c.core('a').commitIndex).toBe(1)
  })

  it('by no majority', () => {
    const c = cluster()
    for (let i = 0; i < 10; i++) {
      c.now += 1000
      for (const id of 'ab') c.tick(id)
      c.settle('ab')
    }
    expect(c.core('a').role).toBe('pre-candidate')
    expect(c.core('a').term).toBe(0)
    expect(c.core('b').role).toBe('follower')
    expect(c.core('a').founding).toBe(true)
    c.elect('a')
    expect(c.core('a').founding).toBe(false)
  })

  it('by a majority, where all have been waited for in vain; who was missing is written down when it comes', () => {
    const c = cluster('abc', { foundingPatience: 2 })
    for (let i = 0; i < 2; i++) {
      c.now += 1000
      c.tick('a')
      c.settle('ab')
      expect(c.core('a').role).toBe('pre-candidate')
    }
    c.elect('a', 'ab')
    expect(c.core('a').commitIndex).toBe(1)
    const recorded = (id: string): unknown[] => [...(c.core(id).membership.membership.incarnations ?? [])]
    expect(recorded('b')).toEqual([
      ['a', 1],
      ['b', 2],
    ])
    c.now += 50
    c.tick('a')
    c.settle()
    expect(recorded('c')).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    c.wipe('c', 30)
    c.propose('a', 'x')
    c.settle('ac')
    expect(c.core('a').wipedVoters).toEqual(new Map([['c', 30]]))
    expect(c.core('a').commitIndex).toBe(2)
  })

  it('by another founder, where the first of them is missing', () => {
    const c = cluster('abc', { foundingPatience: 2 })
    for (let i = 0; i < 4; i++) {
      c.now += 1000
      c.tick('b')
      c.settle('bc')
    }
    expect(c.core('b').role).toBe('leader')
  })

  it('by no majority that was asked for a vote by somebody who holds something', () => {
    const c = founded('abc', { foundingPatience: 2 })
    c.wipe('b', 20)
    c.wipe('c', 30)
    c.restart('a')
    for (let i = 0; i < 8; i++) {
      c.now += 1000
      for (const id of 'abc') c.tick(id)
      c.settle()
    }
    expect([...'abc'].map((id) => c.core(id).role)).not.toContain('leader')
  })

  it('once: a founder that was wiped before the others had anything founds no second group beside the first', () => {
    const c = cluster()
    c.now += 1000
    c.tick('a')
    // c votes and hears no more; a and b commit the first entries.
    c.settle('abc')
    c.propose('a', 'x')
    c.drop((m) => m.to === 'c')
    c.settle('ab')
    // c as it would be without anything: it voted for a in term 1, and has no log.
    c.member('c').disk.entries.length = 0
    c.restart('c')
    c.wipe('b', 20)
    for (let i = 0; i < 10; i++) {
      c.now += 1000
      for (const id of 'bc') c.tick(id)
      c.settle('bc')
    }
    expect([c.core('b').role, c.core('c').role]).toEqual(['follower', 'follower'])
    // When a is back, it leads with the vote of c.
    c.restart('a')
    c.now += 1000
    c.tick('a')
    c.settle('ac')
    expect(c.core('a').role).toBe('leader')
    expect(c.log('c')).toContain('1:x')
  })

  it('by a later majority, if the first leader was lost when only some had heard of it', () => {
    const c = cluster()
    c.now += 1000
    c.tick('a')
    while (c.core('a').role !== 'leader') {
      for (const id of 'abc') c.persist(id)
      c.deliver()
    }
    c.persist('a')
    c.drop((m) => m.to === 'c')
    c.deliver((m) => m.to === 'b')
    c.persist('b')
    c.drop()
    c.now += 1000
    c.tick('b')
    c.settle('bc')
    expect(c.core('b').role).toBe('leader')
  })
})

describe('a wiped voter', () => {
  it('elects nobody who lacks what it had acknowledged', () => {
    const c = founded()
    c.propose('a', 'x')
    c.settle('ab')
    expect(c.core('a').commitIndex).toBe(2)
    c.wipe('b', 20)
    // Without a, c would have a majority with b, and lacks the entry.
    for (let i = 0; i < 5; i++) {
      c.now += 1000
      for (const id of 'bc') c.tick(id)
      c.settle('bc')
    }
    expect(c.core('c').role).toBe('pre-candidate')
    expect(c.core('c').wipedVoters).toEqual(new Map([['b', 20]]))
  })

  it('acknowledges nothing, and answers no round: no commit, no read, no lease, no check-quorum', () => {
    const c = founded('abc', { wipedNodes: 'refuse', maxClockDrift: 0.1 })
    c.wipe('b', 20)
    c.settle('abc')
    c.propose('a', 'x')
    c.step('a', { type: 'read', id: 7 })
    beat(c, 'a', 3, 'ab')
    expect(c.core('a').commitIndex).toBe(1)
    expect(c.member('a').reads).toEqual([])
    for (let i = 0; i < 15 && c.core('a').role === 'leader'; i++) beat(c, 'a', 1, 'ab')
    expect(c.core('a').role).toBe('follower')
    expect(c.core('a').leaseIndex(c.now)).toBe(-1)
  })

  it('is no candidate to anybody, whatever it was told', () => {
    const c = founded()
    c.wipe('b', 20)
    const term = c.core('a').term + 5
    const request = { from: 'b', to: 'c', term, lastIndex: 99, lastTerm: 99, incarnation: 20 } as const
    c.now += 1000
    c.step('c', { type: 'message', message: { ...request, type: 'pre-vote-request' } })
    c.step('c', { type: 'message', message: { ...request, type: 'vote-request', transfer: true } })
    const answers = c.drop((m) => m.from === 'c')
    expect(answers).toMatchObject([{ granted: false }, { granted: false, incarnation: 3, candidate: 20 }])
    expect(c.core('c').term).toBe(1)
  })

  it('comes back: out of the voters, as a learner, and as a voter with the data that it has now', () => {
    const c = founded()
    c.propose('a', 'x')
    c.settle()
    c.wipe('b', 20)
    const steps: string[] = []
    for (let i = 0; i < 30; i++) {
      c.tick('a', 10)
      for (let rounds = 0; rounds < 6; rounds++) {
        for (const id of 'abc') c.persist(id)
        c.deliver()
        if (steps.at(-1) !== shown(c, 'a')) steps.push(shown(c, 'a'))
      }
    }
    expect(steps).toEqual(['abc', 'ac/abc→abc', 'ac+b→abc', 'abc/ac→abc', 'abc'])
    expect(voices(c, 'c')).toEqual({ a: 1, b: 20, c: 3 })
    expect(c.log('b')).toBe(c.log('a'))
    expect([c.core('b').wiped, c.core('a').wipedVoters.size]).toEqual([false, 0])
    // Its vote counts again.
    c.now += 1000
    c.tick('c')
    c.settle('bc')
    expect(c.core('c').role).toBe('leader')
  })

  it('that is wiped again while it comes back begins anew', () => {
    const c = founded()
    c.propose('a', 'x', 'y')
    c.settle()
    c.wipe('b', 20)
    for (let i = 0; i < 40 && shown(c, 'a') !== 'ac+b→abc'; i++) {
      c.tick('a', 10)
      c.persist('a')
      c.persist('c')
      if (i < 2) c.persist('b')
      c.deliver()
    }
    expect(shown(c, 'a')).toBe('ac+b→abc')
    c.drop()
    c.wipe('b', 21)
    beat(c, 'a', 12)
    expect(shown(c, 'a')).toBe('abc')
    expect(voices(c, 'a')).toEqual({ a: 1, b: 21, c: 3 })
    expect(c.log('b')).toBe(c.log('a'))
  })

  it('is left alone where that is wanted, knows it, and comes back by hand', () => {
    const c = founded('abc', { wipedNodes: 'refuse' })
    c.wipe('b', 20)
    beat(c, 'a', 5)
    expect(shown(c, 'a')).toBe('abc')
    expect(c.core('a').wipedVoters).toEqual(new Map([['b', 20]]))
    expect(c.core('b').wiped).toBe(true)
    change(c, 'a', 'ac')
    beat(c, 'a', 3)
    expect(shown(c, 'a')).toBe('ac')
    change(c, 'a', 'abc')
    beat(c, 'a', 20)
    expect(shown(c, 'a')).toBe('abc')
    expect(voices(c, 'a')).toEqual({ a: 1, b: 20, c: 3 })
    expect(c.core('b').wiped).toBe(false)
  })

  it('is brought back with others at once, as long as there is a quorum without them', () => {
    const c = founded('abcde')
    c.propose('a', 'x')
    c.settle()
    c.wipe('b', 20)
    c.wipe('d', 40)
    beat(c, 'a', 20)
    expect(shown(c, 'a')).toBe('abcde')
    expect(voices(c, 'e')).toEqual({ a: 1, b: 20, c: 3, d: 40, e: 5 })
    const lone = founded('abc')
    lone.wipe('b', 20)
    lone.wipe('c', 30)
    beat(lone, 'a', 20)
    expect(lone.core('a').role).not.toBe('leader')
    expect(lone.core('a').wipedVoters.size).toBe(2)
  })

  it('gets no lead, and answers to what it was before elect nobody', () => {
    const c = founded('abc', { wipedNodes: 'refuse' })
    c.wipe('b', 20)
    beat(c, 'a', 2)
    expect(c.core('a').transferRefusal('b')).toBe('not-a-voter')
    expect(c.core('a').transferRefusal()).toBeUndefined()
    // The answer to an earlier life of c, which had other data.
    c.now += 1000
    c.tick('c')
    c.drop()
    const vote = { type: 'pre-vote-response', from: 'a', to: 'c', term: 2, granted: true } as const
    c.step('c', { type: 'message', message: { ...vote, incarnation: 1, candidate: 33 } })
    expect(c.core('c').role).toBe('pre-candidate')
    c.step('c', { type: 'message', message: { ...vote, incarnation: 1, candidate: 3 } })
    expect(c.core('c').role).toBe('candidate')
  })
})

describe('a new voter', () => {
  it('is written down with the data that caught up', () => {
    const c = founded('abcd', { joining: 'd' })
    change(c, 'a', 'abcd')
    beat(c, 'a', 20)
    expect(shown(c, 'd')).toBe('abcd')
    expect(voices(c, 'b')).toEqual({ a: 1, b: 2, c: 3, d: 4 })
    change(c, 'a', 'abc')
    beat(c, 'a', 3)
    expect(voices(c, 'b')).toEqual({ a: 1, b: 2, c: 3 })
  })
})

describe('a removed node', () => {
  it('is remembered, told by any later leader without the log, and forgotten when it is added', () => {
    const c = founded('abcd', { joining: '' })
    change(c, 'a', 'abc')
    beat(c, 'a', 3, 'abc')
    expect(c.core('b').membership.membership.removed).toEqual(['d'])
    c.now += 1000
    c.tick('b')
    c.settle('bc')
    expect(c.core('b').role).toBe('leader')
    expect(c.core('d').removed).toBe(false)
    beat(c, 'b', 1, 'bc')
    c.tick('d')
    const sent: Message[] = []
    for (let i = 0; i < 4; i++) sent.push(...c.deliver(isBetween('bd')))
    expect(sent.some((m) => m.type === 'append-request' && m.to === 'd')).toBe(false)
    expect(c.core('d').removedAt).toBe(c.core('b').membership.index)
    // It asks no more to be elected, only whether it is a member.
    c.drop()
    beat(c, 'b', 25, 'bc')
    c.tick('d')
    expect(c.wire.map(({ type }) => type)).toEqual([
      'membership-query',
      'membership-query',
      'membership-query',
    ])
    c.drop()
    change(c, 'b', 'bcd')
    beat(c, 'b', 20, 'bcd')
    expect(shown(c, 'd')).toBe('bcd')
    expect(c.core('d').removed).toBe(false)
    expect(c.core('b').membership.membership.removed).toEqual(['a'])
  })

  it('that was a learner asks, since it would never hear of it', () => {
    const c = founded('abcd', { joining: 'd' })
    change(c, 'a', 'abc', 'd')
    beat(c, 'a', 10)
    expect(shown(c, 'd')).toBe('abc+d')
    change(c, 'a', 'abc')
    beat(c, 'a', 120, 'abc')
    c.restart('d')
    beat(c, 'a', 25, 'abc')
    c.tick('d')
    c.deliver((m) => m.from === 'd' && m.to === 'a')
    c.deliver((m) => m.to === 'd')
    expect(c.core('d').removed).toBe(true)
  })

  it('is one of so many that are remembered, the latest ones', () => {
    const c = founded('abc')
    for (let i = 0; i < 130; i++) {
      const goal = { voters: ['a', 'b', 'c'], learners: [`n${String(i).padStart(3, '0')}`] }
      c.step('a', { type: 'change-members', goal, addresses: new Map() })
      beat(c, 'a', 2, 'abc')
    }
    const { removed = [] } = c.core('b').membership.membership
    expect(removed).toHaveLength(128)
    expect([removed[0], removed.at(-1)]).toEqual(['n001', 'n128'])
  })
})

describe('a group of an earlier version', () => {
  it('goes on as before, and is written down when every member has shown what it has', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.propose('a', 'x')
    c.settle()
    expect(c.core('a').entryAt(1)?.kind).toBe('noop')
    c.upgrade('b', 2)
    c.upgrade('c', 3)
    c.now += 1000
    c.tick('b')
    c.settle()
    expect(c.core('b').role).toBe('leader')
    beat(c, 'b', 20)
    // a is of the earlier version, and could not read it.
    expect(c.core('b').membership.membership.incarnations).toBeUndefined()
    expect(c.core('a').commitIndex).toBe(c.core('b').commitIndex)
    c.upgrade('a', 1)
    beat(c, 'b', 20)
    expect(voices(c, 'a')).toEqual({ a: 1, b: 2, c: 3 })
    c.wipe('c', 30)
    beat(c, 'b', 20)
    expect(voices(c, 'a')).toEqual({ a: 1, b: 2, c: 30 })
  })

  it('takes part in elections with the others: a node that knows incarnations votes for one that does not, and the other way', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.upgrade('b', 2)
    c.now += 1000
    c.tick('b')
    c.settle()
    expect(c.core('b').role).toBe('leader')
    c.now += 1000
    c.tick('c')
    c.settle('bc')
    expect(c.core('c').role).toBe('pre-candidate')
    c.restart('b')
    c.now += 1000
    c.tick('c')
    c.settle('bc')
    expect(c.core('c').role).toBe('leader')
  })
})
