import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { crc32 } from '../../src/core/crc32.ts'

it('is the check value of the standard', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
  expect(crc32(new Uint8Array(0))).toBe(0)
})

it('agrees with zlib at every length, offset and seed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(9), fc.nat(0xffff_ffff), (bytes, offset, seed) => {
      const part = bytes.subarray(Math.min(offset, bytes.length))
      expect(crc32(part)).toBe(zlibCrc32(part))
      // zlib forgets the seed when there are no bytes (Node 20 to 24); the sum of nothing more is the sum before.
      expect(crc32(part, seed)).toBe(part.length === 0 ? seed : zlibCrc32(part, seed))
    }),
    { numRuns: 1000 },
  )
})

it('goes on from the sum of what came before', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 }), (first, second) => {
      expect(crc32(second, crc32(first))).toBe(crc32(Uint8Array.of(...first, ...second)))
    }),
  )
})
