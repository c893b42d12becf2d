import { simulate, SimulationFailure } from '@colony/testing'
import { groupsModelSuite, groupsSuite } from '../sim/groups/groups-suite.ts'
import { modelSuite, raftSuite } from '../sim/raft-suite.ts'
import type { SuiteOutcome } from './detection.ts'

const LONGEST_MESSAGE = 300

/**
 * Runs seeds from 1 on until one fails: a dot for each, then a line with a {@link SuiteOutcome}. `rules`: `model` for the model alone. `suite`: `groups` for that of many
 * groups in one process.
 */
async function main(limit: number, rules = 'all', suite = 'raft'): Promise<void> {
  const isModel = rules === 'model'
  const one = isModel ? modelSuite : raftSuite
  const many = isModel ? groupsModelSuite : groupsSuite
  const run =
    suite === 'groups' ? (seed: number) => simulate(many, seed) : (seed: number) => simulate(one, seed)
  for (let seed = 1; seed <= limit; seed++) {
    process.stdout.write('.')
    const failed = await failureOf(() => run(seed))
    if (failed !== undefined) return write({ seeds: seed, failed })
  }
  write({ seeds: limit })
}

async function failureOf(run: () => Promise<unknown>): Promise<SuiteOutcome['failed']> {
  try {
    await run()
    return undefined
  } catch (error) {
    if (!(error instanceof SimulationFailure)) throw error
    const [message = ''] = error.message.replace(/^\[\w+\] /, '').split('\n')
    return { check: error.check, message: message.slice(0, LONGEST_MESSAGE) }
  }
}

function write(outcome: SuiteOutcome): void {
  process.stdout.write(`\n${JSON.stringify(outcome)}`)
}

await main(Number(process.argv[2]), process.argv[3], process.argv[4])
