import type { Witness } from '../check/witness.ts'
import type { Operation } from '../history/operation.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Timeline } from '../timeline/timeline.ts'

/**
 * What is known of a failed run, to be drawn with {@link renderHtml} or written with {@link renderText}.
 * @category Pictures
 */
export interface FailurePicture {
  /** What the picture is called: usually the suite or the test. */
  readonly title: string
  /** What happened in the world. An empty one (no nodes, no events) leaves the operations alone. */
  readonly timeline: Timeline
  /** What the clients did, with times of the same clock. Default: the witness's prefix, or none. */
  readonly operations?: readonly Operation[]
  /** Why the operations are not legal, when that is what failed. */
  readonly witness?: Witness
  /** The scenario, whose suite and seed are shown. */
  readonly scenario?: Scenario
  /** The check that failed, by name, and what it said. */
  readonly failure?: {
    /** Its name. */
    readonly check: string
    /** Any number of lines. */
    readonly message: string
  }
  /** A command that repeats the run. */
  readonly repro?: string
}
