import { expect, it } from 'vitest'
import { massJoinMs } from './mass-join.ts'

it('a hundred nodes that join through one seed all know each other within five seconds', () => {
  expect(massJoinMs(0, 100)).toBeLessThan(5000)
})
