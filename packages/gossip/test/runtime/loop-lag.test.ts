import { expect, it } from 'vitest'
import { LoopLag } from '../../src/runtime/loop-lag.ts'

it('remembers the longest delay of late, fading, whatever smaller ones come after it', () => {
  const lag = new LoopLag()
  lag.note(0, 400)
  lag.note(1000, 20)
  expect(lag.current(0)).toBe(400)
  expect(lag.current(10_000)).toBeCloseTo(200)
  // By then the old one has faded below the new one.
  lag.note(40_000, 100)
  expect(lag.current(40_000)).toBe(100)
  // Timers that are a little late are on time.
  lag.note(200_000, 3)
  expect(lag.current(200_000)).toBe(0)
  expect(lag.stalls).toEqual({ count: 3, longestMs: 400 })
})
