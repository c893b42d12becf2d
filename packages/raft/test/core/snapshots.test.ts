import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import type { Entry, SnapshotMeta, StoredState } from '../../src/core/entry.ts'
import { foundingMembership } from '../../src/core/membership.ts'
import type { AppendRequest, AppendResponse } from '../../src/core/message.ts'
import { RaftCore } from '../../src/core/raft-core.ts'
import { CoreCluster } from './core-cluster.ts'

const MEMBERSHIP = foundingMembership(['a', 'b', 'c'])

function snapshotAt(index: number, term: number): SnapshotMeta {
  return { index, term, membership: MEMBERSHIP }
}

function entry(term: number): Entry {
  return { term, kind: 'command', data: Uint8Array.of(term) }
}

function entries(...terms: readonly number[]): Entry[] {
  return terms.map(entry)
}

/** A core of `a`, of three, that starts with what a storage gave back. */
function started(stored: Partial<StoredState>): RaftCore {
  const random = createRandom(1)
  const options = {
    id: 'a',
    voters: ['a', 'b', 'c'],
    electionTimeoutMs: 100,
    heartbeatIntervalMs: 10,
    random,
  }
  const limits = { maxBatchBytes: 1000, maxBatchEntries: 100, maxInflightBatches: 4 }
  return new RaftCore(
    { ...options, ...limits },
    { term: 5, vote: '', firstIndex: 1, entries: [], ...stored },
    1000,
  )
}

function appendTo(core: RaftCore, message: Partial<AppendRequest>): ReturnType<RaftCore['step']> {
  return core.step(1001, {
    type: 'message',
    message: {
      ...{ type: 'append-request', from: 'b', to: 'a', term: 5, prevIndex: 0, prevTerm: 0, commit: 0 },
      ...{ round: 1, echo: 0, quorumAgeMs: -1, leaseMs: 0, entries: [] },
      ...message,
    },
  })
}

describe('a core that starts from a snapshot', () => {
  it('goes on behind it: what it stands for is committed, and not handed out again', () => {
    const core = started({ firstIndex: 8, entries: entries(4, 4), snapshot: snapshotAt(7, 3) })
    expect(core).toMatchObject({ commitIndex: 7, firstIndex: 8, lastIndex: 9 })
    expect(core.termAt(7)).toBe(3)
    const { apply, applyFrom } = appendTo(core, { prevIndex: 9, prevTerm: 4, commit: 8 })
    expect([applyFrom, apply.length]).toEqual([8, 1])
  })

  it('takes the first entry of a tail for what the rest follows', () => {
    const core = started({ firstIndex: 5, entries: entries(2, 2, 3, 4), snapshot: snapshotAt(7, 3) })
    expect(core).toMatchObject({ commitIndex: 7, firstIndex: 6, lastIndex: 8 })
    expect([4, 5, 6, 7, 8, 9].map((index) => core.termAt(index))).toEqual([-1, 2, 2, 3, 4, -1])
  })

  it.each([
    ['ends before it', { firstIndex: 1, entries: entries(1, 1, 1) }],
    ['has another entry at its index', { firstIndex: 4, entries: entries(1, 1, 2, 2, 2) }],
  ])('begins anew where the log %s, and says so with its first record', (_name, log) => {
    const core = started({ ...log, snapshot: snapshotAt(7, 3) })
    expect(core).toMatchObject({ commitIndex: 7, firstIndex: 8, lastIndex: 7 })
    const { persist } = core.step(1001, { type: 'tick' })
    expect(persist).toEqual({ term: 5, vote: '', firstIndex: 8, entries: [], replacesLog: true })
    expect(core.step(1002, { type: 'tick' }).persist).toBeUndefined()
  })
})

describe('a follower whose log is cut', () => {
  it('takes what agrees with it, whatever is before its first entry', () => {
    const core = started({ firstIndex: 8, entries: entries(4), snapshot: snapshotAt(7, 3) })
    const outputs = appendTo(core, {
      prevIndex: 3,
      prevTerm: 1,
      entries: entries(2, 3, 3, 3, 4, 5),
      commit: 9,
    })
    expect(core).toMatchObject({ commitIndex: 9, firstIndex: 8, lastIndex: 9 })
    expect(core.drops.impossible).toBe(0)
    expect(outputs.persist).toMatchObject({ firstIndex: 9, entries: entries(5) })
  })

  it('takes nothing of what a snapshot stands for', () => {
    const core = started({ firstIndex: 8, entries: entries(4), snapshot: snapshotAt(7, 3) })
    const { persist } = appendTo(core, { prevIndex: 3, prevTerm: 1, entries: entries(2, 3), commit: 9 })
    expect([persist?.entries ?? [], core.lastIndex, core.drops.impossible]).toEqual([[], 8, 0])
  })

  it('tells how far it is when it is asked for nothing', () => {
    const core = started({ firstIndex: 8, entries: entries(4), snapshot: snapshotAt(7, 3) })
    const { send } = appendTo(core, {})
    expect(send).toMatchObject([{ type: 'append-response', success: true, index: 7 }])
  })
})

describe('installing a snapshot', () => {
  const install = (core: RaftCore, snapshot: SnapshotMeta): ReturnType<RaftCore['step']> =>
    core.step(1001, { type: 'snapshot-installed', snapshot })

  it('is ignored when as much is committed', () => {
    const core = started({ entries: entries(1, 1, 2) })
    appendTo(core, { prevIndex: 3, prevTerm: 2, commit: 3 })
    const { persist } = install(core, snapshotAt(3, 2))
    expect(persist).toBeUndefined()
    expect(core).toMatchObject({ firstIndex: 1, lastIndex: 3, commitIndex: 3, snapshot: undefined })
  })

  it('keeps the entries behind it when the log agrees with it', () => {
    const core = started({ entries: entries(1, 1, 2, 2) })
    const { persist, apply } = install(core, snapshotAt(3, 2))
    expect([persist, apply]).toEqual([undefined, []])
    expect(core).toMatchObject({ firstIndex: 1, lastIndex: 4, commitIndex: 3 })
  })

  it('drops the whole log when it does not, and begins behind the snapshot', () => {
    const core = started({ entries: entries(1, 1, 1, 1) })
    const { persist, apply } = install(core, snapshotAt(3, 2))
    expect(apply).toEqual([])
    expect(persist).toMatchObject({ firstIndex: 4, entries: [], replacesLog: true })
    expect(core).toMatchObject({ firstIndex: 4, lastIndex: 3, commitIndex: 3 })
    expect(core.termAt(3)).toBe(2)
    const { persist: next } = appendTo(core, { prevIndex: 3, prevTerm: 2, entries: entries(5) })
    expect(next).toEqual({ term: 5, vote: '', firstIndex: 4, entries: entries(5) })
  })

  it('what it stands for is durable, what is written of the old log is not', () => {
    const core = started({ entries: entries(1) })
    const written = appendTo(core, { prevIndex: 1, prevTerm: 1, entries: entries(2, 2, 2, 2, 2, 2) })
    install(core, snapshotAt(5, 4))
    appendTo(core, { prevIndex: 5, prevTerm: 4, entries: entries(5) })
    const { send } = core.step(1002, { type: 'persisted', sequence: written.sequence })
    const answers = send.filter((m): m is AppendResponse => m.type === 'append-response')
    expect(answers.every(({ index }) => index <= 5)).toBe(true)
    const heartbeat = appendTo(core, { prevIndex: 6, prevTerm: 5, round: 2 })
    expect(heartbeat.send).toMatchObject([{ success: true, index: 5 }])
  })
})

describe('a leader that has cut its log', () => {
  /** `a` leads and has committed ten entries with `b`; `c` has none of them, and `a` keeps those from 8 on. */
  function setUp(): CoreCluster {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.settle('ab')
    for (let i = 0; i < 9; i++) {
      c.propose('a', `x${i}`)
      c.settle('ab')
    }
    expect(c.core('a').commitIndex).toBe(10)
    const { snapshotTo } = c.step('a', { type: 'compacted', snapshot: snapshotAt(9, 1), firstIndex: 8 })
    expect(snapshotTo).toEqual(['c'])
    return c
  }

  /** Lets a heartbeat find out what `c` lacks; returns whom the leader wants to be sent a snapshot. */
  function heartbeat(c: CoreCluster): readonly string[] {
    const asked: string[] = []
    c.tick('a', 10)
    for (let round = 0; round < 10 && c.wire.length > 0; round++) {
      for (const message of c.wire.splice(0)) {
        asked.push(...c.step(message.to, { type: 'message', message }).snapshotTo)
        c.persist(message.to)
      }
    }
    return asked
  }

  it('keeps the tail that it was told to keep, and the term before it', () => {
    const core = setUp().core('a')
    expect(core).toMatchObject({ firstIndex: 8, lastIndex: 10 })
    expect([6, 7, 8].map((index) => core.termAt(index))).toEqual([-1, 1, 1])
    expect(core.entryAt(7)).toBeUndefined()
  })

  it('asks once for a snapshot for who needs what is gone, and sends it heartbeats alone', () => {
    const c = setUp()
    expect(heartbeat(c)).toEqual([])
    expect(c.core('a').awaitsSnapshot('c')).toBe(true)
    c.propose('a', 'more')
    const toC = c.wire.filter((m) => m.to === 'c')
    expect(toC).toEqual([])
    expect(heartbeat(c)).toEqual([])
    expect(c.core('c').role).toBe('follower')
    expect(c.core('a').commitIndex).toBe(11)
  })

  it('goes on with the log once the follower holds it', () => {
    const c = setUp()
    heartbeat(c)
    c.step('c', { type: 'snapshot-installed', snapshot: snapshotAt(9, 1) })
    c.persist('c')
    c.step('a', { type: 'snapshot-sent', to: 'c', index: 9 })
    c.settle()
    c.tick('a', 10)
    c.settle()
    expect(c.core('c')).toMatchObject({ firstIndex: 10, lastIndex: 10, commitIndex: 10 })
    expect(c.core('a').awaitsSnapshot('c')).toBe(false)
  })

  it('believes no report: a follower that says it has what it lacks is asked again', () => {
    const c = setUp()
    heartbeat(c)
    c.step('a', { type: 'snapshot-sent', to: 'c', index: 9 })
    expect(c.core('a').awaitsSnapshot('c')).toBe(false)
    expect(heartbeat(c)).toEqual(['c'])
    expect(c.core('a').awaitsSnapshot('c')).toBe(true)
  })

  it('finds out by itself that the follower has come by the entries in another way', () => {
    const c = setUp()
    heartbeat(c)
    c.step('c', { type: 'snapshot-installed', snapshot: snapshotAt(9, 1) })
    c.persist('c')
    heartbeat(c)
    expect(c.core('a').awaitsSnapshot('c')).toBe(false)
    expect(c.core('c').lastIndex).toBe(10)
  })

  it('asks again after it was given up, as soon as the follower is heard', () => {
    const c = setUp()
    expect(heartbeat(c)).toEqual([])
    c.step('a', { type: 'snapshot-failed', to: 'c' })
    expect(heartbeat(c)).toEqual(['c'])
    expect(heartbeat(c)).toEqual([])
  })
})
