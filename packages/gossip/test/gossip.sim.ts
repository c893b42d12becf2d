import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { explore, seedsFromEnvironment } from '@colony/testing'
import { runPinnedScenarios, saveInto } from '@colony/testing/node'
import { expect, it } from 'vitest'
import { gossipSuite } from './sim/gossip-suite.ts'

const TEMPORARY = new URL('../../../.tmp/', import.meta.url)
/** Where `pnpm sim:report` looks for what the suites came to. */
const REPORTS = new URL('sim/', TEMPORARY)
/** As long as `COLONY_SEEDS` and `COLONY_TIME` ask for. */
const LONGEST_MS = 24 * 3_600_000

/** Clusters of two to seven nodes under faults: see `sim/gossip-suite.ts`. `COLONY_SEED` and its like choose other seeds. */
it(
  'gossip keeps every promise under faults, and all agree when they are over',
  async () => {
    const report = await explore(gossipSuite, {
      seeds: seedsFromEnvironment({ count: 250 }),
      file: 'packages/gossip/test/gossip.sim.ts',
      save: saveInto(fileURLToPath(new URL('failures', TEMPORARY))),
    })
    mkdirSync(REPORTS, { recursive: true })
    writeFileSync(new URL('gossip.json', REPORTS), JSON.stringify(report, null, 2))
    const succeeded = Object.values(report.operations).reduce((sum, { ok }) => sum + ok, 0)
    if (report.seeds >= 100) expect(succeeded / report.seeds).toBeGreaterThan(100)
  },
  LONGEST_MS,
)

it('what failed once does not fail again', async () => {
  const pinned = fileURLToPath(new URL('sim/pinned', import.meta.url))
  expect(await runPinnedScenarios(gossipSuite, pinned)).toBe(5)
})
