import { systemClock } from '@colony/host'
import { describe, expect, it } from 'vitest'
import type { ReadOptions } from '../../src/index.ts'
import { LocalRead } from '../../src/runtime/local-read.ts'
import { LoopShare } from '../../src/runtime/loop-share.ts'
import { Reads } from '../../src/runtime/reads.ts'
import { CONSISTENCIES, readDemand } from '../../src/runtime/read-demand.ts'
import { raftOf, startCluster, type Node } from './simulated.ts'

const THREE = ['a', 'b', 'c']
const LEASES = { maxClockDrift: 0.1 }
const value = (machine: { readonly value: number }): number => machine.value
const read = (node: Node | undefined, options: ReadOptions): ReturnType<typeof readValue> =>
  readValue(node, options)

async function readValue(node: Node | undefined, options: ReadOptions): Promise<[number, number]> {
  const answer = await raftOf(node).read(value, options)
  return [answer.value, answer.staleMs]
}

describe('what a read asks for', () => {
  const refused = (options: object, leases = true): unknown => {
    try {
      return readDemand(options, leases)
    } catch (error) {
      return `${(error as { code: string }).code}: ${String(error)}`
    }
  }

  it('is checked', () => {
    expect(refused({ consistency: 'eventual' })).toMatch(
      /RAFT_INVALID_OPTION: .*consistency must be one of "linearizable", "lease", "bounded", "local", not "eventual"/,
    )
    for (const after of [-1, 0.5, '7', null, Number.NaN])
      expect(refused({ after })).toMatch(
        /RAFT_INVALID_OPTION: .*after must be a whole number from 0 to 9007199254740991/,
      )
    for (const maxStalenessMs of [undefined, 0, -5, Number.NaN, '100'])
      expect(refused({ consistency: 'bounded', maxStalenessMs })).toMatch(
        /RAFT_INVALID_OPTION: .*maxStalenessMs must be/,
      )
  })

  it('may not be an age that nobody looks at', () => {
    for (const consistency of [undefined, ...CONSISTENCIES]) {
      if (consistency === 'bounded') continue
      expect(refused({ consistency, maxStalenessMs: 5 })).toMatch(
        /RAFT_INVALID_OPTION: .*goes with consistency 'bounded'/,
      )
    }
  })

  it('may be a lease only where clocks have a bound', () => {
    expect(refused({ consistency: 'lease' }, false)).toMatch(
      /RAFT_NO_LEASES: .*read with consistency 'linearizable'/,
    )
    expect(refused({ consistency: 'lease' })).toMatchObject({ consistency: 'lease' })
  })

  it('is linearizable by default', () => {
    expect(readDemand({}, false)).toEqual({ consistency: 'linearizable', maxStalenessMs: 0, after: 0 })
    expect(readDemand({ after: 5 }, false)).toEqual({
      consistency: 'linearizable',
      maxStalenessMs: 0,
      after: 5,
    })
  })
})

describe('a read under a lease', () => {
  it('is refused by a node without a bound for its clock', async () => {
    const { leader } = await startCluster(2, THREE)
    await expect(read(leader, { consistency: 'lease' })).rejects.toMatchObject({
      code: 'RAFT_NO_LEASES',
      retryable: false,
    })
  })

  it('looks at the clock of now: a leader that was stopped does not answer with what it had', async () => {
    const { world, leader, followers } = await startCluster(3, THREE, LEASES)
    await world.finish(raftOf(leader).propose({ add: 1 }))
    expect(await read(leader, { consistency: 'lease' })).toEqual([1, 0])
    leader.pause()
    await world.runUntil(() => followers.some((node) => raftOf(node).status().role === 'leader'))
    await world.finish(raftOf(followers[0]).propose({ add: 1 }))
    leader.resume()
    // It still takes itself for the leader, and nothing of the present has reached it.
    expect(raftOf(leader).status().role).toBe('leader')
    expect(await world.finish(read(leader, { consistency: 'lease' }))).toEqual([2, 0])
  })

  it('takes a round once the lease has run out', async () => {
    const { world, leader } = await startCluster(4, THREE, LEASES)
    await world.run(500)
    world.network.configure({ loss: 1 })
    await world.run(380)
    world.network.configure({ loss: 0 })
    const started = world.now
    expect(await world.finish(read(leader, { consistency: 'lease' }))).toEqual([0, 0])
    expect(world.now).toBeGreaterThan(started)
  })

  it('of another node costs no round at the leader', async () => {
    const { world, leader, followers } = await startCluster(5, THREE, LEASES)
    await world.run(200)
    const before = raftOf(leader).metrics().readRounds
    expect(await world.finish(read(followers[0], { consistency: 'lease' }))).toEqual([0, 0])
    expect(raftOf(leader).metrics().readRounds).toBe(before)
    expect(await world.finish(read(followers[0], {}))).toEqual([0, 0])
    expect(raftOf(leader).metrics().readRounds).toBe(before + 1)
  })

  it('lets the event loop turn when each read is made in the continuation of the one before', () => {
    // A read takes 10 µs: what nobody else would notice for as long as the lease lasts.
    let nowMs = 0
    const turned: (() => void)[] = []
    const clock = { now: () => nowMs, afterInput: (task: () => void) => void turned.push(task) }
    const route = {
      ...({ id: 'a', role: 'leader', term: 1, leader: 'a', life: 1, now: 0, applied: 5 } as const),
      ...{ uncommitted: { entries: 0, bytes: 0 }, send: () => true, wake: () => {}, staleMs: () => 0 },
      leaseIndex: () => (nowMs < 396 ? 5 : -1),
    }
    const reads = new Reads(route, 'the machine', new LoopShare(clock))
    const demand = readDemand({ consistency: 'lease' }, true)
    while (reads.ageNow(demand) === 0) nowMs += 0.01
    expect(nowMs).toBeGreaterThan(5)
    expect(nowMs).toBeLessThan(10)

    const answers: unknown[] = []
    const caller = {
      resolve: (answer: unknown) => void answers.push(answer),
      reject: () => {},
      signal: undefined,
    }
    reads.submit(new LocalRead((machine: string) => machine, demand, 1000, caller, reads.abandon))
    reads.runReady(5)
    expect(answers).toEqual([])
    for (const task of turned.splice(0)) task()
    reads.runReady(5)
    expect(answers).toHaveLength(1)
    expect(reads.ageNow(demand)).toBe(0)
  })

  it('waits for a machine that lags behind what is committed', () => {
    const route = {
      ...({ id: 'a', role: 'leader', term: 1, leader: 'a', life: 1, now: 0, applied: 4 } as const),
      ...{
        uncommitted: { entries: 0, bytes: 0 },
        send: () => true,
        wake: () => {},
        staleMs: () => 0,
        leaseIndex: () => 5,
      },
    }
    const reads = new Reads(route, 'the machine', new LoopShare(systemClock))
    const demand = readDemand({ consistency: 'lease' }, true)
    expect(reads.ageNow(demand)).toBeUndefined()
    const answers: unknown[] = []
    const caller = {
      resolve: (answer: unknown) => void answers.push(answer),
      reject: () => {},
      signal: undefined,
    }
    reads.submit(new LocalRead((machine: string) => machine, demand, 1000, caller, reads.abandon))
    reads.runReady(4)
    expect(answers).toEqual([])
    reads.runReady(5)
    expect(answers).toEqual([{ value: 'the machine', index: 5, staleMs: 0 }])
    expect(reads.ageNow(readDemand({ consistency: 'lease', after: 4 }, true))).toBeUndefined()
  })

  it('holds for a lone member', async () => {
    const { world, leader } = await startCluster(6, ['a'], LEASES)
    await world.finish(raftOf(leader).propose({ add: 4 }))
    expect(await read(leader, { consistency: 'lease' })).toEqual([4, 0])
    await world.run(1000)
    expect(await read(leader, { consistency: 'lease' })).toEqual([4, 0])
  })
})

describe('a bounded read', () => {
  it('that finds its own node too old asks the leader', async () => {
    const { world, leader, followers } = await startCluster(7, THREE)
    await world.finish(raftOf(leader).propose({ add: 1 }))
    const bounded = { consistency: 'bounded', maxStalenessMs: 1 } as const
    const started = world.now
    expect(await world.finish(read(followers[0], bounded))).toEqual([1, 0])
    expect(world.now - started).toBeLessThan(40)
  })

  it('waits for a leader to come up, as long as it may', async () => {
    const { world, leader, followers } = await startCluster(8, THREE)
    await world.run(300)
    world.network.partition([[leader.id], followers.map(({ id }) => id)])
    await world.run(300)
    expect(await world.finish(read(followers[0], { consistency: 'bounded', maxStalenessMs: 100 }))).toEqual([
      0, 0,
    ])
  })
})

describe('a read after an index (read your writes)', () => {
  it('waits for it at every level, and says at which index it is', async () => {
    const { world, leader, followers } = await startCluster(9, THREE, LEASES)
    const [slow, other] = followers
    world.network.partition([[slow?.id ?? ''], [leader.id, other?.id ?? '']])
    const { index } = await world.finish(raftOf(leader).propose({ add: 3 }))
    expect((await read(slow, { consistency: 'local' }))[0]).toBe(0)
    const waiting = CONSISTENCIES.map((consistency) => {
      const bound = consistency === 'bounded' ? { maxStalenessMs: 60_000 } : {}
      return raftOf(slow).read(value, { consistency, ...bound, after: index })
    })
    expect(raftOf(slow).status().pending).toBe(4)
    world.network.heal()
    for (const answer of await world.finish(Promise.all(waiting))) {
      expect(answer.value).toBe(3)
      expect(answer.index).toBeGreaterThanOrEqual(index)
    }
    expect(raftOf(slow).status().pending).toBe(0)
  })

  it('that does not come gives up in time, and says how far the node is', async () => {
    const { world, leader } = await startCluster(10, THREE)
    const late = read(leader, { consistency: 'local', after: 1000, timeoutMs: 200 })
    await expect(world.finish(late)).rejects.toMatchObject({
      code: 'RAFT_READ_TIMEOUT',
      retryable: true,
      message: expect.stringMatching(/has applied index \d+, the read waits for 1000/) as string,
    })
    expect(raftOf(leader).status().pending).toBe(0)
  })

  it('ends with the reason of its signal, and with the node', async () => {
    const { world, leader } = await startCluster(11, THREE)
    const controller = new AbortController()
    const reason = new Error('enough')
    const aborted = read(leader, { consistency: 'local', after: 1000, signal: controller.signal })
    controller.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    const closed = read(leader, { consistency: 'local', after: 1000 })
    const outcome = expect(closed).rejects.toMatchObject({ code: 'RAFT_CLOSED' })
    await world.finish(raftOf(leader).close())
    await outcome
  })
})

describe('metrics', () => {
  it('count what became of proposals and reads, elections, leaders and writes', async () => {
    const { world, leader, followers } = await startCluster(12, THREE, LEASES)
    const raft = raftOf(leader)
    await world.finish(raft.propose({ add: 1 }))
    await world.finish(raftOf(followers[0]).propose({ add: 1 }))
    for (const consistency of CONSISTENCIES) {
      const bound = consistency === 'bounded' ? { maxStalenessMs: 60_000 } : {}
      await world.finish(read(leader, { consistency, ...bound }))
    }
    const late = read(leader, { consistency: 'local', after: 1000, timeoutMs: 50 })
    await expect(world.finish(late)).rejects.toMatchObject({ code: 'RAFT_READ_TIMEOUT' })
    const once = { served: 1, failed: 0 }
    expect(raft.metrics()).toMatchObject({
      proposals: { applied: 1, rejected: 0, unknown: 0 },
      reads: { linearizable: once, lease: once, bounded: once, local: { served: 1, failed: 1 } },
      readRounds: 1,
      forwardedReads: 0,
      // The no-op of the term, and two commands.
      appliedEntries: 3,
      electionsStarted: 1,
      electionsWon: 1,
      leaderChanges: 1,
      dropped: { malformed: 0, stranger: 0, impossible: 0 },
    })
    const { writes, entries, busyMs, longestWriteMs } = raft.metrics().storage
    expect(entries).toBe(3)
    expect(writes).toBeGreaterThanOrEqual(3)
    expect(busyMs).toBeGreaterThanOrEqual(longestWriteMs)
    expect(raftOf(followers[0]).metrics()).toMatchObject({
      electionsWon: 0,
      leaderChanges: 1,
      proposals: { applied: 1 },
    })
  })

  it('count what was refused and what is uncertain, and a second leader', async () => {
    const { world, leader, followers } = await startCluster(13, THREE)
    const raft = raftOf(leader)
    world.network.partition([[leader.id], followers.map(({ id }) => id)])
    const lost = expect(world.finish(raft.propose({ add: 1 }, { timeoutMs: 300 }))).rejects.toMatchObject({
      outcome: 'unknown',
    })
    await lost
    await world.run(2000)
    const refused = raft.propose({ add: 1 }, { timeoutMs: 300 })
    await expect(world.finish(refused)).rejects.toMatchObject({ outcome: 'rejected' })
    expect(raft.metrics().proposals).toEqual({ applied: 0, rejected: 1, unknown: 1 })
    expect(raft.metrics().electionsStarted).toBeGreaterThanOrEqual(2)
    world.network.heal()
    await world.run(1000)
    expect(raft.metrics().leaderChanges).toBe(2)
    await world.finish(raft.close())
    expect(raft.metrics().proposals.unknown).toBe(1)
  })
})
