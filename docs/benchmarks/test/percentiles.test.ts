import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { median, Samples } from '../src/measure/percentiles.ts'

describe('Samples', () => {
  it('takes percentiles by nearest rank, whatever the order of adding', () => {
    const samples = new Samples()
    for (const value of [50, 15, 40, 20, 35]) samples.add(value)
    expect([0, 0.05, 0.3, 0.4, 0.5, 1].map((share) => samples.percentile(share))).toEqual([
      15, 15, 20, 20, 35, 50,
    ])
  })

  it('goes on after a percentile was taken', () => {
    const samples = new Samples()
    samples.add(1_000_000)
    expect(samples.percentile(0.5)).toBe(1_000_000)
    for (let value = 1; value < 200_000; value++) samples.add(value)
    expect(samples.count).toBe(200_000)
    expect(samples.percentile(0.5) / 100_000).toBeCloseTo(1, 3)
    expect(samples.percentile(1)).toBe(1_000_000)
  })

  it('is within a thousandth of what sorting gives, from below a microsecond to above an hour', () => {
    const random = createRandom(1, 'samples')
    const values = Array.from({ length: 10_000 }, () => 10 ** (random.float() * 10 - 3.5))
    const samples = new Samples()
    for (const value of values) samples.add(value)
    const sorted = values.toSorted((left, right) => left - right)
    for (let rank = 1; rank <= values.length; rank += 7) {
      const exact = sorted[rank - 1] ?? 0
      const found = samples.percentile((rank - 0.5) / values.length)
      expect(found).toBeLessThanOrEqual(exact)
      expect(found).toBeGreaterThan(exact * 0.999)
    }
  })

  it('counts what is too short or too long for it as the shortest and the longest', () => {
    const samples = new Samples()
    for (const value of [0, 1e-9, 1e9]) samples.add(value)
    expect([0, 0.5, 1].map((share) => samples.percentile(share))).toEqual([0, 0, 1e9])
  })

  it('answers at once, however many there are: the process whose event loop it would stop is the one that is measured', () => {
    const samples = new Samples()
    const started = performance.now()
    for (let at = 0; at < 3_000_000; at++) samples.add((at * 7919) % 1_000_003)
    const added = performance.now()
    samples.percentile(0.99)
    expect(performance.now() - added).toBeLessThan((added - started) / 2)
  })

  it('has no percentile of nothing', () => {
    expect(new Samples().percentile(0.99)).toBeNaN()
  })
})

describe('median', () => {
  it('is the middle, or the mean of both middles', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([10, 4, 2, 1])).toBe(3)
    expect(median([])).toBeNaN()
  })
})
