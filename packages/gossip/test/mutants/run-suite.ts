import { simulate, SimulationFailure } from '@colony/testing'
import { gossipSuite } from '../sim/gossip-suite.ts'
import type { SuiteOutcome } from './detection.ts'

const LONGEST_MESSAGE = 300

/** After so many seeds every state that the suite names has been reached, or never will be. */
const COVERED_AFTER = 100

/** Runs seeds from 1 on until one fails, or a state was never reached: a dot for each, then a line with a {@link SuiteOutcome}. */
async function main(limit: number): Promise<void> {
  const reached = new Set<string>()
  for (let seed = 1; seed <= limit; seed++) {
    process.stdout.write('.')
    const failed = (await failureOf(seed, reached)) ?? (seed === COVERED_AFTER ? missing(reached) : undefined)
    if (failed !== undefined) return write({ seeds: seed, failed })
  }
  write({ seeds: limit })
}

function missing(reached: ReadonlySet<string>): SuiteOutcome['failed'] {
  const never = gossipSuite.sometimes?.filter((state) => !reached.has(state)) ?? []
  return never.length === 0 ? undefined : { check: `never reached: ${never.join(', ')}`, message: '' }
}

async function failureOf(seed: number, reached: Set<string>): Promise<SuiteOutcome['failed']> {
  try {
    const { sometimes } = await simulate(gossipSuite, seed)
    for (const state of Object.keys(sometimes)) reached.add(state)
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
