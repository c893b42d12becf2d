import { mkdirSync, writeFileSync } from 'node:fs'
import { explore, formatSeed, mergeReports, seedsFromEnvironment, type SuiteReport } from '@colony/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { raftSuite } from './sim/raft-suite.ts'

const FILE = 'packages/raft/test/raft.sim.ts'
/** Where `pnpm sim:report` looks for what the suites came to. */
const REPORTS = new URL('../../../.tmp/sim/', import.meta.url)
const SEEDS_PER_TEST = 50
/** Fewer seeds than this are a replay or a quick look, of which no coverage can be expected. */
const COVERING_SEEDS = 200

/**
 * Clusters of three and five nodes under faults, on the unchanged driver and file log: see `sim/raft-suite.ts`, and `docs/mutation-table.md` for what that
 * finds. `COLONY_SEED` and its like choose other seeds.
 */
describe('raft under faults', () => {
  const seeds = seedsFromEnvironment({ count: 500 })
  const reports: SuiteReport[] = []

  for (let at = 0; at < seeds.length; at += SEEDS_PER_TEST) {
    const some = seeds.slice(at, at + SEEDS_PER_TEST)
    const range = `${formatSeed(some[0] ?? 0)} to ${formatSeed(some.at(-1) ?? 0)}`
    it(`keeps every promise, and every run can be repeated: seeds ${range}`, async () => {
      reports.push(await explore(raftSuite, { seeds: some, file: FILE }))
    })
  }

  it.runIf(seeds.length >= COVERING_SEEDS)('reached every state that it is meant to test', () => {
    const { sometimes } = reports.reduce(mergeReports)
    expect(Object.entries(sometimes).filter(([, times]) => times === 0)).toEqual([])
  })

  afterAll(() => {
    if (reports.length === 0) return
    mkdirSync(REPORTS, { recursive: true })
    writeFileSync(new URL('raft.json', REPORTS), JSON.stringify(reports.reduce(mergeReports), null, 2))
  })
})
