import { describe, expect, it } from 'vitest'
import { suspicionMs, suspicionTime } from '../../../src/core/detection/suspicion-time.ts'
import { timingOf } from '../../../src/core/profiles.ts'

describe('the time to refute', () => {
  // Known answers: what remains of a suspicion of 2 s to 30 s with three confirmations expected, after some time and with some confirmations.
  const time = { leastMs: 2_000, mostMs: 30_000, expected: 3 }
  it.each([
    [0, 0, 30_000],
    [1, 2_000, 14_000],
    [2, 3_000, 4_811],
    [3, 4_000, -2_000],
    [4, 5_000, -3_000],
  ])('with %i confirmations, %i ms after it began, is %i ms', (confirmations, elapsed, remains) => {
    const expected = Math.min(3, confirmations)
    expect(Math.round(suspicionMs(time, expected) - elapsed)).toBeCloseTo(remains, -1)
  })

  it('is α · max(1, log10 n) intervals at least and β times that at most', () => {
    const lan = timingOf('lan')
    expect(suspicionTime(lan, 10, true)).toEqual({ leastMs: 4_000, mostMs: 24_000, expected: 2 })
    expect(suspicionTime(lan, 1_000, true)).toEqual({ leastMs: 12_000, mostMs: 72_000, expected: 2 })
    const paper = timingOf('lan', { suspicionFactor: 5 })
    expect(suspicionTime(paper, 128, true).leastMs).toBeCloseTo(10_536, 0)
    expect(suspicionTime(paper, 128, true).expected).toBe(3)
  })

  it('does not wait for confirmations where too few could confirm, nor without Lifeguard', () => {
    expect(suspicionTime(timingOf('lan'), 3, true)).toEqual({ leastMs: 4_000, mostMs: 4_000, expected: 0 })
    expect(suspicionTime(timingOf('lan'), 4, true).expected).toBe(2)
    expect(suspicionTime(timingOf('lan'), 100, false)).toEqual({ leastMs: 8_000, mostMs: 8_000, expected: 0 })
    expect(suspicionMs(suspicionTime(timingOf('lan'), 3, true), 2)).toBe(4_000)
  })
})
