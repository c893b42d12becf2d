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
  /** What runs the file. Default `npx vitest run`, with `-t` for the name of a test; `node --test` gets its own option for that. */
  readonly command?: string
}

const VITEST = 'npx vitest run'

/**
 * One line for a shell that runs exactly the failing seed again: `COLONY_SEED=0x9f3a npx vitest run packages/raft/test/raft.sim.ts`.
 * @category Runner
 */
export function reproLine({ seed, file, test, command = VITEST }: ReproOptions): string {
  const option = command.startsWith('node --test') ? '--test-name-pattern' : '-t'
  const name = test === undefined ? '' : ` ${option} ${shellQuoted(test)}`
  return `COLONY_SEED=${shellQuoted(formatSeed(seed))} ${command} ${shellQuoted(file)}${name}`
}
