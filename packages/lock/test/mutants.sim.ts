import { simulate, SimulationFailure } from '@colony/testing'
import { describe, expect, it } from 'vitest'
import { lockSuite } from './sim/lock-suite.ts'
import { type Mutant, MUTANTS } from './sim/mutants/mutants.ts'

/** The check that the first seed which finds the bug breaks; `undefined` when none does. */
async function firstFinding({ model, capabilities, within }: Mutant): Promise<string | undefined> {
  const suite = lockSuite(model, capabilities)
  for (let seed = 1; seed <= within; seed++) {
    try {
      await simulate(suite, seed)
    } catch (error) {
      if (!(error instanceof SimulationFailure)) throw error
      // Too few locks in a run is no finding.
      if (error.check !== 'vacuous') return error.check
    }
  }
  return undefined
}

/** A simulation that finds nothing looks just like one that looks at nothing. */
describe('the simulation of locks finds planted bugs', () => {
  for (const mutant of MUTANTS) {
    it(`${mutant.name}, within ${mutant.within} seeds`, async () => {
      expect(await firstFinding(mutant)).toMatch(mutant.found)
    })
  }
})
