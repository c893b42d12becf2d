import { describe, expect, it } from 'vitest'
import { runSuite } from './detection.ts'
import { MUTANTS } from './mutants.ts'

/** One of each sort, with seeds to spare; `pnpm gossip:mutants` tries all of them. */
const SAMPLE = [
  { name: 'the-latest-word-wins', within: 15 },
  { name: 'suspicions-last-for-ever', within: 5 },
  { name: 'gaps-are-skipped', within: 20 },
  { name: 'broadcasts-come-twice', within: 10 },
]

/** Suites that find nothing look just like suites that look at nothing: a few planted bugs must be found in every run of CI. */
describe('the simulation of gossip finds planted bugs', () => {
  for (const { name, within } of SAMPLE) {
    it(`${name}, within ${within} seeds`, async () => {
      const mutant = MUTANTS.find((each) => each.name === name)
      if (mutant === undefined) throw new Error(`there is no mutant ${name}`)
      const { failed } = await runSuite(mutant, within)
      expect(failed).toBeDefined()
    })
  }

  it('and nothing where there is none', async () => {
    expect(await runSuite(undefined, 3)).toEqual({ seeds: 3 })
  })
})
