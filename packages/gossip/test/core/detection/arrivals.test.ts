import { describe, expect, it } from 'vitest'
import { Arrivals, PHI_THRESHOLD } from '../../../src/core/detection/arrivals.ts'

describe('phi', () => {
  it('is the silence in mean intervals, times log10 e: 18.4 of them reach 8', () => {
    const arrivals = new Arrivals()
    arrivals.begin(20, 0, 1_000)
    for (let at = 1_000; at <= 50_000; at += 1_000) arrivals.add(20, at)
    expect(arrivals.phi(20, 50_000, 1)).toBe(0)
    expect(arrivals.phi(20, 51_000, 1)).toBeCloseTo(0.434, 3)
    expect(arrivals.phi(20, 50_000 + 18_300, 1)).toBeLessThan(PHI_THRESHOLD)
    expect(arrivals.phi(20, 50_000 + 18_500, 1)).toBeGreaterThan(PHI_THRESHOLD)
  })

  it('follows a changing rhythm', () => {
    const arrivals = new Arrivals()
    arrivals.begin(0, 0, 1_000)
    let now = 0
    for (let heard = 0; heard < 600; heard++) arrivals.add(0, (now += 200))
    expect(arrivals.phi(0, now + 200 * 18.5, 1)).toBeGreaterThan(PHI_THRESHOLD - 1)
    for (let heard = 0; heard < 600; heard++) arrivals.add(0, (now += 2_000))
    expect(arrivals.phi(0, now + 2_000 * 17, 1)).toBeLessThan(PHI_THRESHOLD)
  })

  it('knows nothing of those that it does not listen for, and blames nobody for its own pauses', () => {
    const arrivals = new Arrivals()
    arrivals.add(3, 100)
    expect(arrivals.phi(3, 1e9, 1)).toBe(0)
    arrivals.begin(3, 0, 1_000)
    arrivals.postpone(60_000)
    expect(arrivals.phi(3, 61_000, 1)).toBeLessThan(1)
    arrivals.forget(3)
    expect(arrivals.phi(3, 1e9, 1)).toBe(0)
  })
})
