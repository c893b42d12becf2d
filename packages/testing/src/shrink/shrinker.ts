import type { Scenario } from '../scenario/scenario.ts'
import type { SimulationFailure } from '../scenario/simulation-failure.ts'

/** What the passes of a shrinker work on. */
export interface Shrinker {
  /** The smallest scenario so far. */
  readonly best: Scenario
  /** How it fails. */
  readonly failure: SimulationFailure
  /** Runs a candidate; if it breaks the same check it is the best from now on. */
  accept(candidate: Scenario): Promise<boolean>
}
