import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { Rotation } from '../../../src/core/members/rotation.ts'

function rotationOf(count: number, seed = 1): Rotation {
  const rotation = new Rotation(createRandom(seed))
  for (let index = 1; index <= count; index++) rotation.add(index)
  return rotation
}

function take(rotation: Rotation, count: number): number[] {
  return Array.from({ length: count }, () => rotation.next()!)
}

describe('the order of probes', () => {
  it('has everybody once a round, each round in another order', () => {
    const rotation = rotationOf(50)
    take(rotation, 50)
    const rounds = [take(rotation, 50), take(rotation, 50)]
    for (const round of rounds) expect(new Set(round).size).toBe(50)
    expect(rounds[0]).not.toEqual(rounds[1])
  })

  it('never lets anybody wait for more than 2n - 1 probes', () => {
    const rotation = rotationOf(20, 3)
    const last = new Map<number, number>()
    for (let probe = 0; probe < 20_000; probe++) {
      const index = rotation.next()!
      expect(probe - (last.get(index) ?? probe)).toBeLessThanOrEqual(39)
      last.set(index, probe)
    }
  })

  it('keeps who was probed and who was not apart while members come and go', () => {
    const random = createRandom(5)
    for (let round = 0; round < 200; round++) {
      const rotation = rotationOf(12, round)
      take(rotation, 12)
      const probed = new Set(take(rotation, random.integer(1, 11)))
      const expected = new Set(
        Array.from({ length: 12 }, (_, place) => place + 1).filter((i) => !probed.has(i)),
      )
      for (let change = 0; change < 6; change++) {
        const gone = random.integer(1, 12)
        rotation.delete(gone)
        expected.delete(gone)
        rotation.add(100 + change)
      }
      const rest: number[] = []
      while (expected.size > 0) {
        const index = rotation.next()!
        expect(probed.has(index)).toBe(false)
        rest.push(index)
        expected.delete(index)
      }
      expect(new Set(rest).size).toBe(rest.length)
    }
  })

  it('puts newcomers at any place with the same chance', () => {
    const waits: number[] = []
    for (let seed = 0; seed < 2_000; seed++) {
      const rotation = rotationOf(9, seed)
      take(rotation, 9)
      rotation.next()
      rotation.delete(rotation.next()!)
      rotation.add(50)
      let wait = 0
      while (rotation.next() !== 50) wait++
      waits.push(wait)
    }
    const soon = waits.filter((wait) => wait < 8).length
    expect(soon / waits.length).toBeGreaterThan(0.8)
    expect(Math.max(...waits)).toBeLessThan(17)
  })

  it('is empty when all have gone', () => {
    const rotation = rotationOf(3)
    for (let index = 1; index <= 3; index++) rotation.delete(index)
    rotation.delete(2)
    expect([rotation.size, rotation.next()]).toEqual([0, undefined])
  })
})
