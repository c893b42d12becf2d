import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ReadOptions, ReadResult } from '../../src/index.ts'
import { raftOf, startCluster, type Node } from './simulated.ts'

const GUIDE = new URL('../../../../docs/guides/consistency.md', import.meta.url)
const FIVE = ['a', 'b', 'c', 'd', 'e']
const LEASE = { consistency: 'lease' } as const
const LOCAL = { consistency: 'local' } as const

type World = Awaited<ReturnType<typeof startCluster>>['world']

/** Five nodes, cut in two: the leader and a follower on one side, three followers on the other, which has one write more at `index`. */
interface Cut {
  readonly world: World
  readonly old: Node
  readonly follower: Node
  readonly others: readonly Node[]
}

async function cut(seed: number): Promise<Cut> {
  const { world, leader, followers } = await startCluster(seed, FIVE, { maxClockDrift: 0.1 })
  await world.finish(raftOf(leader).propose({ add: 1 }))
  await world.run(500)
  const [follower, ...others] = followers
  if (follower === undefined) throw new Error('there are four')
  world.network.partition([[leader.id, follower.id], others.map(({ id }) => id)])
  return { world, old: leader, follower, others }
}

/** Waits until the three have a leader, and writes there. */
async function writeOnMajority({ world, others }: Cut): Promise<{ leader: Node; index: number }> {
  const isLeader = (node: Node): boolean => raftOf(node).status().role === 'leader'
  await world.runUntil(() => others.some(isLeader))
  const leader = others.find(isLeader)
  const { index } = await world.finish(raftOf(leader).propose({ add: 1 }))
  return { leader: leader as Node, index }
}

function read(node: Node, options: ReadOptions): Promise<ReadResult<number>> {
  return raftOf(node).read((machine) => machine.value, { timeoutMs: 2000, ...options })
}

/** An answer that takes no time at all. */
async function atOnce(world: World, node: Node, options: ReadOptions): Promise<ReadResult<number>> {
  const answer = await Promise.race([
    read(node, options),
    new Promise<undefined>((resolve) => void setImmediate(() => resolve(undefined))),
  ])
  if (answer === undefined) throw new Error(`not answered at once, at ${world.now}`)
  return answer
}

const WITH = 'side with the majority'
const WITHOUT = 'side without'

/** One test for each line and side of the guide's table. */
const LINES: Readonly<Record<string, Readonly<Record<string, () => Promise<void>>>>> = {
  linearizable: {
    [WITH]: async () => {
      const { world, others } = await cut(1)
      for (const node of others)
        expect(await world.finish(read(node, {}))).toMatchObject({ value: 1, staleMs: 0 })
    },
    [WITHOUT]: async () => {
      const { world, old, follower } = await cut(2)
      for (const node of [old, follower])
        await expect(world.finish(read(node, {}))).rejects.toMatchObject({
          code: 'RAFT_READ_TIMEOUT',
          retryable: true,
        })
    },
  },
  lease: {
    [WITH]: async () => {
      const parts = await cut(3)
      const { world, others } = parts
      const { leader } = await writeOnMajority(parts)
      await world.run(100)
      expect(await atOnce(world, leader, LEASE)).toMatchObject({ value: 2, staleMs: 0 })
      for (const node of others)
        expect(await world.finish(read(node, LEASE))).toMatchObject({ value: 2, staleMs: 0 })
    },
    [WITHOUT]: async () => {
      const parts = await cut(4)
      const { world, old, follower, others } = parts
      await world.run(200)
      expect(await atOnce(world, old, LEASE)).toMatchObject({ value: 1, staleMs: 0 })
      expect(await world.finish(read(follower, LEASE))).toMatchObject({ value: 1, staleMs: 0 })
      // While the old leader holds its lease nobody leads on the other side; once somebody does, it is over.
      const leads = (): boolean => others.some((node) => raftOf(node).status().role === 'leader')
      while (!leads()) {
        if (world.now > 1e5) throw new Error('nobody was elected')
        await world.run(1)
      }
      for (const node of [old, follower])
        await expect(world.finish(read(node, LEASE))).rejects.toMatchObject({ code: 'RAFT_READ_TIMEOUT' })
    },
  },
  bounded: {
    [WITH]: async () => {
      const parts = await cut(5)
      const { world, others } = parts
      await writeOnMajority(parts)
      await world.run(300)
      for (const node of others) {
        const { value, staleMs } = await atOnce(world, node, { consistency: 'bounded', maxStalenessMs: 200 })
        expect(value).toBe(2)
        expect(staleMs).toBeLessThanOrEqual(200)
      }
    },
    [WITHOUT]: async () => {
      const { world, old, follower } = await cut(6)
      const bounded = { consistency: 'bounded', maxStalenessMs: 600 } as const
      await world.run(300)
      for (const node of [old, follower]) {
        const { value, staleMs } = await atOnce(world, node, bounded)
        expect(value).toBe(1)
        expect(staleMs).toBeLessThanOrEqual(600)
      }
      await world.run(400)
      for (const node of [old, follower])
        await expect(world.finish(read(node, bounded))).rejects.toMatchObject({
          code: 'RAFT_TOO_STALE',
          retryable: true,
        })
    },
  },
  local: {
    [WITH]: async () => {
      const { world, others } = await cut(7)
      for (const node of others) expect((await atOnce(world, node, LOCAL)).staleMs).toBeLessThan(200)
    },
    [WITHOUT]: async () => {
      const { world, old, follower } = await cut(8)
      await world.run(5000)
      for (const node of [old, follower]) {
        const { value, staleMs } = await atOnce(world, node, LOCAL)
        expect(value).toBe(1)
        expect(staleMs).toBeGreaterThanOrEqual(4990)
        expect(staleMs).toBeLessThan(5300)
      }
    },
  },
  'after: index': {
    [WITH]: async () => {
      const parts = await cut(9)
      const { world, others } = parts
      const { index } = await writeOnMajority(parts)
      for (const node of others) {
        const answer = await world.finish(read(node, { ...LOCAL, after: index }))
        expect(answer.value).toBe(2)
        expect(answer.index).toBeGreaterThanOrEqual(index)
      }
    },
    [WITHOUT]: async () => {
      const parts = await cut(10)
      const { world, old, follower } = parts
      const known = raftOf(old).status().appliedIndex
      const { index } = await writeOnMajority(parts)
      for (const node of [old, follower]) {
        expect((await atOnce(world, node, { ...LOCAL, after: known })).value).toBe(1)
        const later = read(node, { ...LOCAL, after: index })
        await expect(world.finish(later)).rejects.toMatchObject({
          code: 'RAFT_READ_TIMEOUT',
          retryable: true,
        })
      }
    },
  },
}

describe('when the network is cut', () => {
  for (const [line, sides] of Object.entries(LINES)) {
    for (const [side, test] of Object.entries(sides)) it(`${line}, ${side}`, test)
  }

  it('the guide has a line for each of these, and no other', () => {
    const [, table = ''] =
      /## What each does when the network is cut([\s\S]*?)And when/.exec(readFileSync(GUIDE, 'utf8')) ?? []
    const rows = table.split('\n').flatMap((row) =>
      row.startsWith('| ')
        ? [
            row
              .split('|')
              .slice(1, -1)
              .map((cell) => cell.trim()),
          ]
        : [],
    )
    const [head, , ...lines] = rows
    expect(head).toEqual(['read', WITH, WITHOUT])
    expect(lines.map(([name = '']) => name.replaceAll('`', ''))).toEqual(Object.keys(LINES))
    for (const sides of Object.values(LINES)) expect(Object.keys(sides)).toEqual([WITH, WITHOUT])
  })
})

describe('when nothing is cut, a read costs', () => {
  /** Frames that travel while reads are made at one node. */
  async function frames(node: 'leader' | 'follower', options: ReadOptions, reads: number): Promise<number> {
    const { world, leader, followers } = await startCluster(3, ['a', 'b', 'c'], {
      maxClockDrift: 0.1,
      heartbeatIntervalMs: 130,
    })
    await world.run(1000)
    const [follower] = followers
    const at = node === 'leader' ? leader : (follower as Node)
    const before = world.network.stats.sent
    await world.finish(Promise.all(Array.from({ length: reads }, () => read(at, options))))
    // The answer that was not needed for a quorum comes a little later.
    await world.run(5)
    return world.network.stats.sent - before
  }

  it('linearizable: a round on the leader, whatever the number of reads, and two messages more elsewhere', async () => {
    expect(await frames('leader', {}, 1)).toBe(4)
    expect(await frames('leader', {}, 500)).toBe(4)
    expect(await frames('follower', {}, 500)).toBe(6)
  })

  it('lease: nothing on the leader, two messages elsewhere', async () => {
    expect(await frames('leader', LEASE, 500)).toBe(0)
    expect(await frames('follower', LEASE, 500)).toBe(2)
  })

  it('bounded and local: nothing', async () => {
    for (const node of ['leader', 'follower'] as const) {
      expect(await frames(node, { consistency: 'bounded', maxStalenessMs: 1000 }, 500)).toBe(0)
      expect(await frames(node, LOCAL, 500)).toBe(0)
    }
  })
})
