import { formatSeed, runSeeds, seedsFromEnvironment, type Seed } from '@colony/testing'
import { describe, expect, it } from 'vitest'
import { SOMETIMES } from './sim/invariants.ts'
import { runSeed } from './sim/run-seed.ts'

const FILE = 'packages/raft/test/raft.sim.ts'
const SEEDS_PER_TEST = 50
/** Fewer seeds than this are a replay or a quick look, of which no coverage can be expected. */
const COVERING_SEEDS = 200

/**
 * Clusters of three and five nodes under faults, on the unchanged driver and file log. What must hold is in `sim/invariants.ts` (after every
 * event) and `sim/run-seed.ts` (at the end). `COLONY_SEED` and `COLONY_SEEDS` choose other seeds.
 */
describe('raft under faults', () => {
  const seeds = seedsFromEnvironment({ count: 500 })
  const sometimes = new Map<string, number>()
  const run = async (seed: Seed): Promise<string> => {
    const report = await runSeed(seed)
    for (const [name, count] of report.sometimes) sometimes.set(name, (sometimes.get(name) ?? 0) + count)
    return report.traceHash
  }

  for (let at = 0; at < seeds.length; at += SEEDS_PER_TEST) {
    const some = seeds.slice(at, at + SEEDS_PER_TEST)
    const range = `${formatSeed(some[0] ?? 0)} to ${formatSeed(some.at(-1) ?? 0)}`
    it(`keeps every promise, and every run can be repeated: seeds ${range}`, async () => {
      await runSeeds({ seeds: some, file: FILE, run })
    })
  }

  it.runIf(seeds.length >= COVERING_SEEDS)('reached every state that it is meant to test', () => {
    expect(SOMETIMES.filter((name) => !sometimes.has(name))).toEqual([])
  })
})
