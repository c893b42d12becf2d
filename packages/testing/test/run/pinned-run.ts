import { simulate } from '../../src/scenario/simulate.ts'
import { registerSuite } from '../scenario/register-suite.ts'

/** Runs one seed; the hash of all that happened. */
export async function hashOfSeed(seed: string): Promise<string> {
  const suite = registerSuite(undefined, { durationMs: 2000 })
  return (await simulate(suite, seed)).traceHash
}
