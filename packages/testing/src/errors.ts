import { ColonyError } from '@colony/host'
import type { ColonyErrorOptions } from '@colony/host'

/**
 * Every code that `@colony/testing` raises.
 *
 * - `TESTING_INVALID_OPTION`: an option, a fault step or an environment variable is out of its range; the message names it.
 * - `TESTING_INVALID_HISTORY`: a recorded history has a line or an operation that makes no sense; the message says which and why.
 * - `TESTING_RUN_FAILED`: something threw inside a simulation; `cause` is what was thrown, the message carries the seed.
 * - `TESTING_TIMEOUT`: a condition did not come true within the simulated time that was allowed.
 * - `TESTING_EVENT_LIMIT`: a run took more events than allowed, usually because timers re-arm themselves without end.
 * - `TESTING_BUSY`: a world was asked to run while it was running.
 * - `TESTING_NODE_DOWN`: a call was made to a simulated node that is down or still starting; nothing happened.
 * - `TESTING_NODE_CRASHED`: a simulated node crashed during a call; what the call did before is unknown.
 * - `TESTING_NOT_DETERMINISTIC`: two runs with one seed differed.
 * - `TESTING_NOT_SIMULATED`: code inside a strict simulation used a real timer, clock, source of chance, network or file; its stack says where.
 * - `TESTING_NOT_CONFORMING`: an adapter does not do what its interface says; the message quotes the sentence.
 * - `TESTING_FUZZ_FAILED`: a decoder broke a promise for some bytes; the message has them.
 * - `TESTING_PROCESS_FAILED`: a real process did not start, or ended though nobody ended it; the message says how and what it printed.
 * @category Errors
 */
export type TestingErrorCode =
  | 'TESTING_INVALID_OPTION'
  | 'TESTING_INVALID_HISTORY'
  | 'TESTING_RUN_FAILED'
  | 'TESTING_TIMEOUT'
  | 'TESTING_EVENT_LIMIT'
  | 'TESTING_BUSY'
  | 'TESTING_NODE_DOWN'
  | 'TESTING_NODE_CRASHED'
  | 'TESTING_NOT_DETERMINISTIC'
  | 'TESTING_NOT_SIMULATED'
  | 'TESTING_NOT_CONFORMING'
  | 'TESTING_FUZZ_FAILED'
  | 'TESTING_PROCESS_FAILED'

/**
 * What `@colony/testing` throws.
 * @category Errors
 */
export class TestingError extends ColonyError<TestingErrorCode> {
  /** Makes an error; users only catch them. */
  constructor(code: TestingErrorCode, message: string, options: ColonyErrorOptions = {}) {
    super(code, message, options)
  }
}

/** Throws unless `value` is a finite number from `min` to `max`, both included. */
export function requireRange(name: string, value: number, min: number, max: number): number {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw new TestingError(
      'TESTING_INVALID_OPTION',
      `${name} must be a number from ${min} to ${max}, not ${String(value)}`,
    )
  }
  return value
}
