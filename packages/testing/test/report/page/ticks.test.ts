import { expect, test } from 'vitest'
import { instant, roundStep, ticksOf, timeLabel } from '../../../src/report/page/ticks.ts'

test('steps are 1, 2 or 5 times a power of ten', () => {
  expect([0.003, 0.3, 1, 1.1, 3, 7, 42, 60].map(roundStep)).toEqual([0.005, 0.5, 1, 2, 5, 10, 50, 100])
})

test('ticks lie within the view, far enough from each other for their labels', () => {
  const ticks = ticksOf({ from: 95, to: 420 }, 400)
  expect(ticks.map(({ at }) => at)).toEqual([100, 200, 300, 400])
  for (const width of [300, 1000, 3000]) {
    const view = { from: 12.3, to: 45.6 }
    const times = ticksOf(view, width).map(({ at }) => at)
    const step = (times[1] ?? 0) - (times[0] ?? 0)
    expect((step / (view.to - view.from)) * width).toBeGreaterThanOrEqual(90)
  }
})

test('labels have just the digits that tell them apart', () => {
  expect(ticksOf({ from: 0, to: 2000 }, 500).map(({ label }) => label)).toEqual([
    '0.0 s',
    '0.5 s',
    '1.0 s',
    '1.5 s',
    '2.0 s',
  ])
  expect(timeLabel(12.25, 0.05)).toBe('12.25 ms')
  expect(timeLabel(15_000, 5000)).toBe('15 s')
  expect(timeLabel(-0.00001, 1)).toBe('0 ms')
})

test('an instant is told to the microsecond', () => {
  expect(instant(1_234_567.8901)).toBe('1,234,567.89 ms')
  expect(instant(12)).toBe('12 ms')
})
