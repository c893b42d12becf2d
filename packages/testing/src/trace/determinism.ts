import { TestingError } from '../errors.ts'
import type { Seed } from '../run/seeds.ts'
import { formatSeed } from '../run/seeds.ts'

/**
 * Runs a simulation twice with one seed and compares the trace hashes. Code that reads a real clock, `Math.random` or the order of something that
 * has none is found here, and not when a failure cannot be repeated.
 * @param run Builds a world from the seed, runs it, and resolves with its `traceHash`.
 * @returns The hash of both runs.
 * @throws A {@link TestingError} with code `TESTING_NOT_DETERMINISTIC` when they differ, and what `run` throws.
 * @category Runner
 */
export async function checkDeterminism(
  run: (seed: Seed) => Promise<string>,
  seed: Seed = 1,
): Promise<string> {
  const first = await run(seed)
  const second = await run(seed)
  if (first === second) return first
  throw new TestingError(
    'TESTING_NOT_DETERMINISTIC',
    `two runs with seed ${formatSeed(seed)} differ: trace ${first}, then ${second}. Something in them does not come from the world: ` +
      'a real clock or timer, Math.random, or an order that depends on what ran before',
  )
}
