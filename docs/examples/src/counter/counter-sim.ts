// Looks for the bug that is planted in `counter.ts`: finds a failing seed, shrinks what happened to a few steps, draws it, and says where everything is.
// #region explore
import { explore, SimulationFailure } from '@colony/testing'
import { saveInto } from '@colony/testing/node'
import { counterSuite } from './counter-suite.ts'

const directory = process.argv[2] ?? 'counter-failure'

try {
  await explore(counterSuite, {
    file: 'docs/examples/src/counter/counter-sim.ts',
    command: 'npx tsx',
    save: saveInto(directory),
  })
  console.log('no seed failed')
} catch (error) {
  if (!(error instanceof SimulationFailure)) throw error
  console.log(error.message)
  process.exitCode = 1
}
// #endregion explore
