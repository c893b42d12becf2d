import { createRandom } from '@colony/host'
import { expect, test } from 'vitest'
import { ConfigurationSet } from '../../src/check/configuration-set.ts'

test.each([1, 2, 5])('holds exactly what was added, with masks of %i words', (words) => {
  const random = createRandom(words, 'configurations')
  const set = new ConfigurationSet(words)
  const expected = new Set<string>()
  let differences = 0
  // Few values each, so that entries that differ in one number only are common.
  for (let round = 0; round < 60_000; round += 1) {
    const position = random.integer(0, 40)
    const state = random.integer(0, 40)
    const mask = Int32Array.from({ length: words }, () => random.integer(0, 7) << (4 * random.integer(0, 7)))
    const name = `${position} ${state} ${mask.join(' ')}`
    if (set.add(position, state, mask) === expected.has(name)) differences += 1
    expected.add(name)
  }
  expect(differences).toBe(0)
  expect(expected.size).toBeGreaterThan(20_000)
})
