import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { bucketOf, FINEST_LEVEL, Fingerprint, type Lane } from '../../../src/core/sync/fingerprint.ts'
import { hashNumber, hashText, memberPlace, sharedPlace } from '../../../src/core/sync/item-hash.ts'

describe('a fingerprint', () => {
  it('depends on what is in it, not on how it came there', () => {
    const random = createRandom(1)
    const items = Array.from(
      { length: 500 },
      (_, index) => [memberPlace(`node-${index}`), hashNumber(7, index)] as const,
    )
    const [one, other] = [new Fingerprint(), new Fingerprint()]
    for (const [place, hash] of items) one.toggle('members', place, hash)
    for (const [place, hash] of items.toSorted(() => random.float() - 0.5)) {
      other.toggle('members', place, ~hash)
      other.toggle('members', place, ~hash ^ hash)
    }
    expect(other.members).toBe(one.members)
    for (let index = 0; index < 256; index++) {
      expect(other.bucket(FINEST_LEVEL, index, true)).toBe(one.bucket(FINEST_LEVEL, index, true))
    }
  })

  it('shows at every level in which bucket the difference is, and in which lane', () => {
    for (const lane of ['members', 'contents'] satisfies Lane[]) {
      const [one, other] = [new Fingerprint(), new Fingerprint()]
      const place = memberPlace('somebody')
      one.toggle(lane, place, 12_345)
      for (let level = 0; level <= FINEST_LEVEL; level++) {
        for (let index = 0; index < 2 ** level; index++) {
          const here = index === bucketOf(place, level)
          expect(one.bucket(level, index, false) !== other.bucket(level, index, false)).toBe(here)
          expect(one.bucket(level, index, true) !== other.bucket(level, index, true)).toBe(
            here && lane === 'members',
          )
        }
      }
      expect(one.members !== other.members).toBe(lane === 'members')
      expect(one.contents !== other.contents).toBe(lane === 'contents')
    }
  })

  it('does not lose an item that is the same in both lanes', () => {
    const [one, other] = [new Fingerprint(), new Fingerprint()]
    for (const lane of ['members', 'contents'] satisfies Lane[]) one.toggle(lane, 5, 99)
    expect(one.bucket(0, 0, false)).not.toBe(other.bucket(0, 0, false))
  })
})

describe('hashes of items', () => {
  it('spread names and versions evenly, without collisions among a hundred thousand but by chance', () => {
    const seen = new Set<number>()
    const buckets = new Array<number>(256).fill(0)
    for (let index = 0; index < 100_000; index++) {
      const place = memberPlace(`node-${index}`)
      seen.add(hashNumber(place, index % 7))
      buckets[bucketOf(place, 8)]!++
    }
    // n² / 2^33 = 1.2 are expected.
    expect(seen.size).toBeGreaterThan(99_990)
    for (const count of buckets) expect(Math.abs(count - 390)).toBeLessThan(100)
  })

  it('tell apart what differs little', () => {
    expect(memberPlace('a')).not.toBe(sharedPlace('a'))
    expect(hashText(1, 'ab')).not.toBe(hashText(1, 'ba'))
    expect(hashText(1, 'a')).not.toBe(hashText(1, 'a\0'))
    expect(hashNumber(1, 2 ** 32)).not.toBe(hashNumber(1, 0))
    expect(hashNumber(1, 2 ** 33)).not.toBe(hashNumber(1, 2 ** 32))
    expect(hashNumber(1, 0)).not.toBe(hashNumber(2, 0))
  })
})
