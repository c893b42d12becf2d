import { expect, it } from 'vitest'
import { cut, halves } from './halves.ts'

it('a partition of nearly a day heals within 60 s of its end', () => {
  const net = halves(1, 3)
  net.keepsEvents = false
  cut(net)
  net.run(23 * 3_600_000)
  expect(net.seeing(3)).toBe(6)
  net.lost = () => false
  expect(net.run(60_000, () => net.seeing(6) === 6)).toBe(true)
})
