import type { Scenario } from '../scenario/scenario.ts'

/** What the passes of a shrinker work on. */
export interface Shrinker {
  /** The smallest scenario so far. */
  readonly best: Scenario
  /** When it fails, in simulated milliseconds. */
  readonly atMs: number
  /** Runs a candidate; if it breaks the same check it is the best from now on. */
  accept(candidate: Scenario): Promise<boolean>
}
