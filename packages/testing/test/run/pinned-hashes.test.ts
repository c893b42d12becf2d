import { expect, test } from 'vitest'
import { HASHES } from './pinned-hashes.ts'
import { hashOfSeed } from './pinned-run.ts'

test.each(Object.entries(HASHES))('seed %s does what it always did', async (seed, hash) => {
  expect(await hashOfSeed(seed)).toBe(hash)
})
