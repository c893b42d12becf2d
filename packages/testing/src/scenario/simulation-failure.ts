import type { Witness } from '../check/witness.ts'
import { TestingError } from '../errors.ts'
import type { Operation } from '../history/operation.ts'
import type { Timeline } from '../timeline/timeline.ts'
import type { ClientOperation, Scenario } from './scenario.ts'

/**
 * What is known about a run that failed.
 * @category Scenarios
 */
export interface FailureDetails {
  /** The check that broke, by name; see {@link SimulationFailure.check}. */
  readonly check: string
  /** The run; running it again with its suite fails in the same way. */
  readonly scenario: Scenario
  /** What the clients did until then. */
  readonly operations: readonly Operation[]
  /** The planned operations that began, in that order, each `at` the time when it did. */
  readonly begun: readonly ClientOperation[]
  /** When it failed, in simulated milliseconds; for a history, when the first impossible operation returned. */
  readonly atMs: number
  /** Hash of everything that happened until then. */
  readonly traceHash: string
  /** Why the history is impossible, when that is what failed. */
  readonly witness?: Witness
  /** What happened, when it was recorded. */
  readonly timeline?: Timeline
  /** What was thrown. */
  readonly cause?: unknown
}

/**
 * A simulation that broke a check. Its code is `TESTING_RUN_FAILED`.
 * @category Scenarios
 */
export class SimulationFailure extends TestingError implements FailureDetails {
  /**
   * The check that broke: `invariant: x`, `check: x`, `convergence` (a healed core, or everything, did not come to work again), `progress` (no operation succeeded
   * there), `linearizability`, `vacuous` (hardly any operation succeeded), or `crash: …` for something that was thrown.
   */
  readonly check: string
  /** The run; running it again with its suite fails in the same way. */
  readonly scenario: Scenario
  /** What the clients did until then. */
  readonly operations: readonly Operation[]
  /** The planned operations that began, in that order, each `at` the time when it did. */
  readonly begun: readonly ClientOperation[]
  /** When it failed, in simulated milliseconds; for a history, when the first impossible operation returned. */
  readonly atMs: number
  /** Hash of everything that happened until then. */
  readonly traceHash: string
  /** Why the history is impossible, when that is what failed. */
  readonly witness?: Witness
  /** What happened, when it was recorded. */
  readonly timeline?: Timeline

  /** Makes an error; users only catch them. */
  constructor(message: string, details: FailureDetails) {
    super('TESTING_RUN_FAILED', message, 'cause' in details ? { cause: details.cause } : {})
    this.check = details.check
    this.scenario = details.scenario
    this.operations = details.operations
    this.begun = details.begun
    this.atMs = details.atMs
    this.traceHash = details.traceHash
    if (details.witness !== undefined) this.witness = details.witness
    if (details.timeline !== undefined) this.timeline = details.timeline
  }
}
