import { describe, expect, it } from 'vitest'
import { claimsOf } from '../../src/runtime/keys.ts'

const NOTHING = { fencing: false, shared: false, semaphore: false, owners: false, values: false }

describe('a key', () => {
  it.each([
    ['of one byte', 'k'],
    ['of 255 bytes', 'k'.repeat(255)],
    ['of 255 bytes, not ASCII', `k${'é'.repeat(127)}`],
    ['with a pair of surrogates', '🔒'],
  ])('is a text %s', (_, key) => {
    expect(claimsOf(key, NOTHING)).toEqual([{ key, shared: false, permits: 1, limit: 1 }])
  })

  it.each([
    ['empty', ''],
    ['256 bytes', 'k'.repeat(256)],
    ['256 bytes in 128 letters', 'é'.repeat(128)],
    ['half of a pair of surrogates', 'k\ud83d'],
  ])('is not %s', (_, key) => {
    expect(() => claimsOf(key, NOTHING)).toThrow(/LOCK_INVALID_OPTION/)
  })
})
