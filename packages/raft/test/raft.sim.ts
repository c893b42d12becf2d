import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { seedsFromEnvironment } from '@colony/testing'
import { exploreInWorkers, runPinnedScenarios, saveInto } from '@colony/testing/node'
import { expect, it } from 'vitest'
import { raftSuite } from './sim/raft-suite.ts'

const TEMPORARY = new URL('../../../.tmp/', import.meta.url)
/** Where `pnpm sim:report` looks for what the suites came to. */
const REPORTS = new URL('sim/', TEMPORARY)
/** As long as `COLONY_SEEDS` and `COLONY_TIME` ask for: a seed that hangs is ended by the runner. */
const LONGEST_MS = 24 * 3_600_000
/** Operations that succeed in a seed, in the mean; single seeds may have all nodes down nearly all the time. It is about 300. */
const LEAST_MEAN_OK = 200

/**
 * Clusters of three and five nodes under faults, on the unchanged driver and file log: see `sim/raft-suite.ts`, and `docs/mutation-table.md` for what that
 * finds. `COLONY_SEED` and its like choose other seeds.
 */
it(
  'raft keeps every promise under faults',
  async () => {
    const report = await exploreInWorkers({
      module: new URL('sim/raft-suite.ts', import.meta.url),
      export: 'raftSuite',
      preload: [new URL('load-typescript.mjs', import.meta.url)],
      seeds: seedsFromEnvironment({ count: 500 }),
      file: 'packages/raft/test/raft.sim.ts',
      save: saveInto(fileURLToPath(new URL('failures', TEMPORARY))),
    })
    mkdirSync(REPORTS, { recursive: true })
    writeFileSync(new URL('raft.json', REPORTS), JSON.stringify(report, null, 2))
    expect(report.undecided).toBe(0)
    // What clients see is not only linearizable, but so in the order of the log.
    expect(report.unexplained).toBe(0)
    const succeeded = Object.values(report.operations).reduce((sum, { ok }) => sum + ok, 0)
    if (report.seeds >= 100) expect(succeeded / report.seeds).toBeGreaterThan(LEAST_MEAN_OK)
  },
  LONGEST_MS,
)

it('what failed once does not fail again', async () => {
  const pinned = fileURLToPath(new URL('sim/pinned', import.meta.url))
  expect(await runPinnedScenarios(raftSuite, pinned)).toBe(4)
})
