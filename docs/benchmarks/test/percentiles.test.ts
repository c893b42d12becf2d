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

  it('goes on after a percentile was taken, past its first capacity', () => {
    const samples = new Samples()
    samples.add(1_000_000)
    expect(samples.percentile(0.5)).toBe(1_000_000)
    for (let value = 1; value < 200_000; value++) samples.add(value)
    expect(samples.count).toBe(200_000)
    expect(samples.percentile(0.5)).toBe(100_000)
    expect(samples.percentile(1)).toBe(1_000_000)
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
