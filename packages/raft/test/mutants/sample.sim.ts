import { afterAll, describe, expect, it } from 'vitest'
import { runSuite } from './detection.ts'
import { MUTANTS } from './mutants.ts'
import { Workspace } from './workspace.ts'

/** One of each sort, with seeds to spare; `pnpm mutants` tries all of them. */
const SAMPLE = [
  { name: 'vote-answer-before-durable', within: 5 },
  { name: 'old-append-cuts-newer-entries', within: 10 },
  { name: 'heartbeat-repairs-nothing', within: 10 },
  { name: 'apply-key-twice', within: 10 },
]

/** Suites that find nothing look just like suites that look at nothing: a few planted bugs must be found in every run of CI. */
describe('the simulation finds planted bugs', () => {
  const workspace = new Workspace()
  afterAll(() => workspace[Symbol.dispose]())

  for (const { name, within } of SAMPLE) {
    it(`${name}, within ${within} seeds`, async () => {
      const mutant = MUTANTS.find((each) => each.name === name)
      if (mutant === undefined) throw new Error(`there is no mutant ${name}`)
      using _planted = workspace.plant(mutant)
      const { failed } = await runSuite(workspace.root, within)
      expect(failed).toBeDefined()
    })
  }

  it('and nothing where there is none', async () => {
    expect(await runSuite(workspace.root, 2)).toEqual({ seeds: 2 })
  })
})
