import { describe, expect, it } from 'vitest'
import { joinThroughOne, restartAll } from './joining.ts'

/** Seconds of work at most, and other things may run beside it. */
const LONG = { timeout: 60_000 }

describe('many at once', () => {
  it(
    'a hundred nodes that know the same one know each other in less than five seconds, with every seed',
    LONG,
    () => {
      for (let seed = 1; seed <= 3; seed++) expect(joinThroughOne(100, seed, 60_000)).toBeLessThan(5000)
    },
  )

  it('and so do two hundred', LONG, () => {
    expect(joinThroughOne(200, 1, 60_000)).toBeLessThan(5000)
  })

  it('when all processes start anew, nobody that lives is missed', LONG, () => {
    const { wholeAfterMs, missed } = restartAll(50, 1, 60_000)
    expect(missed).toBe(0)
    expect(wholeAfterMs).toBeLessThan(10_000)
  })
})
