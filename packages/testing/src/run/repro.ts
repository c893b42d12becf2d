import type { Seed } from './seed.ts'
import { formatSeed } from './seed.ts'
import { shellQuoted } from './shell-quoted.ts'

/**
 * Where a failure happened.
 * @category Runner
 */
export interface ReproOptions {
  /** The seed that failed. */
  readonly seed: Seed
  /** The test file, as seen from where tests are started. */
  readonly file: string
  /** Name of the test, where the file has several. */
  readonly test?: string
}

/**
 * One line for a shell that runs exactly the failing seed again: `COLONY_SEED=0x9f3a npx vitest run packages/raft/test/raft.sim.ts`.
 * @category Runner
 */
export function reproLine({ seed, file, test }: ReproOptions): string {
  const name = test === undefined ? '' : ` -t ${shellQuoted(test)}`
  return `COLONY_SEED=${shellQuoted(formatSeed(seed))} npx vitest run ${shellQuoted(file)}${name}`
}
