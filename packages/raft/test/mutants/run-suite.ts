import { simulate, SimulationFailure } from '@colony/testing'
import { modelSuite, raftSuite } from '../sim/raft-suite.ts'
import type { SuiteOutcome } from './detection.ts'

const LONGEST_MESSAGE = 300

/** Runs seeds from 1 on until one fails: a dot for each, then a line with a {@link SuiteOutcome}. `rules`: `model` for the model alone. */
async function main(limit: number, rules = 'all'): Promise<void> {
  for (let seed = 1; seed <= limit; seed++) {
    process.stdout.write('.')
    const failed = await failureOf(seed, rules === 'model')
    if (failed !== undefined) return write({ seeds: seed, failed })
  }
  write({ seeds: limit })
}

async function failureOf(seed: number, modelOnly: boolean): Promise<SuiteOutcome['failed']> {
  try {
    await simulate(modelOnly ? modelSuite : raftSuite, seed)
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

await main(Number(process.argv[2]), process.argv[3])
