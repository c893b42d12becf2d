import { expect, it } from 'vitest'
import { massJoinMs } from './mass-join.ts'

it('a hundred nodes that join through one seed all know each other within five seconds, whatever the seed', () => {
  for (let seed = 0; seed < 25; seed++) expect(massJoinMs(seed, 100), `seed ${seed}`).toBeLessThan(5000)
})

it('a thousand do within ten', { timeout: 300_000 }, () => {
  expect(massJoinMs(1, 1000)).toBeLessThan(10_000)
})
