import { simulate, SimulationFailure } from '@colony/testing'
import { gossipSuite } from '../sim/gossip-suite.ts'
import type { SuiteOutcome } from './detection.ts'

const LONGEST_MESSAGE = 300

/** Runs seeds from 1 on until one fails: a dot for each, then a line with a {@link SuiteOutcome}. */
async function main(limit: number): Promise<void> {
  for (let seed = 1; seed <= limit; seed++) {
    process.stdout.write('.')
    const failed = await failureOf(seed)
    if (failed !== undefined) return write({ seeds: seed, failed })
  }
  write({ seeds: limit })
}

async function failureOf(seed: number): Promise<SuiteOutcome['failed']> {
  try {
    await simulate(gossipSuite, seed)
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

await main(Number(process.argv[2]))
