import { fileURLToPath } from 'node:url'
import { explore, seedsFromEnvironment } from '@colony/testing'
import { saveInto } from '@colony/testing/node'
import { it } from 'vitest'
import { lockSuite } from './sim/lock-suite.ts'
import { SUITES } from './sim/suites.ts'

const FAILURES = fileURLToPath(new URL('../../../.tmp/failures', import.meta.url))
/** As long as `COLONY_SEEDS` and `COLONY_TIME` ask for. */
const LONGEST_MS = 24 * 3_600_000

for (const { model, capabilities, seeds } of SUITES) {
  const title = `${model.name} keeps its promises under faults`
  it(
    title,
    async () => {
      await explore(lockSuite(model, capabilities), {
        seeds: seedsFromEnvironment({ count: seeds }),
        file: 'packages/lock/test/lock.sim.ts',
        test: title,
        save: saveInto(FAILURES),
      })
    },
    LONGEST_MS,
  )
}
