import { TestingError } from '../errors.ts'
import { checkDeterminism } from '../trace/determinism.ts'
import { reproLine } from './repro.ts'
import type { Seed } from './seed.ts'
import { formatSeed } from './seed.ts'

/**
 * How to run a suite.
 * @category Runner
 */
export interface RunSeedsOptions {
  /** Which seeds: see {@link seedsFromEnvironment}. At least one. */
  readonly seeds: readonly Seed[]
  /** The test file, for the line that repeats a failure, as seen from where tests are started. */
  readonly file: string
  /** Name of the test, where the file has several. */
  readonly test?: string
  /** One simulation. Resolves with the world's `traceHash`. */
  readonly run: (seed: Seed) => Promise<string>
}

/**
 * Runs a simulation with every seed, the first of them twice to see that both runs are the same.
 * @throws A {@link TestingError} with code `TESTING_RUN_FAILED` (`TESTING_NOT_DETERMINISTIC` for that) at the first seed that fails; the last line of its
 *   message repeats it, `cause` is what was thrown.
 * @category Runner
 */
export async function runSeeds({ seeds, file, test, run }: RunSeedsOptions): Promise<void> {
  const [first, ...rest] = seeds
  if (first === undefined)
    throw new TestingError('TESTING_INVALID_OPTION', 'seeds must hold at least one seed')
  const repeatable = async (seed: Seed, work: () => Promise<string>): Promise<void> => {
    try {
      await work()
    } catch (cause) {
      const told = cause instanceof Error ? cause.message : String(cause)
      const code = cause instanceof TestingError ? cause.code : 'TESTING_RUN_FAILED'
      const line = reproLine({ seed, file, ...(test !== undefined && { test }) })
      throw new TestingError(code, `seed ${formatSeed(seed)} fails: ${told}\n\nto repeat it:\n${line}`, {
        cause,
      })
    }
  }
  await repeatable(first, () => checkDeterminism(run, first))
  for (const seed of rest) await repeatable(seed, () => run(seed))
}
