import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, type Random } from '../../src/core/random.ts'
import { codedError } from '../coded-error.ts'

const draw = (random: Random, count = 8): number[] =>
  Array.from({ length: count }, () => random.integer(0, 0xffff_ffff))

describe('createRandom', () => {
  it('gives these numbers for ever: recorded traces depend on them', () => {
    expect(draw(createRandom(1), 4)).toEqual([1704862501, 2752291060, 2977613120, 4060856083])
    expect(draw(createRandom('colony', 'network'), 4)).toEqual([
      4187021926, 3943720632, 615642116, 3523442008,
    ])
  })

  it('repeats for the same seed and label', () => {
    expect(draw(createRandom(42, 'x'))).toEqual(draw(createRandom(42, 'x')))
    expect(draw(createRandom(42, 'x'))).toEqual(draw(createRandom(42).fork('x')))
  })

  it('gives each seed and each path of labels a stream of its own', () => {
    const streams = [
      createRandom(1),
      createRandom('1'),
      createRandom('number:1'),
      createRandom(-1),
      createRandom(1.5),
      createRandom(2 ** 32 + 1),
      createRandom(''),
      createRandom(1, ''),
      createRandom(1).fork('').fork(''),
      createRandom(1).fork('a').fork('b'),
      createRandom(1).fork('b').fork('a'),
      createRandom(1).fork('ab'),
      createRandom(1).fork('ab').fork(''),
      createRandom(1).fork('a'),
      createRandom(1).fork('b'),
    ].map((random) => draw(random, 2).join())
    expect(new Set(streams).size).toBe(streams.length)
  })

  it('does not tie a fork to what was drawn before, nor a stream to its forks', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(20), fc.nat(20), (seed, label, before, between) => {
        const fresh = draw(createRandom(seed).fork(label))
        const used = createRandom(seed)
        draw(used, before)
        const fork = used.fork(label)
        draw(fork.fork('child'), between)
        const parentRest = draw(used)
        expect(draw(fork)).toEqual(fresh)
        expect(parentRest).toEqual(draw(createRandom(seed), before + 8).slice(before))
      }),
    )
  })

  it('spreads neighbouring seeds and labels: half of the bits differ', () => {
    let different = 0
    for (let seed = 0; seed < 1000; seed++) {
      const [a = 0, b = 0] = [createRandom(seed), createRandom(seed + 1)].map(
        (random) => draw(random, 1)[0] ?? 0,
      )
      different += bitCount(a ^ b)
    }
    expect(different / 1000 / 32).toBeGreaterThan(0.48)
    expect(different / 1000 / 32).toBeLessThan(0.52)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses the seed %d', (seed) => {
    expect(() => createRandom(seed)).toThrow(codedError('HOST_INVALID_OPTION'))
  })
})

describe('Random', () => {
  it('spreads float over [0, 1) evenly', () => {
    const random = createRandom('float')
    const buckets = Array.from({ length: 20 }, () => 0)
    for (let count = 0; count < 100_000; count++) {
      const value = random.float()
      if (!(value >= 0 && value < 1)) expect.fail(`float() gave ${value}`)
      const bucket = Math.floor(value * 20)
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
    }
    expect(chiSquare(buckets)).toBeLessThan(43.8) // 19 degrees of freedom, p = 0.001; the seed is fixed
  })

  it.each([1, 2, 3, 6, 10, 100])('spreads integer over %d values evenly, with both ends', (values) => {
    const random = createRandom('integer')
    const buckets = Array.from({ length: values }, () => 0)
    for (let count = 0; count < 50_000; count++) {
      const bucket = random.integer(-3, values - 4) + 3
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
    }
    expect(buckets).toHaveLength(values)
    expect(chiSquare(buckets)).toBeLessThan(values - 1 + 4 * Math.sqrt(2 * values))
  })

  it('has no bias where a remainder of 32 bits would have one', () => {
    const random = createRandom('bias')
    const span = 3 * 2 ** 30 // the remainder of 2^32 would come up twice as often in the lowest third
    let low = 0
    for (let count = 0; count < 30_000; count++) if (random.integer(0, span - 1) < 2 ** 30) low++
    expect(low / 30_000).toBeGreaterThan(0.32)
    expect(low / 30_000).toBeLessThan(0.347)
  })

  it('stays within any bounds', () => {
    const random = createRandom('bounds')
    const span = fc.oneof(fc.nat(20), fc.nat(0xffff_ffff))
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), span, (min, width) => {
        const value = random.integer(min, min + width)
        expect(Number.isSafeInteger(value) && value >= min && value <= min + width).toBe(true)
      }),
    )
  })

  it.each([
    [2, 1],
    [0, 2 ** 32],
    [0.5, 1.5],
    [Number.NaN, 1],
    [0, Number.POSITIVE_INFINITY],
  ])('refuses integer(%d, %d)', (min, max) => {
    expect(() => createRandom(1).integer(min, max)).toThrow(codedError('HOST_INVALID_OPTION'))
  })
})

function bitCount(value: number): number {
  let count = 0
  for (let rest = value >>> 0; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2
  return count
}

function chiSquare(buckets: readonly number[]): number {
  const expected = buckets.reduce((sum, count) => sum + count, 0) / buckets.length
  return buckets.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}
