import type { Seed } from './seeds.ts'
import { formatSeed } from './seeds.ts'

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

const SAFE = /^[\w@%+=:,./-]+$/

/**
 * One line for a shell that runs exactly the failing seed again: `COLONY_SEED=0x9f3a npx vitest run packages/raft/test/raft.sim.ts`.
 * @category Runner
 */
export function reproLine({ seed, file, test }: ReproOptions): string {
  const name = test === undefined ? '' : ` -t ${quoted(test)}`
  return `COLONY_SEED=${quoted(formatSeed(seed))} npx vitest run ${quoted(file)}${name}`
}

function quoted(text: string): string {
  return SAFE.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
