import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { RoundTrips } from '../../../src/core/detection/round-trips.ts'

describe('round trips', () => {
  it('begin with the first sample and follow the mean', () => {
    const trips = new RoundTrips()
    expect([trips.mean(3), trips.timeout(3, 50, 500)]).toEqual([undefined, 500])
    trips.add(3, 40)
    expect([trips.mean(3), trips.timeout(3, 50, 500)]).toEqual([40, 120])
    for (let sample = 0; sample < 100; sample++) trips.add(3, 200)
    expect(trips.mean(3)).toBeCloseTo(200, 0)
    expect(trips.timeout(3, 50, 500)).toBeLessThan(210)
  })

  it('wait as long as nearly all answers take, within their bounds', () => {
    const random = createRandom(1)
    const trips = new RoundTrips()
    let late = 0
    for (let sample = 0; sample < 5_000; sample++) {
      const trip = 100 + 50 * random.float()
      if (sample > 50 && trip > trips.timeout(900, 50, 500)) late++
      trips.add(900, trip)
    }
    expect(late).toBeLessThan(10)
    expect(trips.timeout(900, 180, 500)).toBeGreaterThanOrEqual(180)
    expect(trips.timeout(900, 50, 110)).toBe(110)
  })

  it('are forgotten with the member', () => {
    const trips = new RoundTrips()
    trips.add(3, 40)
    trips.forget(3)
    trips.forget(999)
    expect(trips.mean(3)).toBeUndefined()
  })
})
