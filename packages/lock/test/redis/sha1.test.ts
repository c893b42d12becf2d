import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { sha1 } from '../../src/redis/sha1.ts'
import { hashTag, slotOf } from '../../src/redis/slot.ts'

test('SHA-1 is that of the platform, for texts of every length around its blocks', () => {
  for (const length of [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 1000]) {
    const text = 'ä'.repeat(length % 7) + 'x'.repeat(length)
    expect(sha1(text)).toBe(createHash('sha1').update(text).digest('hex'))
  }
})

test('a key has the slot that Redis documents, or that of its hash tag', () => {
  expect(slotOf('123456789')).toBe(0x31c3)
  expect(slotOf('foo')).toBe(12182)
  expect(slotOf('{foo}.bar')).toBe(12182)
  expect(hashTag('a{}b')).toBeUndefined()
  expect(hashTag('a{b}{c}')).toBe('b')
  expect(hashTag('}a{')).toBeUndefined()
})
