import { expect, it } from 'vitest'
import { massJoinMs } from './mass-join.ts'

it('a hundred nodes that join through one seed all know each other within five seconds', () => {
  for (let seed = 0; seed < 3; seed++) expect(massJoinMs(seed, 100)).toBeLessThan(5000)
})
