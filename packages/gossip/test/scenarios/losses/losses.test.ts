import { expect, it } from 'vitest'
import { runLossy } from './lossy.ts'

/** Seconds of work at most, and other things may run beside it. */
const LONG = { timeout: 60_000 }

it(
  'a network that loses 30 % kills ten times fewer that live than the 1,701 of memberlist, at a hundred nodes',
  LONG,
  () => {
    // Half as many, which have a quarter of the pairs, for a minute; `pnpm gossip:proof` has all, for ten.
    const { falseDeaths, wholeAfterMs } = runLossy(50, 1, 0.3, 60_000)
    expect(falseDeaths).toBeLessThanOrEqual(170 / 4)
    expect(wholeAfterMs).toBeDefined()
  },
)

it('one that loses 10 % kills nobody', LONG, () => {
  expect(runLossy(20, 1, 0.1, 600_000).falseDeaths).toBe(0)
})
