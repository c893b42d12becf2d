import { requireWhole, runEnvironment } from './run-environment.ts'
import type { Seed } from './seed.ts'

export { formatSeed, parseSeed, type Seed } from './seed.ts'

/**
 * Which seeds to run when the environment does not say.
 * @category Runner
 */
export interface SeedOptions {
  /** How many, 1 to 10^9. Default 1. */
  readonly count?: number
  /** The first; the others follow by counting up. A whole number from 0 to 2^53 - 1. Default 1. */
  readonly base?: number
}

/**
 * The seeds that a suite should run. The environment decides first, the same way in every suite: `COLONY_SEED`, `COLONY_SEEDS` and `COLONY_BASE`, as told
 * in {@link RunEnvironment}.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` when an option or a variable is out of range.
 * @category Runner
 */
export function seedsFromEnvironment(options: SeedOptions = {}): readonly Seed[] {
  const environment = runEnvironment()
  if (environment.seeds !== undefined) return environment.seeds
  const suites = requireWhole('base', options.base ?? 1, 0, Number.MAX_SAFE_INTEGER)
  const base = environment.base ?? suites
  const length = environment.count ?? requireWhole('count', options.count ?? 1, 1, 1e9)
  return Array.from({ length }, (_, place) => base + place)
}
