import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { seedsFromEnvironment } from '@colony/testing'
import { exploreInWorkers, saveInto } from '@colony/testing/node'
import { expect, it } from 'vitest'

const TEMPORARY = new URL('../../../.tmp/', import.meta.url)
const REPORTS = new URL('sim/', TEMPORARY)
const LONGEST_MS = 24 * 3_600_000

/** Several groups on each of three nodes, on one log and one channel, quiet when nothing happens: see `sim/groups/groups-suite.ts`. */
it(
  'many groups in one process keep every promise under faults, quiet or not',
  async () => {
    const report = await exploreInWorkers({
      module: new URL('sim/groups/groups-suite.ts', import.meta.url),
      export: 'groupsSuite',
      preload: [new URL('load-typescript.mjs', import.meta.url)],
      seeds: seedsFromEnvironment({ count: 250 }),
      file: 'packages/raft/test/raft-groups.sim.ts',
      save: saveInto(fileURLToPath(new URL('failures', TEMPORARY))),
    })
    mkdirSync(REPORTS, { recursive: true })
    writeFileSync(new URL('raft-groups.json', REPORTS), JSON.stringify(report, null, 2))
    expect(report.undecided).toBe(0)
    // What clients see of a group is linearizable in the order of its part of the log.
    expect(report.unexplained).toBe(0)
    const succeeded = Object.values(report.operations).reduce((sum, { ok }) => sum + ok, 0)
    if (report.seeds >= 100) expect(succeeded / report.seeds).toBeGreaterThan(100)
  },
  LONGEST_MS,
)
