import { createRandom } from '@colony/host'
import { expect, test } from 'vitest'
import { MomentaryRandom } from '../../src/world/momentary-random.ts'

function at(seed: number): { readonly random: MomentaryRandom; now: number } {
  const clock = { now: 0, random: undefined as unknown as MomentaryRandom }
  clock.random = new MomentaryRandom(createRandom(seed), { now: () => clock.now })
  return clock
}

test('what is drawn first at a time does not depend on what was drawn before', () => {
  const [one, other] = [at(1), at(1)]
  for (let count = 0; count < 10; count += 1) one.random.float()
  one.now = 1000
  for (let count = 0; count < 3; count += 1) one.random.float()
  one.now = other.now = 5_000_000_000
  const draws = Array.from({ length: 5 }, () => [one.random.float(), other.random.float()])
  for (const [left, right] of draws) expect(left).toBe(right)
  expect(new Set(draws.map(([left]) => left)).size).toBe(5)
})

test('times, seeds and labels have numbers of their own', () => {
  const drawn = new Set<number>()
  for (const seed of [1, 2]) {
    const clock = at(seed)
    const streams = [clock.random, clock.random.fork('a'), clock.random.fork('b')]
    for (const now of [0, 1, 2, 4_294_967_296, 4_294_967_297]) {
      clock.now = now
      for (const random of streams) drawn.add(random.float())
    }
  }
  expect(drawn.size).toBe(30)
})

test('the first numbers of consecutive moments are spread evenly, and know nothing of each other', () => {
  const clock = at(3)
  const buckets = Array.from({ length: 64 }, () => 0)
  const count = 64_000
  for (clock.now = 0; clock.now < count; clock.now += 1) {
    const first = Math.floor(clock.random.float() * 8)
    buckets[first * 8 + Math.floor(clock.random.float() * 8)]! += 1
  }
  const expected = count / 64
  const chiSquare = buckets.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0)
  // 63 degrees of freedom: 99.9% of fair tables are below.
  expect(chiSquare).toBeLessThan(103.4)
  let before = 0.5
  let product = 0
  for (clock.now = 0; clock.now < count; clock.now += 1) {
    const value = clock.random.float()
    product += (value - 0.5) * (before - 0.5)
    before = value
  }
  expect(Math.abs((product / count) * 12)).toBeLessThan(0.02)
})

test('whole numbers are within their bounds, all of them, and refused as a real host refuses them', () => {
  const clock = at(4)
  const seen = new Set<number>()
  for (clock.now = 0; clock.now < 500; clock.now += 1) seen.add(clock.random.integer(-2, 3))
  expect([...seen].toSorted((left, right) => left - right)).toEqual([-2, -1, 0, 1, 2, 3])
  expect(clock.random.integer(7, 7)).toBe(7)
  expect(() => clock.random.integer(1, 0)).toThrow(expect.objectContaining({ code: 'HOST_INVALID_OPTION' }))
})
