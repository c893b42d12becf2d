import { describe, expect, test } from 'vitest'
import { CoreCluster, type CoreClusterOptions } from './core-cluster.ts'

const HEARTBEAT_MS = 10
const ELECTION_MS = 100

function isQuiet(cluster: CoreCluster): string {
  return cluster.ids.filter((id) => cluster.core(id).quiet).join('')
}

/** Lets whatever is due happen, again and again. */
function pass(cluster: CoreCluster, ms: number): void {
  for (const end = cluster.now + ms; cluster.now < end;) {
    cluster.now += HEARTBEAT_MS
    for (const id of cluster.ids) if (cluster.member(id).wakeAt <= cluster.now) cluster.tick(id)
    cluster.settle()
  }
}

/** Three members of an idle group that a leads, quiet. */
function quietGroup(options: CoreClusterOptions = {}): CoreCluster {
  const cluster = new CoreCluster('abc', { quietAfterMs: 50, ...options })
  cluster.elect('a')
  cluster.propose('a', 'x')
  cluster.settle()
  pass(cluster, 100)
  expect(isQuiet(cluster)).toBe('abc')
  return cluster
}

describe('a quiet group', () => {
  test('an idle group falls silent: no heartbeat, no election timer, and the same leader after an hour', () => {
    const cluster = quietGroup()
    for (const id of cluster.ids) expect(cluster.member(id).wakeAt).toBe(Number.POSITIVE_INFINITY)
    for (let hour = 0; hour < 10; hour++) for (const id of cluster.ids) cluster.tick(id, 360_000)
    expect(cluster.wire).toEqual([])
    expect(cluster.ids.map((id) => [cluster.core(id).leader, cluster.core(id).term])).toEqual([
      ['a', 1],
      ['a', 1],
      ['a', 1],
    ])
  })

  test('without the option no group is ever quiet, and no offer is accepted', () => {
    const cluster = new CoreCluster('abc')
    cluster.elect('a')
    pass(cluster, 1000)
    expect(isQuiet(cluster)).toBe('')
    const { lastIndex, term } = cluster.core('a')
    const message = { type: 'quiet-offer', from: 'a', to: 'b', term, index: lastIndex, offer: 1 } as const
    cluster.step('b', { type: 'message', message })
    expect(isQuiet(cluster)).toBe('')
  })

  test('a proposal wakes everybody, is committed, and the group falls silent again', () => {
    const cluster = quietGroup()
    cluster.now += 100_000
    cluster.propose('a', 'y')
    expect(cluster.core('a').quiet).toBe(false)
    cluster.settle()
    expect(isQuiet(cluster)).toBe('')
    pass(cluster, 20)
    expect(cluster.ids.map((id) => cluster.core(id).commitIndex)).toEqual([3, 3, 3])
    expect(cluster.core('a').role).toBe('leader')
    pass(cluster, 100)
    expect(isQuiet(cluster)).toBe('abc')
  })

  test('a read is confirmed by a round that begins after it, as ever', () => {
    const cluster = quietGroup()
    cluster.now += 100_000
    cluster.step('a', { type: 'read', id: 7 })
    expect(cluster.member('a').reads).toEqual([])
    cluster.deliver((m) => m.to === 'b')
    cluster.deliver((m) => m.from === 'b')
    expect(cluster.member('a').reads).toEqual([{ id: 7, index: 2 }])
  })

  test('a leader that was quiet holds no lease, and claims nothing to be fresh that it has not heard since', () => {
    const cluster = quietGroup({ maxClockDrift: 0.01 })
    const { now } = cluster
    cluster.now += 10 * ELECTION_MS
    expect(cluster.core('a').leaseIndex(cluster.now)).toBe(-1)
    for (const id of cluster.ids) expect(cluster.core(id).freshAt()).toBeLessThanOrEqual(now)
    cluster.propose('a', 'y')
    expect(cluster.core('a').leaseIndex(cluster.now)).toBe(-1)
  })

  test('a member that does not hold everything keeps the group awake', () => {
    const cluster = new CoreCluster('abc', { quietAfterMs: 50 })
    cluster.elect('a')
    cluster.propose('a', 'x')
    for (let turn = 0; turn < 8; turn++) {
      cluster.tick('a', HEARTBEAT_MS)
      cluster.settle('ab')
    }
    expect(cluster.core('a').role).toBe('leader')
    expect(isQuiet(cluster)).toBe('')
  })

  test('an offer that one member did not hear is taken back: heartbeats wake who agreed', () => {
    const cluster = new CoreCluster('abc', { quietAfterMs: 50 })
    cluster.elect('a')
    for (let turns = 0; !cluster.wire.some(({ type }) => type === 'quiet-offer'); turns++) {
      expect(turns).toBeLessThan(50)
      cluster.settle()
      cluster.tick('a', HEARTBEAT_MS)
    }
    cluster.drop((m) => m.to === 'c')
    cluster.settle()
    expect(isQuiet(cluster)).toBe('b')
    expect(cluster.core('a').mayHaveQuietFollowers).toBe(true)
    pass(cluster, HEARTBEAT_MS)
    expect(isQuiet(cluster)).toBe('')
    pass(cluster, HEARTBEAT_MS)
    expect(cluster.core('a').mayHaveQuietFollowers).toBe(false)
    pass(cluster, 200)
    expect(isQuiet(cluster)).toBe('abc')
  })

  test('a follower that lacks an entry, or does not know that it is committed, agrees to nothing', () => {
    const cluster = new CoreCluster('abc', { quietAfterMs: 50 })
    cluster.elect('a')
    cluster.propose('a', 'x')
    cluster.drop((m) => m.to === 'c')
    cluster.persist('a')
    cluster.deliver((m) => m.to === 'b')
    cluster.persist('b')
    const { lastIndex: index, term } = cluster.core('a')
    expect(cluster.core('b').lastIndex).toBe(index)
    for (const to of 'bc') {
      const message = { type: 'quiet-offer', from: 'a', to, term, index, offer: 1 } as const
      cluster.step(to, { type: 'message', message })
    }
    expect(isQuiet(cluster)).toBe('')
  })

  test('an offer is taken once: a copy that comes after the follower woke changes nothing', () => {
    const cluster = new CoreCluster('abc', { quietAfterMs: 50 })
    cluster.elect('a')
    for (let turns = 0; !cluster.wire.some(({ type }) => type === 'quiet-offer') && turns < 50; turns++) {
      cluster.settle()
      cluster.tick('a', HEARTBEAT_MS)
    }
    const late = cluster.wire.find((m) => m.type === 'quiet-offer' && m.to === 'b')
    cluster.settle()
    expect(isQuiet(cluster)).toBe('abc')
    cluster.step('b', { type: 'peer-silent', peer: 'a' })
    expect(isQuiet(cluster)).toBe('ac')
    if (late !== undefined) cluster.step('b', { type: 'message', message: late })
    expect(isQuiet(cluster)).toBe('ac')
  })

  test("a follower whose leader's node falls silent asks for an election within an election timeout, and is elected", () => {
    const cluster = quietGroup()
    cluster.now += 100_000
    for (const id of 'bc') cluster.step(id, { type: 'peer-silent', peer: 'a' })
    expect(isQuiet(cluster)).toBe('a')
    const due = Math.min(cluster.member('b').wakeAt, cluster.member('c').wakeAt)
    expect(due).toBeLessThanOrEqual(cluster.now + ELECTION_MS)
    const first = due === cluster.member('b').wakeAt ? 'b' : 'c'
    cluster.tick(first, due - cluster.now)
    cluster.settle('bc')
    expect(cluster.core(first).role).toBe('leader')
  })

  test('the silence of another node than the leader concerns no follower, and wakes the leader', () => {
    const cluster = quietGroup()
    cluster.step('b', { type: 'peer-silent', peer: 'c' })
    expect(isQuiet(cluster)).toBe('abc')
    cluster.step('a', { type: 'peer-silent', peer: 'c' })
    expect(isQuiet(cluster)).toBe('bc')
  })

  test('a leader that wakes and is answered by nobody steps down after an election timeout, not at once', () => {
    const cluster = quietGroup()
    cluster.now += 100_000
    for (const peer of 'bc') cluster.step('a', { type: 'peer-silent', peer })
    for (let ms = 0; ms < ELECTION_MS; ms += HEARTBEAT_MS) {
      cluster.tick('a', HEARTBEAT_MS)
      cluster.drop()
      if (ms < ELECTION_MS - HEARTBEAT_MS) expect(cluster.core('a').role).toBe('leader')
    }
    cluster.tick('a', HEARTBEAT_MS)
    cluster.tick('a', HEARTBEAT_MS)
    expect(cluster.core('a').role).toBe('follower')
    expect(cluster.core('a').quietFollowersLeft).toBe(1)
  })

  test('a member that was away disturbs nobody: a quiet follower refuses its vote, and the leader makes itself heard', () => {
    const cluster = quietGroup()
    cluster.now += 100_000
    cluster.restart('c')
    cluster.tick('c', 1000)
    cluster.deliver(({ type }) => type === 'pre-vote-request')
    const answers = cluster.deliver(({ type }) => type === 'pre-vote-response')
    expect(answers.map((m) => 'granted' in m && m.granted)).toEqual([false, false])
    pass(cluster, 200)
    expect(cluster.ids.map((id) => cluster.core(id).leader)).toEqual(['a', 'a', 'a'])
    expect(cluster.core('a').term).toBe(1)
    expect(isQuiet(cluster)).toBe('abc')
  })

  test('a follower that is told to doubt its leader asks for a sign of life, and gets it', () => {
    const cluster = quietGroup()
    cluster.now += 100_000
    cluster.step('b', { type: 'wake' })
    expect(isQuiet(cluster)).toBe('ac')
    cluster.settle()
    expect(cluster.core('a').quiet).toBe(false)
    pass(cluster, 20)
    expect(cluster.core('b').leader).toBe('a')
    pass(cluster, 150)
    expect(isQuiet(cluster)).toBe('abc')
  })

  test('a doubt costs one round: nothing has happened, so the group is quiet again as soon as all have answered', () => {
    const cluster = quietGroup({ quietAfterMs: 80 })
    cluster.now += 100_000
    cluster.step('b', { type: 'wake' })
    cluster.settle()
    expect(cluster.core('a').quiet).toBe(false)
    pass(cluster, 4 * HEARTBEAT_MS)
    expect(isQuiet(cluster)).toBe('abc')
  })

  test('a leader that is deposed while its followers are quiet wakes them itself', () => {
    const cluster = quietGroup()
    const term = cluster.core('a').term + 1
    const refusal = { type: 'pre-vote-response', from: 'c', to: 'a', term, granted: false } as const
    cluster.step('a', { type: 'message', message: refusal })
    expect(cluster.core('a').role).toBe('follower')
    expect(isQuiet(cluster)).toBe('bc')
    cluster.settle()
    expect(isQuiet(cluster)).toBe('')
    pass(cluster, 3 * ELECTION_MS)
    expect(cluster.ids.filter((id) => cluster.core(id).role === 'leader')).toHaveLength(1)
  })

  test('a group of one is quiet too, and wakes for a command', () => {
    const cluster = new CoreCluster('a', { quietAfterMs: 50 })
    cluster.elect('a')
    pass(cluster, 100)
    expect(isQuiet(cluster)).toBe('a')
    cluster.propose('a', 'x')
    cluster.settle()
    expect(cluster.core('a').commitIndex).toBe(2)
  })

  test('a group whose leader is to be another one does not fall silent before it is', () => {
    const cluster = new CoreCluster('abc', { quietAfterMs: 50, priorities: { b: 5 } })
    cluster.elect('a')
    for (let turn = 0; turn < 100 && cluster.core('b').role !== 'leader'; turn++) pass(cluster, HEARTBEAT_MS)
    expect(cluster.core('b').role).toBe('leader')
    pass(cluster, 150)
    expect(isQuiet(cluster)).toBe('abc')
  })
})
