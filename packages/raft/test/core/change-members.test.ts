import { describe, expect, it } from 'vitest'
import { encodeMembership, foundingMembership } from '../../src/core/membership.ts'
import type { Outputs } from '../../src/index.ts'
import { CoreCluster } from './core-cluster.ts'

const NOWHERE = new Map<string, string>()

/** Asks a core for these voters. */
function change(c: CoreCluster, leader: string, voters: string, learners = ''): Outputs {
  const goal = { voters: voters.split(''), learners: learners.split('').filter((id) => id !== '') }
  return c.step(leader, { type: 'change-members', goal, addresses: NOWHERE })
}

/** A core's membership in short: `abc`, `abc+d` with a learner, `bcd/abc` while joint, `→` before a goal. */
function shown(c: CoreCluster, id: string): string {
  const { voters, outgoing, learners, goal } = c.core(id).membership.membership
  const joint = outgoing.length === 0 ? '' : `/${outgoing.join('')}`
  const learning = learners.length === 0 ? '' : `+${learners.join('')}`
  return `${voters.join('')}${joint}${learning}${goal === undefined ? '' : `→${goal.voters.join('')}`}`
}

/** Heartbeats of `leader`, each answered by everyone in `ids`. */
function beat(c: CoreCluster, leader: string, times: number, ids?: string): void {
  for (let i = 0; i < times; i++) {
    c.tick(leader, 10)
    c.settle(ids)
  }
}

function elected(ids: string, joining = ''): CoreCluster {
  const c = new CoreCluster(ids, { joining })
  c.elect('a')
  return c
}

describe('a change of members', () => {
  it('goes from learner over the joint membership to the goal, one committed step at a time', () => {
    const c = elected('abcd', 'd')
    c.propose('a', 'x', 'y')
    c.settle()
    expect(change(c, 'a', 'bcd').appendedAt).toBe(4)
    expect(shown(c, 'a')).toBe('abc+d→bcd')
    // Committed by the old voters, with nobody asking the new one.
    c.settle('abc')
    expect(c.core('a').commitIndex).toBe(4)
    expect(shown(c, 'b')).toBe('abc+d→bcd')
    expect(shown(c, 'd')).toBe('')
    c.tick('a', 10)
    for (let i = 0; i < 10 && !shown(c, 'a').includes('/'); i++) {
      c.deliver((m) => m.to === 'd')
      c.persist('d')
      c.deliver((m) => m.from === 'd')
    }
    expect(shown(c, 'a')).toBe('bcd/abc→bcd')
    expect(shown(c, 'd')).toBe('abc+d→bcd')
    c.settle()
    beat(c, 'a', 1)
    expect(shown(c, 'b')).toBe('bcd')
    expect(shown(c, 'd')).toBe('bcd')
    expect(c.core('d').membership).toMatchObject({ index: 6, term: 1 })
  })

  it('needs both majorities while it is joint, and says so to reads and check-quorum', () => {
    const c = elected('abcde', 'de')
    change(c, 'a', 'ade')
    beat(c, 'a', 3, 'abcde')
    // From abc to ade and on to the next: catch the joint phase by hand.
    expect(shown(c, 'a')).toBe('ade')
    change(c, 'a', 'abc')
    c.settle('ade')
    expect(shown(c, 'a')).toBe('ade+bc→abc')
    beat(c, 'a', 1, 'abcde')
    const joint = c
      .core('a')
      .membershipsBetween(0, 99)
      .filter(({ membership }) => membership.outgoing.length > 0)
    expect(joint.map(({ membership }) => membership.outgoing.join(''))).toEqual(['abc', 'ade'])
    expect(shown(c, 'a')).toBe('abc')
  })

  it('commits nothing by one of the two majorities alone', () => {
    for (const reachable of ['ab', 'ad', 'ade', 'abc']) {
      const c = elected('abcde', 'de')
      change(c, 'a', 'ade')
      c.settle('abc')
      c.tick('a', 10)
      // d and e catch up, up to the joint entry; nobody has acknowledged that.
      while (!shown(c, 'a').includes('/')) {
        c.deliver((m) => 'de'.includes(m.to) || 'de'.includes(m.from))
        c.persist('d')
        c.persist('e')
      }
      const { index } = c.core('a').membership
      c.drop()
      for (let i = 0; i < 5; i++) {
        c.tick('a', 10)
        c.settle(reachable)
      }
      const both = reachable === 'abcde' || reachable === 'abd'
      expect(c.core('a').commitIndex >= index, reachable).toBe(both)
      expect(shown(c, 'a'), reachable).toBe('ade/abc→ade')
    }
  })

  it('is not begun before the leader has committed an entry of its own term (the bug of 2015)', () => {
    const c = elected('abcd', 'd')
    // a appends what nobody else hears of, and is cut off; b takes over.
    change(c, 'a', 'abcd')
    c.drop()
    c.now += 1000
    c.tick('b')
    while (c.core('b').role !== 'leader') {
      c.persist('b')
      c.persist('c')
      c.drop((m) => m.to === 'a' || m.from === 'a')
      c.deliver()
    }
    expect(change(c, 'b', 'bc').appendedAt).toBe(0)
    expect(shown(c, 'b')).toBe('abc')
    c.settle('bc')
    expect(change(c, 'b', 'bc').appendedAt).toBe(3)
    // Two changes that began from the same membership never share no voter: a's is cut off.
    c.settle('bc')
    beat(c, 'b', 3)
    expect(shown(c, 'a')).toBe('bc')
  })

  it('is not begun while an earlier step is not committed, and not while it is joint', () => {
    const c = elected('abcd', 'd')
    expect(change(c, 'a', 'abcd').appendedAt).toBe(2)
    expect(change(c, 'a', 'abc').appendedAt).toBe(0)
    c.settle('abc')
    expect(change(c, 'a', 'ab').appendedAt).toBe(3)
    expect(shown(c, 'a')).toBe('ab/abc→ab')
    c.persist('a')
    expect(change(c, 'a', 'abc').appendedAt).toBe(0)
    c.settle()
    expect(shown(c, 'a')).toBe('ab')
  })

  it('takes a new goal in place of one that cannot be reached', () => {
    const c = elected('abcd', 'd')
    change(c, 'a', 'abcd')
    for (let i = 0; i < 30; i++) {
      c.tick('a', 10)
      c.settle('abc')
    }
    expect(shown(c, 'a')).toBe('abc+d→abcd')
    change(c, 'a', 'abc')
    c.settle('abc')
    expect(shown(c, 'b')).toBe('abc')
  })

  it('promotes nobody that is far behind or silent, and whoever has caught up by itself', () => {
    const c = elected('abcd', 'd')
    for (let i = 0; i < 30; i++) c.propose('a', ...Array.from({ length: 20 }, () => 'x'.repeat(40)))
    c.settle('abc')
    change(c, 'a', 'abcd')
    c.settle('abc')
    c.tick('a', 10)
    let exchanges = 0
    while (!shown(c, 'a').includes('/')) {
      const match = c.core('d').lastIndex
      c.deliver((m) => m.to === 'd')
      c.persist('d')
      c.deliver((m) => m.from === 'd')
      c.drop((m) => !'ad'.includes(m.to) || !'ad'.includes(m.from))
      exchanges++
      expect(match).toBeLessThanOrEqual(c.core('a').lastIndex)
    }
    expect(exchanges).toBeGreaterThan(3)
    expect(c.core('a').lastIndex - c.core('d').lastIndex).toBeLessThan(100)
  })

  it('learners do not count: neither for commits nor for elections', () => {
    const c = elected('abcd', 'd')
    change(c, 'a', 'abc', 'd')
    c.settle()
    expect(shown(c, 'd')).toBe('abc+d')
    c.propose('a', 'x')
    c.settle('ad')
    expect(c.core('a').commitIndex).toBe(2)
    // The learner's patience ends, and it asks nobody for anything.
    c.tick('d', 1000)
    c.tick('d', 1000)
    expect(c.wire).toEqual([])
    expect(c.core('d')).toMatchObject({ role: 'follower', leader: undefined, removed: false })
  })
})

describe('a leader that is lost', () => {
  it.each([
    ['learner', true],
    ['joint', false],
    ['joint', true],
    ['final', false],
    ['final', true],
  ])('in phase %s, which others know: %s, is followed by one that goes on', (phase, known) => {
    const c = elected('abcd', 'd')
    change(c, 'a', 'bcd')
    const marks: Record<string, string> = { learner: '+d', joint: '/', final: 'bcd' }
    for (let i = 0; i < 100; i++) {
      const now = shown(c, 'a')
      if (phase === 'final' ? now === 'bcd' : now.includes(marks[phase] ?? '')) break
      if (c.wire.length === 0) c.tick('a', 10)
      for (const id of 'abcd') c.persist(id)
      c.deliver()
    }
    // What it has appended last is in its log alone.
    if (known) c.deliver((m) => m.to === 'b')
    c.persist('b')
    c.drop()
    c.elect('b', 'bcd')
    for (let i = 0; i < 5; i++) {
      c.tick('b', 10)
      c.settle('bcd')
    }
    expect(shown(c, 'b')).toBe('bcd')
    expect(shown(c, 'd')).toBe('bcd')
    c.propose('b', 'after')
    c.settle('bd')
    expect(c.core('b').commitIndex).toBe(c.core('b').lastIndex)
  })

  it('with the only copy of a step takes that step with it: what is cut off no longer counts', () => {
    const c = elected('abc')
    change(c, 'a', 'ab')
    c.persist('a')
    expect(shown(c, 'a')).toBe('ab/abc→ab')
    c.drop()
    c.elect('b', 'bc')
    c.propose('b', 'x')
    c.settle('bc')
    expect(shown(c, 'b')).toBe('abc')
    // Its heartbeats cut off what a alone has.
    beat(c, 'b', 3)
    expect(shown(c, 'a')).toBe('abc')
    expect(c.log('a')).toBe(c.log('b'))
  })

  it('may have been the only one that knew the end, and whoever has it is needed, removed or not', () => {
    const c = elected('abcd', 'cd')
    // From ab to cd: a and b alone hold the final entry, uncommitted.
    change(c, 'a', 'cd')
    for (let i = 0; i < 100 && shown(c, 'a') !== 'cd'; i++) {
      if (c.wire.length === 0) c.tick('a', 10)
      for (const id of 'abcd') c.persist(id)
      c.deliver()
    }
    c.persist('a')
    c.deliver((m) => m.to === 'b')
    c.persist('b')
    c.drop()
    expect(shown(c, 'b')).toBe('cd')
    expect(shown(c, 'c')).toBe('cd/ab→cd')
    // c and d can't win: a and b know more. So one of those stands for election, with the votes of c and d.
    for (const id of 'abcd') c.restart(id)
    c.now += 2000
    c.tick('b')
    c.settle()
    c.tick('b', 10)
    c.settle()
    expect(shown(c, 'c')).toBe('cd')
    expect(c.core('c').term).toBeGreaterThan(1)
    c.tick('b', 2000)
    expect(c.core('b').role).toBe('follower')
    expect(c.core('b').removed).toBe(true)
  })
})

describe('a leader that removes itself', () => {
  it('leads until that is committed without its own vote, then hands over', () => {
    const c = elected('abcd', 'd')
    change(c, 'a', 'bcd')
    for (let i = 0; i < 100 && shown(c, 'a') !== 'bcd'; i++) {
      if (c.wire.length === 0) c.tick('a', 10)
      for (const id of 'abcd') c.persist(id)
      c.deliver()
    }
    const { index } = c.core('a').membership
    expect(c.core('a').role).toBe('leader')
    // It and one other are no majority of the three that count now.
    c.persist('a')
    for (let i = 0; i < 3; i++) {
      c.tick('a', 10)
      c.settle('ab')
    }
    expect(c.core('a').commitIndex).toBeLessThan(index)
    expect(c.core('a').role).toBe('leader')
    c.settle()
    beat(c, 'a', 3)
    expect(c.core('a')).toMatchObject({ role: 'follower', removed: true })
    const leaders = [...'bcd'].filter((id) => c.core(id).role === 'leader')
    expect(leaders).toHaveLength(1)
    // It is over for a, however long it waits.
    c.wire = []
    for (let i = 0; i < 5; i++) c.tick('a', 1000)
    expect(c.wire).toEqual([])
  })
})

it('a leader that removed itself follows, even if nobody takes over from it', () => {
  const c = elected('abcd', 'd')
  change(c, 'a', 'bcd')
  for (let i = 0; i < 60 && c.core('a').role === 'leader'; i++) {
    c.tick('a', 10)
    for (let turn = 0; turn < 6; turn++) {
      for (const id of 'abcd') c.persist(id)
      c.drop((m) => m.type === 'timeout-now')
      c.deliver()
    }
  }
  expect([...'abcd'].map((id) => c.core(id).role)).toEqual(Array.from('abcd', () => 'follower'))
  expect(c.core('a').removed).toBe(true)
})

describe('a node that was removed', () => {
  it('hears of it, and campaigns no more', () => {
    const c = elected('abc')
    change(c, 'a', 'ab')
    c.settle()
    beat(c, 'a', 2)
    expect(c.core('c').removed).toBe(true)
    // The leader has taken its leave.
    beat(c, 'a', 1)
    c.tick('a', 10)
    expect(c.drop().map(({ to }) => to)).toEqual(['b'])
    c.tick('c', 1000)
    c.tick('c', 1000)
    expect(c.wire).toEqual([])
  })

  it('and could not hear of it disturbs nobody, and is told as soon as it asks', () => {
    const c = elected('abcd')
    change(c, 'a', 'abc')
    beat(c, 'a', 150, 'abc')
    c.propose('a', 'x', 'y')
    beat(c, 'a', 1, 'abc')
    const before = c.core('a').term
    // d has not heard anything for long and asks everybody; even a higher term of its own moves nobody.
    c.tick('d')
    c.settle()
    expect(c.core('a')).toMatchObject({ role: 'leader', term: before })
    beat(c, 'a', 3)
    expect(c.core('d').removed).toBe(true)
    expect(c.core('d').role).toBe('follower')
    c.tick('d', 1000)
    expect(c.wire).toEqual([])
  })

  it('and is in a later term deposes nobody', () => {
    const c = elected('abcd')
    change(c, 'a', 'abc')
    beat(c, 'a', 5, 'abc')
    const answer = { type: 'append-response', from: 'd', to: 'a', term: 9, success: false, index: 0 } as const
    const message = { ...answer, hintIndex: 0, hintTerm: 0, round: 0, sentAt: 0, lease: false }
    c.step('a', { type: 'message', message })
    expect(c.core('a')).toMatchObject({ role: 'leader', term: 1 })
    expect(c.core('a').drops.stranger).toBe(1)
    // A member would have.
    c.step('a', { type: 'message', message: { ...message, from: 'b' } })
    expect(c.core('a')).toMatchObject({ role: 'follower', term: 9 })
  })
})

describe('who is in no membership', () => {
  it('waits, votes when it is asked, and takes what a leader sends', () => {
    const c = elected('abcd', 'd')
    c.tick('d', 5000)
    expect(c.wire).toEqual([])
    const vote = { type: 'vote-request', from: 'b', to: 'd', term: 7, lastIndex: 9, lastTerm: 6 } as const
    c.step('d', { type: 'message', message: vote })
    c.persist('d')
    expect(c.wire).toMatchObject([{ type: 'vote-response', granted: true }])
  })
})

describe('configuration entries', () => {
  it('that hold no membership are refused, and break nothing', () => {
    const c = elected('abc')
    const { term } = c.core('b')
    const head = {
      type: 'append-request',
      from: 'a',
      to: 'b',
      term,
      prevIndex: 1,
      prevTerm: 1,
      commit: 1,
    } as const
    const append = { ...head, round: 1, echo: 0, quorumAgeMs: -1, leaseMs: 0 }
    const junk = { term, kind: 'configuration', data: Uint8Array.of(1, 2, 3) } as const
    c.step('b', { type: 'message', message: { ...append, entries: [junk] } })
    expect(c.core('b').drops.impossible).toBe(1)
    expect(c.core('b').lastIndex).toBe(1)
    const good = { ...junk, data: encodeMembership(foundingMembership(['a', 'b'])) }
    c.step('b', { type: 'message', message: { ...append, entries: [good] } })
    expect(c.core('b').voters).toEqual(['a', 'b'])
  })

  it('are found again after a restart', () => {
    const c = elected('abc')
    change(c, 'a', 'ab')
    beat(c, 'a', 2)
    c.restart('b')
    expect(c.core('b').voters).toEqual(['a', 'b'])
    expect(c.core('b').membershipAt(1).membership.voters).toEqual(['a', 'b', 'c'])
    expect(c.core('b').removed).toBe(false)
  })
})
