import { expect, it } from 'vitest'
import { expectedRounds } from '../../rounds/theory.ts'
import { spreadUpdates } from './one-update.ts'

it('an update reaches all of a hundred real cores in no more rounds than push with their fanout of three takes', () => {
  const spreads = spreadUpdates(100, 1, 10)
  const mean = spreads.reduce((sum, { all }) => sum + all, 0) / spreads.length
  expect(mean).toBeGreaterThan(1)
  // The constant of the table in docs/gossip-rounds.md is below one.
  expect(mean).toBeLessThan(expectedRounds(100, 'push', 3) + 1)
}, 60_000)
