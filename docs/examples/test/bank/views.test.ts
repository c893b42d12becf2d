import { createRandom } from '@colony/host'
import type { RaftStatus } from '@colony/raft'
import { describe, expect, it } from 'vitest'
import { drawFrame } from '../../src/bank/frame.ts'
import { NodeChoice } from '../../src/bank/node-choice.ts'
import { PlainView } from '../../src/bank/plain-view.ts'
import type { Snapshot } from '../../src/bank/snapshot.ts'
import { createStyle } from '../../src/bank/style.ts'

const KILL = {
  kind: 'kill-leader',
  victims: ['n2'],
  title: 'kill -9 n2 (leader)',
  startedAt: 5_000,
  leaderBefore: 'n2',
  termBefore: 1,
  endedAt: undefined,
  leaderAfter: undefined,
  termAfter: undefined,
} as const
const KILL_OVER = { ...KILL, endedAt: 6_500, leaderAfter: 'n1', termAfter: 2 }
const CUT = { ...KILL, kind: 'cut-link', victims: ['n1', 'n2'], title: 'network cut n1 | n2' } as const

function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  const status: RaftStatus = {
    id: 'n1',
    role: 'leader',
    term: 2,
    leader: 'n1',
    lastIndex: 1234,
    commitIndex: 1234,
    appliedIndex: 1230,
    voters: ['n1', 'n2'],
    membership: 'voter',
    pending: 0,
  }
  return {
    phase: 'running',
    seed: 42,
    clients: 60,
    elapsedMs: 6_000,
    totalMs: 25_000,
    nodes: [
      { id: 'n1', pid: 77, state: 'up', status },
      { id: 'n2', pid: undefined, state: 'down', status: undefined },
    ],
    figures: {
      ...{ opsPerSecond: 3_210.4, localPerSecond: 12, p50Ms: 4.321, p99Ms: 123.4, stalestMs: 45 },
      ...{ acknowledged: 98_765, unknown: 0, retries: 4 },
    },
    faults: [KILL],
    plannedFaults: 4,
    now: 6_000,
    ...change,
  }
}

describe('drawFrame', () => {
  const lines = (change?: Partial<Snapshot>): string =>
    drawFrame(snapshot(change), createStyle(false)).join('\n')

  it('shows nodes, figures, the fault of now and how far the run is', () => {
    const frame = lines()
    expect(frame).toMatch(/n1 +77 +up +● leader +2 +1,234 +1,230/)
    expect(frame).toMatch(/n2 +- +down/)
    expect(frame).toContain('3,210 ops/s   transfers p50 4.3 ms  p99 123 ms')
    expect(frame).toContain('acknowledged 98,765')
    expect(frame).toMatch(/✗ kill -9 n2 \(leader\) +for 1\.0 s/)
    expect(frame).toContain('6.0 s of 25.0 s  running')
    expect(frame).toContain('linearizable, through any node')
    expect(frame).toContain('local: answered at once')
  })

  it('shows what a fault came to, and a cut at both ends', () => {
    expect(lines({ faults: [KILL_OVER] })).toMatch(/✓ .* whole again after 1\.5 s, n2 → n1 in term 2/)
    expect(lines({ faults: [KILL_OVER, CUT] }).match(/cut off/g)).toHaveLength(2)
  })

  it('has as many lines at any time, so that it can be drawn over', () => {
    const sizes = [
      {},
      { faults: [] },
      { figures: undefined },
      { faults: [KILL_OVER, CUT] },
      { phase: 'done' },
    ]
    const lengths = sizes.map((change) => lines(change as Partial<Snapshot>).split('\n').length)
    expect(new Set(lengths).size).toBe(1)
  })
})

describe('PlainView', () => {
  it('writes a line a second, and one for whatever happens, in its order', () => {
    const written: string[] = []
    const view = new PlainView((line) => written.push(line))
    view.update(snapshot({ phase: 'starting', elapsedMs: 0, figures: undefined, faults: [] }))
    for (const elapsedMs of [5_900, 6_000, 6_100, 6_930]) view.update(snapshot({ elapsedMs }))
    view.update(snapshot({ elapsedMs: 7_000, faults: [KILL_OVER, CUT] }))
    view.close()
    const shown = written.map((line) => line.trim().slice(0, 30))
    expect(shown).toEqual([
      'colony: a bank on 2 processes,',
      'transfers, balance reads   lin',
      'account history            loc',
      '5.9 s  running',
      '5.9 s  fault: kill -9 n2 (lead',
      '5.9 s  3,210 ops/s  p50 4.3 ms',
      '6.9 s  3,210 ops/s  p50 4.3 ms',
      '7.0 s  over: kill -9 n2 (leade',
      '7.0 s  fault: network cut n1 |',
    ])
  })
})

describe('NodeChoice', () => {
  it('asks every node, never the last one again, and rarely one that owes answers', () => {
    const choice = new NodeChoice(['a', 'b', 'c', 'd', 'e'], createRandom(1))
    const draws = Array.from({ length: 1_000 }, () => choice.lessBusy('a'))
    expect(new Set(draws)).toEqual(new Set(['b', 'c', 'd', 'e']))
    for (let nth = 0; nth < 10; nth++) choice.asked('b')
    const later = Array.from({ length: 1_000 }, () => choice.lessBusy('a'))
    expect(later.filter((node) => node === 'b').length).toBeLessThan(150)
    for (let nth = 0; nth < 10; nth++) choice.left('b')
    expect(
      Array.from({ length: 1_000 }, () => choice.any('a')).filter((node) => node === 'b').length,
    ).toBeGreaterThan(150)
  })

  it('passes over who is taken for dead, as long as there are two others', () => {
    const dead = new Set(['b'])
    const choice = new NodeChoice(['a', 'b', 'c', 'd'], createRandom(1), (node) => !dead.has(node))
    const drawn = (): Set<string> =>
      new Set(
        Array.from({ length: 200 }, (_, nth) => (nth % 2 === 0 ? choice.any('a') : choice.lessBusy('a'))),
      )
    expect(drawn()).toEqual(new Set(['c', 'd']))
    // Whoever takes everybody for dead is more likely cut off himself.
    for (const node of ['c', 'd']) dead.add(node)
    expect(drawn()).toEqual(new Set(['b', 'c', 'd']))
  })
})
