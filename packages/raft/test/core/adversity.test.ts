import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { CoreState } from '../../src/core/state.ts'
import type { Message } from '../../src/index.ts'
import { CoreCluster } from './core-cluster.ts'

/** Heartbeats of `leader`, each answered by everyone in `ids`. */
function beat(c: CoreCluster, leader: string, times: number, ids?: string): void {
  for (let i = 0; i < times; i++) {
    c.tick(leader, 10)
    c.settle(ids)
  }
}

it("a term that no number of elections reaches is nobody's: the group goes on, and elects", () => {
  const c = new CoreCluster('abc')
  c.elect('a')
  for (const term of [Number.MAX_SAFE_INTEGER, 2 ** 52, 2 ** 40]) {
    const lie = {
      success: false,
      index: 0,
      hintIndex: 0,
      hintTerm: 0,
      round: 0,
      sentAt: 0,
      lease: false,
      term,
    }
    c.step('a', { type: 'message', message: { type: 'append-response', from: 'b', to: 'a', ...lie } })
  }
  expect([c.core('a').term, c.core('a').drops.impossible]).toEqual([1, 3])
  c.elect('b')
  expect(c.core('b').role).toBe('leader')
})

describe('slow disks and long links', () => {
  it('a leader whose election took long gives others the time to answer', () => {
    const c = new CoreCluster('abc') // election timeout 100, heartbeats every 10
    c.now += 1000
    c.tick('a')
    c.deliver()
    c.deliver()
    expect(c.core('a').role).toBe('candidate')
    c.now += 50
    c.persist('a')
    c.deliver()
    c.now += 45
    for (const id of 'bc') c.persist(id)
    c.deliver((m) => m.to === 'a')
    expect(c.core('a').role).toBe('leader')
    c.tick('a', 10)
    expect(c.core('a').role).toBe('leader')
  })

  it('a leader that hears a quorum all the time stays, however old the answers are', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    let line: { readonly at: number; readonly m: Message }[] = []
    const send = (): void => void line.push(...c.drop().map((m) => ({ at: c.now + 38, m })))
    for (let i = 0; i < 60; i++) {
      c.tick('a', 10)
      send()
      const due = line.filter(({ at }) => at <= c.now)
      line = line.filter(({ at }) => at > c.now)
      for (const { m } of due) c.step(m.to, { type: 'message', message: m })
      for (const id of 'abc') c.persist(id)
      send()
    }
    // The same leadership, not one won back.
    expect([c.core('a').role, c.core('a').term]).toEqual(['leader', 1])
  })

  it('a candidate does not start over while its own vote is being written', () => {
    const c = new CoreCluster('a')
    c.tick('a')
    for (let i = 0; i < 10; i++) c.tick('a', 250)
    expect(c.core('a').term).toBe(1)
    c.persist('a')
    expect(c.core('a').role).toBe('leader')
  })
})

describe('what a follower vouches for', () => {
  it('in a new term nothing, until that term is durable', () => {
    const c = new CoreCluster('abc')
    const empty = {
      prevIndex: 0,
      prevTerm: 0,
      commit: 0,
      round: 1,
      echo: 0,
      quorumAgeMs: -1,
      leaseMs: 0,
      entries: [],
    } as const
    const message = { type: 'append-request', from: 'a', to: 'b', term: 5, ...empty } as const
    c.step('b', { type: 'message', message })
    expect(c.wire).toEqual([])
    c.persist('b')
    expect(c.wire).toMatchObject([{ type: 'append-response', term: 5, success: true }])
  })

  it('a write under way does not count for what replaced its entries', () => {
    const timing = { electionTimeoutMs: 100, heartbeatIntervalMs: 10 }
    const limits = { maxBatchBytes: 1000, maxBatchEntries: 10, maxInflightBatches: 2 }
    const options = { id: 'a', voters: ['a', 'b'], random: createRandom(1), ...timing, ...limits }
    const s = new CoreState(options, { term: 1, vote: '', firstIndex: 1, entries: [] }, 0)
    const entry = (term: number) => ({ term, kind: 'command', data: new Uint8Array(0) }) as const
    s.append(entry(1))
    s.append(entry(1))
    s.takeOutputs()
    s.truncateFrom(2)
    s.append(entry(2))
    s.takeOutputs()
    s.persisted(1)
    expect(s.stable).toBe(1)
    s.persisted(2)
    expect(s.stable).toBe(2)
  })
})

describe('freshness under adversity', () => {
  it('comes back to a follower that restarted', () => {
    for (let life = 0; life < 20; life++) {
      const c = new CoreCluster('abc')
      c.now += life * 7
      c.elect('a')
      beat(c, 'a', 5)
      c.restart('b')
      beat(c, 'a', 5)
      expect(c.core('b').freshAt(), `clock ${c.now}`).toBeGreaterThan(c.now - 100)
    }
  })

  it('stands still at a follower of a leader without a quorum', () => {
    const c = new CoreCluster('abcde')
    c.elect('a')
    beat(c, 'a', 4)
    const lost = c.now
    beat(c, 'a', 8, 'ab')
    expect(c.core('a').role).toBe('leader')
    expect(c.core('b').freshAt()).toBeGreaterThan(lost - 100)
    expect(c.core('b').freshAt()).toBeLessThanOrEqual(lost)
  })

  it('is not claimed by a new leader before it has committed in its term', () => {
    const c = new CoreCluster('abc')
    c.now += 1000
    c.tick('a')
    for (let i = 0; i < 4 && c.core('a').role !== 'leader'; i++) {
      c.deliver()
      for (const id of 'abc') c.persist(id)
    }
    expect(c.core('a').role).toBe('leader')
    expect(c.core('a').freshAt()).toBe(Number.NEGATIVE_INFINITY)
    c.settle()
    expect(c.core('a').freshAt()).toBeGreaterThan(0)
  })
})
