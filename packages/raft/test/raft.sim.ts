import { reproLine, seedsFromEnvironment, formatSeed } from '@colony/testing'
import { describe, expect, it } from 'vitest'
import { runSeed } from './sim/run-seed.ts'

const SEEDS_PER_TEST = 50

describe('raft under faults', () => {
  const seeds = seedsFromEnvironment({ count: 500 })
  for (let at = 0; at < seeds.length; at += SEEDS_PER_TEST) {
    const some = seeds.slice(at, at + SEEDS_PER_TEST)
    it(`keeps every promise, seeds ${formatSeed(some[0] ?? 0)} to ${formatSeed(some.at(-1) ?? 0)}`, async () => {
      for (const seed of some) {
        try {
          await runSeed(seed)
        } catch (error) {
          const repro = reproLine({ seed, file: 'packages/raft/test/raft.sim.ts' })
          throw new Error(`seed ${formatSeed(seed)} failed; replay it with\n${repro}`, { cause: error })
        }
      }
    })
  }

  it('gives the same trace for the same seed', async () => {
    const [seed = 1] = seeds
    const first = await runSeed(seed)
    const second = await runSeed(seed)
    expect(second.traceHash).toBe(first.traceHash)
  })
})
