import { describe, expect, it } from 'vitest'
import type { AppendRequest, AppendResponse } from '../../src/core/message.ts'
import { CoreCluster } from './core-cluster.ts'

describe('replication', () => {
  it('commits with two messages to and two from followers, and one write each', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.propose('a', 'x')
    expect(c.wire.map((m) => m.type)).toEqual(['append-request', 'append-request'])
    c.deliver()
    expect(c.wire).toEqual([])
    for (const id of 'abc') c.persist(id)
    expect(c.wire.map((m) => m.type)).toEqual(['append-response', 'append-response'])
    c.deliver()
    expect(c.core('a').commitIndex).toBe(2)
    expect(c.wire).toEqual([])
  })

  it('acknowledges nothing that is not durable', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.propose('a', 'x')
    c.persist('a')
    c.deliver()
    c.tick('a', 10)
    c.deliver((m) => m.type === 'append-request')
    // The heartbeat is answered at once, but only for what is on disk.
    const answers = c.wire.filter((m): m is AppendResponse => m.type === 'append-response')
    expect(answers.map(({ index }) => index)).toEqual([1, 1])
    c.deliver()
    expect(c.core('a').commitIndex).toBe(1)
  })

  it('does not count its own disk before it is written', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.propose('a', 'x')
    c.deliver()
    c.persist('b')
    c.deliver()
    expect(c.core('a').commitIndex).toBe(1)
    c.persist('a')
    expect(c.core('a').commitIndex).toBe(2)
  })

  it('writes are asynchronous: a leader whose disk is busy takes, sends and commits, and beats on', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    for (const command of 'xyz') {
      c.propose('a', command)
      c.deliver((m) => m.to !== 'a')
      for (const id of 'bc') c.persist(id)
      c.deliver()
    }
    expect(c.member('a').disk.entries).toHaveLength(1)
    expect(c.core('a').commitIndex).toBe(4)
    c.drop()
    c.tick('a', 10)
    expect(c.wire.map((m) => [m.to, m.type, (m as AppendRequest).commit])).toEqual([
      ['b', 'append-request', 4],
      ['c', 'append-request', 4],
    ])
  })

  it('commits without its own disk when a quorum of others has the entry', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.propose('a', 'x')
    c.deliver()
    c.persist('b')
    c.persist('c')
    c.deliver()
    expect(c.core('a').commitIndex).toBe(2)
  })

  it('figure 8: an entry of an older term is not committed by counting who holds it', () => {
    const c = new CoreCluster('abcde')
    c.elect('a')
    c.propose('a', 'x')
    c.deliver((m) => m.to === 'b' || m.to === 'c')
    for (const id of 'abc') c.persist(id)
    c.wire = []
    c.now += 1000
    c.tick('b')
    c.deliver((m) => 'acde'.includes(m.to))
    c.deliver((m) => m.to === 'b')
    c.persist('b')
    c.deliver()
    for (const id of 'acde') c.persist(id)
    c.deliver((m) => m.to === 'b' && m.type === 'vote-response')
    expect(c.core('b').role).toBe('leader')
    // Followers report that they hold everything up to "x", which three nodes do, but nothing of term 2.
    for (const from of ['a', 'c']) {
      const message = { type: 'append-response', from, to: 'b', term: 2, success: true, index: 2 } as const
      c.step('b', {
        type: 'message',
        message: { ...message, hintIndex: 0, hintTerm: 0, round: 1, sentAt: 0, lease: false },
      })
    }
    expect(c.log('b')).toBe('1: 1:x 2:')
    expect(c.core('b').commitIndex).toBe(1)
  })

  it('replaces what contradicts the leader, skipping whole terms', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.propose('a', ...'0123456789')
    c.persist('a')
    c.wire = []
    c.elect('b', 'bc')
    c.propose('b', 'y')
    c.settle('bc')
    expect(c.log('a')).toContain('1:9')
    c.tick('b', 10)
    c.settle()
    expect(c.log('a')).toBe('1: 2: 2:y')
    expect(c.member('a').disk.entries.map(({ term }) => term)).toEqual([1, 2, 2])
  })

  it('keeps everything when an old append arrives late', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.propose('a', 'x')
    const [old] = c.wire.filter((m): m is AppendRequest => m.type === 'append-request' && m.to === 'b')
    c.settle()
    c.propose('a', 'y')
    c.settle()
    if (old !== undefined) c.step('b', { type: 'message', message: old })
    expect(c.log('b')).toBe('1: 1:x 1:y')
    expect(c.writes('b')).toBe(false)
  })

  it('repairs a lost append at the next heartbeat', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.propose('a', 'x')
    c.drop((m) => m.to === 'b')
    c.settle()
    expect(c.log('b')).toBe('1:')
    c.tick('a', 10)
    c.settle()
    expect(c.log('b')).toBe('1: 1:x')
  })

  it('repairs a lost acknowledgement at the next heartbeat', () => {
    const c = new CoreCluster('ab')
    c.elect('a')
    c.propose('a', 'x')
    c.deliver()
    c.persist('a')
    c.persist('b')
    c.drop()
    expect(c.core('a').commitIndex).toBe(1)
    c.tick('a', 10)
    c.settle()
    expect(c.core('a').commitIndex).toBe(2)
  })

  it('pipelines: sends no more than its window, and collects the rest into one batch', () => {
    const c = new CoreCluster('abc', { maxInflightBatches: 2 })
    c.elect('a')
    for (const command of 'uvwxyz') c.propose('a', command)
    const toB = (): AppendRequest[] =>
      c.wire.filter((m): m is AppendRequest => m.type === 'append-request' && m.to === 'b')
    expect(toB().map((m) => m.entries.length)).toEqual([1, 1])
    c.deliver()
    for (const id of 'abc') c.persist(id)
    c.deliver()
    expect(toB().map((m) => m.entries.length)).toEqual([4])
    c.settle()
    expect(c.core('a').commitIndex).toBe(7)
  })

  it('applies every entry once, in order, on every node', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.propose('a', 'x', 'y')
    c.settle()
    c.propose('a', 'z')
    c.settle()
    c.tick('a', 10)
    c.settle()
    for (const id of 'abc') {
      const applied = c.member(id).applied.map(({ data }) => String.fromCharCode(...data))
      expect(applied).toEqual(['', 'x', 'y', 'z'])
    }
  })

  it('drops and counts what can not be', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.propose('a', 'x')
    c.settle()
    c.tick('a', 10)
    c.settle()
    const append = {
      type: 'append-request',
      from: 'a',
      to: 'b',
      term: 1,
      round: 9,
      echo: 0,
      quorumAgeMs: -1,
      leaseMs: 0,
    } as const
    const empty = { commit: 2, entries: [], prevTerm: 1 } as const
    // Contradicts a committed entry.
    c.step('b', { type: 'message', message: { ...append, ...empty, prevIndex: 2, prevTerm: 0 } })
    // A second leader in the same term.
    c.step('b', { type: 'message', message: { ...append, ...empty, from: 'c', prevIndex: 2 } })
    // A follower that holds more than the leader.
    const answer = { type: 'append-response', from: 'b', to: 'a', term: 1, success: true, index: 99 } as const
    const rest = { hintIndex: 0, hintTerm: 0, round: 1, sentAt: 0, lease: false }
    c.step('a', { type: 'message', message: { ...answer, ...rest } })
    // From itself, and for somebody else.
    c.step('b', { type: 'message', message: { ...append, ...empty, from: 'b', prevIndex: 2 } })
    c.step('b', { type: 'message', message: { ...append, ...empty, to: 'c', prevIndex: 2 } })
    expect(c.core('b').drops).toEqual({ impossible: 2, stranger: 2 })
    expect(c.core('a').drops.impossible).toBe(1)
    expect(c.core('a').commitIndex).toBe(2)
    expect(c.log('b')).toBe('1: 1:x')
  })
})
