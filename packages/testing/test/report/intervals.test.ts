import { expect, test } from 'vitest'
import { checkLinearizable, registerModel } from '../../src/index.ts'
import type { Operation, Witness } from '../../src/index.ts'
import { layoutIntervals } from '../../src/report/intervals.ts'
import { done, timelineOf } from './timelines.ts'

function layout(operations: readonly Operation[]): ReturnType<typeof layoutIntervals> {
  return layoutIntervals({ title: '', timeline: timelineOf([]), operations })
}

test('a lane for each client: numbers in their order, then names', () => {
  const operations = [done('app', 'read', 0, 1), done(10, 'read', 0, 1), done(2, 'read', 0, 1)]
  expect(layout(operations).processes).toEqual(['client 2', 'client 10', 'app'])
})

test('a bar from call to return, with what was asked and what came back', () => {
  const { intervals } = layout([done(1, 'read', 3, 8, { result: 5 })])
  expect(intervals).toEqual([
    {
      process: 0,
      row: 0,
      from: 3,
      to: 8,
      outcome: 'ok',
      request: 'read x',
      answer: '→ 5',
      part: 'other',
      order: 0,
    },
  ])
})

test('an unknown outcome leaves the bar open, and takes no line from what its client does next', () => {
  const { intervals } = layout([
    done(1, 'write', 3, Number.POSITIVE_INFINITY, { outcome: 'unknown', value: 1 }),
    done(1, 'read', 10, 12),
  ])
  expect(intervals[0]).not.toHaveProperty('to')
  expect(intervals.map(({ row }) => row)).toEqual([0, 0])
})

test('bars of one client that overlap get lines of their own', () => {
  const { intervals } = layout([
    done('proxy', 'read', 0, 10),
    done('proxy', 'read', 5, 8),
    done('proxy', 'read', 9, 12),
  ])
  expect(intervals.map(({ row }) => row)).toEqual([0, 1, 1])
})

const STALE: readonly Operation[] = [
  done(1, 'write', 0, 10, { value: 1 }),
  done(2, 'write', 20, Number.POSITIVE_INFINITY, { value: 2, outcome: 'unknown' }),
  done(3, 'read', 30, 40, { result: 2 }),
  done(1, 'read', 50, 60, { result: 1 }),
  done(1, 'read', 70, 80, { result: 2 }),
]

function convicted(): Witness {
  const { witness } = checkLinearizable(registerModel({ initial: 0 }), STALE)
  if (witness === undefined) throw new Error('the history is legal')
  return witness
}

test('the last legal order is numbered, and the first impossible operation is told from the rest', () => {
  const picture = { title: '', timeline: timelineOf([]), operations: STALE, witness: convicted() }
  const { intervals } = layoutIntervals(picture)
  expect(intervals.map(({ part, order }) => `${part} ${order}`)).toEqual([
    'convicting 1',
    'convicting 2',
    'convicting 3',
    'impossible 0',
    'other 0',
  ])
  expect(layoutIntervals({ ...picture, operations: [...STALE].reverse() }).intervals).toEqual(intervals)
})

test('without operations the witness shows its own', () => {
  const { intervals } = layoutIntervals({ title: '', timeline: timelineOf([]), witness: convicted() })
  expect(intervals).toHaveLength(4)
})

test('two equal calls at one instant are told apart by their order', () => {
  const twins = [1, 2].map(() => done(1, 'inc', 5, Number.POSITIVE_INFINITY, { outcome: 'unknown' as const }))
  const failed = done(2, 'read', 6, 7, { result: 9 })
  const witness = {
    key: 'x',
    operation: failed,
    prefix: [...twins, failed],
    shortest: true,
    lastLegal: twins,
  }
  const { intervals } = layoutIntervals({
    title: '',
    timeline: timelineOf([]),
    operations: [...twins, failed],
    witness,
  })
  expect(intervals.map(({ order }) => order)).toEqual([1, 2, 0])
})
