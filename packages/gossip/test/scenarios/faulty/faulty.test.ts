import { describe, expect, it } from 'vitest'
import { crashOne } from './one-crash.ts'
import { FaultyCluster } from './rapid.ts'

/** Seconds of work at most, and other things may run beside it. */
const LONG = { timeout: 60_000 }

describe('faulty members', () => {
  it('one crash where nothing is lost makes no healthy member doubt itself', LONG, () => {
    for (const [members, seed] of [
      [10, 1],
      [10, 2],
      [50, 3],
    ] as const) {
      const { unwell, falseDeaths } = crashOne(members, seed)
      expect({ unwell, falseDeaths }).toEqual({ unwell: 0, falseDeaths: 0 })
    }
  })

  it(
    'crashes, one-way links that come and go, and 80 % loss take nobody with them who is healthy',
    LONG,
    () => {
      const cluster = new FaultyCluster(40, 1)
      const crashes = cluster.crash(2, 40_000)
      expect(crashes).toMatchObject({ healthyRemoved: 0, fewestHealthy: 38, returns: 0 })
      expect(crashes.allRemovedMs).toBeDefined()
      cluster.mend()
      expect(cluster.flipFlop(1, 80_000)).toMatchObject({ healthyRemoved: 0, fewestHealthy: 39 })
      cluster.mend()
      expect(cluster.lose(1, 0.8, 60_000)).toMatchObject({ healthyRemoved: 0, fewestHealthy: 39 })
    },
  )
})
