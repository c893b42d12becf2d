import { describe, expect, it } from 'vitest'
import { Cluster } from '../cluster.ts'
import { healAfter } from './healing.ts'

/** Seconds of work at most, and other things may run beside it. */
const LONG = { timeout: 60_000 }

describe('a partition', () => {
  for (const [told, ms] of [
    ['20 seconds', 20_000],
    ['90 seconds', 90_000],
    ['an hour', 3_600_000],
  ] as const) {
    it(`of ${told} heals within a minute`, LONG, () => {
      expect(healAfter(10, 1, ms, 60_000)).toBeLessThanOrEqual(60_000)
    })
  }

  it(
    'of two nodes that were cut from each other alone, for longer than they remember anybody, heals through the others',
    LONG,
    () => {
      const cluster = new Cluster({ seed: 1, timing: { reapAfterMs: 20_000 } })
      const { net } = cluster
      cluster.start(6)
      cluster.untilWhole(60_000)
      const isCut = (from: string, to: string): boolean =>
        (from === 'n1' && to === 'n2') || (from === 'n2' && to === 'n1')
      net.cut = isCut
      net.run(10_000)
      // Nobody else is heard from either while they forget, so that no third one can say that the other lives.
      net.cut = (from, to) => isCut(from, to) || from === 'n1' || to === 'n1'
      net.run(120_000)
      expect(net.node('n1').core.members.size).toBe(1)
      net.cut = () => false
      cluster.untilWhole(60_000)
    },
  )
})
