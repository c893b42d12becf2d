import type { Witness } from '../check/witness.ts'
import type { RecordedRun } from '../scenario/run-report.ts'
import type { SimulateOptions } from '../scenario/simulate.ts'
import type { Seed } from './seed.ts'

/**
 * What failed in a run.
 * @category Runner
 */
export interface SavedFailure {
  /** The name of the check. */
  readonly check: string
  /** What it says. */
  readonly message: string
}

/**
 * A run that is worth keeping: a failed one that was shrunk, or, with `COLONY_TRACE`, any. Can be given to `renderHtml` as it is.
 * @category Runner
 */
export interface SavedRun extends RecordedRun {
  /** For file names: the suite and the seed, in letters, digits, dots and dashes. */
  readonly name: string
  /** For people: the suite and the seed. */
  readonly title: string
  /** What failed, if anything. */
  readonly failure?: SavedFailure
  /** Why the history is impossible, when that is what failed. */
  readonly witness?: Witness
  /** One line for a shell that runs the seed again. */
  readonly repro: string
}

/**
 * How to run a suite.
 * @category Runner
 */
export interface ExploreOptions extends Pick<SimulateOptions, 'strict'> {
  /** Which seeds. Default: what {@link seedsFromEnvironment} says, 100 if it says nothing. */
  readonly seeds?: readonly Seed[]
  /** For how long to go on with new seeds afterwards, in milliseconds of real time. Default: what `COLONY_TIME` says, else not at all. */
  readonly timeMs?: number
  /** The test file, for the line that repeats a failure, as seen from where tests are started. */
  readonly file: string
  /** Name of the test, where the file has several. */
  readonly test?: string
  /** What runs the file, for the same line. Default `npx vitest run`. */
  readonly command?: string
  /** Most runs for making a failing scenario smaller; 0: it is left as it is. Default 500. */
  readonly shrinkRuns?: number
  /** Puts a run where people find it; resolves with where that is, for the message. Default: nothing is kept. `saveInto` of `@colony/testing/node` writes files. */
  readonly save?: (run: SavedRun) => Promise<readonly string[]> | readonly string[]
  /** How many seeds must have run for {@link Suite.sometimes} to be asked for; fewer are a replay or a quick look. Default 200. */
  readonly coverAfter?: number
}
