import { describe, expect, it } from 'vitest'
import { bestPeer, commandsSent, countsBetween, jain, ratioOf } from '../src/lock/arithmetic.ts'
import { lockGoals } from '../src/lock/goals.ts'
import { parseCommandCounts } from '../src/lock/redis-process.ts'
import { formatLockReport, type LockFigures } from '../src/lock/report.ts'
import type { UncontendedRow } from '../src/lock/uncontended.ts'

function row(system: string, outstanding: number, opsPerSecond: number, p99Ms = 1): UncontendedRow {
  return { system, outstanding, opsPerSecond, p50Ms: 0.1, p99Ms, failures: 0, rounds: [opsPerSecond] }
}

const EMPTY: LockFigures = {
  bench: 'lock',
  machine: {
    ...{ cpu: 'a processor', cores: 2, system: 'linux', node: 'v20', fileSystem: 'ext4' },
    ...{ fdatasyncMicros: 100, loadAverage: 0 },
  },
  command: 'pnpm bench lock',
  rounds: 3,
  measureMs: 1000,
  versions: { redis: '7.0.15', postgres: undefined, etcd: '3.4.23' },
  ...{ memory: [], redis: [], redlock: [], handover: [], crowd: [], servers: [], raft: [] },
  otherLoad: undefined,
  skipped: [],
}

describe('the arithmetic of the lock benchmark', () => {
  it('calls equal shares 1, and everything for one of four a quarter', () => {
    expect(jain([7, 7, 7])).toBe(1)
    expect(jain([5, 0, 0, 0])).toBe(0.25)
    expect(jain([1, 3])).toBeCloseTo(0.8)
    expect(jain([])).toBeNaN()
    expect(jain([0, 0])).toBeNaN()
  })

  it('sets systems of one level beside each other, and nothing beside what is not there', () => {
    const rows = [row('colony, x', 1, 90), row('floor', 1, 100), row('colony, x', 64, 300)]
    expect(ratioOf(rows, 1, 'colony, x', 'floor')).toBe(0.9)
    expect(ratioOf(rows, 64, 'colony, x', 'floor')).toBeNaN()
    expect(ratioOf([...rows, row('floor', 64, 150)], 64, 'colony, x', 'floor')).toBe(2)
  })

  it('compares what was measured in the same round, so that a slow round is slow for both', () => {
    const ours = { ...row('colony, x', 1, 90), rounds: [90, 9, 180] }
    const floor = { ...row('floor', 1, 100), rounds: [100, 10, 200] }
    expect(ratioOf([ours, floor], 1, 'colony, x', 'floor')).toBe(0.9)
  })

  it('finds the best of those that are not ours', () => {
    const rows = [row('colony, x', 64, 900), row('slow', 64, 1), row('best', 64, 5), row('best', 1, 99)]
    expect(bestPeer(rows, 64)?.opsPerSecond).toBe(5)
    expect(bestPeer(rows, 2)).toBeUndefined()
  })

  it('tells commands that clients sent from those that scripts ran', () => {
    const text = (set: number, evalsha: number): string =>
      [
        '# Commandstats',
        `cmdstat_set:calls=${set},usec=1,usec_per_call=0.10,rejected_calls=0,failed_calls=0`,
        `cmdstat_evalsha:calls=${evalsha},usec=1,usec_per_call=0.10,rejected_calls=0,failed_calls=0`,
        'cmdstat_script|load:calls=1,usec=1,usec_per_call=0.10,rejected_calls=0,failed_calls=0',
        'cmdstat_script|exists:calls=2,usec=1,usec_per_call=0.10,rejected_calls=0,failed_calls=0',
      ].join('\r\n')
    const before = parseCommandCounts(text(1, 2))
    expect([...before]).toEqual([
      ['set', 1],
      ['evalsha', 2],
      ['script', 3],
    ])
    const counts = countsBetween(before, parseCommandCounts(text(11, 7)))
    expect(commandsSent(counts, ['evalsha', 'eval'])).toBe(5)
    expect(commandsSent(counts, ['evalsha', 'set'])).toBe(15)
  })
})

describe('the page of the lock benchmark', () => {
  it('judges each client by its own floor, and both by the best package of a majority', () => {
    const figures: LockFigures = {
      ...EMPTY,
      redis: [
        ...[row('colony, ioredis', 1, 95), row('floor, ioredis', 1, 100)],
        ...[row('colony, node-redis', 1, 80), row('floor, node-redis', 1, 100)],
      ],
      redlock: [
        ...[row('colony, ioredis', 64, 250, 2), row('redlock 4', 64, 100, 3), row('redlock 5', 64, 90, 1)],
        row('colony, node-redis', 64, 390, 4),
      ],
    }
    const goals = lockGoals(figures).map(({ value, met }) => [Number(value.toFixed(2)), met])
    expect(goals).toEqual([
      [0.95, true],
      [0.8, false],
      [2.5, true],
      [0.67, true],
      [3.9, false],
      [1.33, false],
    ])
  })

  it('shows what was measured and nothing else', () => {
    const empty = formatLockReport(EMPTY)
    expect(empty).toContain('postgres not installed')
    expect(empty).not.toContain('## ')
    const page = formatLockReport({
      ...EMPTY,
      handover: [{ system: 'colony, ioredis', p50Ms: 0.5, p99Ms: 1.5, handovers: 100 }],
      skipped: ['PostgreSQL, which is not installed (get it)'],
    })
    expect(page).toContain('## Handover')
    expect(page).not.toContain('## Raft')
    expect(page).toContain('Skipped: PostgreSQL')
  })
})
