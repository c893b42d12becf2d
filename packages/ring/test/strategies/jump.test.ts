import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jumpHash } from '../../src/core/jump.ts'
import { jump } from '../../src/strategies/jump.ts'
import { counted, keys } from './given.ts'

const WORD = 2 ** 32

/** Figure 1 of the paper, with 64-bit integers as they are. */
function published(key: bigint, buckets: number): number {
  let state = key
  let b = -1n
  let j = 0n
  while (j < BigInt(buckets)) {
    b = j
    state = BigInt.asUintN(64, state * 2862933555777941757n + 1n)
    j = BigInt(Math.trunc(Number(b + 1n) * (2 ** 31 / Number((state >> 33n) + 1n))))
  }
  return Number(b)
}

function halves(key: bigint): [number, number] {
  return [Number(key >> 32n), Number(key & 0xffff_ffffn)]
}

describe('jumpHash', () => {
  it('is the published algorithm for 100,000 keys', () => {
    let state = 1
    const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0)
    const differing: string[] = []
    for (let round = 0; round < 100_000; round++) {
      const high = next()
      const low = next()
      const buckets = 1 + ((next() >>> (next() % 31)) >>> 1)
      const key = (BigInt(high) << 32n) | BigInt(low)
      if (jumpHash(high, low, buckets) !== published(key, buckets)) differing.push(`${key} ${buckets}`)
    }
    expect(differing).toEqual([])
  })

  it.each([
    [0n, 2 ** 31 - 1],
    [2n ** 64n - 1n, 2 ** 31 - 1],
    [0xffff_ffffn, 1_000_000],
    [0xffff_ffff_0000_0000n, 1_000_000],
  ])('is the published algorithm at the edge: %s of %s', (key, buckets) => {
    expect(jumpHash(...halves(key), buckets)).toBe(published(key, buckets))
  })

  it('carries into the upper half when the lower becomes 0', () => {
    // The lower half for which lower × LOW + 1 = 2^32: one in 2^32 keys, which no random test meets.
    const multiplier = 0x87b0b0fdn
    let inverse = 1n
    for (let step = 0; step < 6; step++) inverse = BigInt.asUintN(32, inverse * (2n - multiplier * inverse))
    const low = BigInt.asUintN(32, -inverse)
    expect(BigInt.asUintN(32, low * multiplier + 1n)).toBe(0n)
    const results = Array.from({ length: 200 }, (_, high) =>
      jumpHash(high * 20_000_003, Number(low), 2 ** 31 - 1),
    )
    const expected = Array.from({ length: 200 }, (_, high) =>
      published((BigInt(high * 20_000_003) << 32n) | low, 2 ** 31 - 1),
    )
    expect(results).toEqual(expected)
  })

  // Vectors that implementations in several languages share.
  it.each([
    [1n, 1, 0],
    [42n, 57, 43],
    [0xdead10ccn, 1, 0],
    [0xdead10ccn, 666, 361],
    [256n, 1024, 520],
  ])('gives the known answer for %s of %s', (key, buckets, expected) => {
    expect(jumpHash(...halves(key), buckets)).toBe(expected)
  })
})

describe('jump', () => {
  it('moves keys to the new bucket only', () => {
    const key = fc.oneof(fc.string(), fc.integer(), fc.bigInt(), fc.uint8Array())
    const property = fc.property(key, fc.integer({ min: 1, max: 5000 }), (any, buckets) => {
      const before = jump(any, buckets)
      const after = jump(any, buckets + 1)
      expect(after === before || after === buckets).toBe(true)
      expect(before).toBeLessThan(buckets)
    })
    fc.assert(property, { seed: 3, numRuns: 2000 })
  })

  it('spreads keys evenly', () => {
    const counts = counted(keys(100_000).map((key) => String(jump(key, 10))))
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(400)
    expect(counts.size).toBe(10)
  })

  it('takes all forms of a key for one, and has seeds and hash functions', () => {
    expect(jump(42, 1000)).toBe(jump('42', 1000))
    expect(jump(42n, 1000)).toBe(jump(new Uint8Array([52, 50]), 1000))
    expect(keys(20).map((key) => jump(key, 1000, { seed: 1 }))).not.toEqual(
      keys(20).map((key) => jump(key, 1000)),
    )
    const seeds: number[] = []
    const hash = {
      name: 'noted',
      hash: (_: string | Uint8Array, seed: number): number => (seeds.push(seed), 7),
    }
    expect(jump('k', 100, { hash, seed: 5 })).toBe(published(7n * BigInt(WORD) + 7n, 100))
    expect(new Set(seeds).size).toBe(2)
  })

  it.each([0, -1, 1.5, NaN, 2 ** 31, Infinity])('refuses %s buckets', (buckets) => {
    expect(() => jump('key', buckets)).toThrow(expect.objectContaining({ code: 'RING_INVALID_OPTION' }))
  })

  it('refuses what is no key and what is no option', () => {
    expect(() => jump(null as never, 3)).toThrow(expect.objectContaining({ code: 'RING_INVALID_KEY' }))
    expect(() => jump('k', 3, { sede: 1 } as never)).toThrow(
      expect.objectContaining({ code: 'RING_INVALID_OPTION' }),
    )
  })
})
