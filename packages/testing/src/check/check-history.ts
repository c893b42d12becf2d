import { TestingError } from '../errors.ts'
import type { Operation } from '../history/operation.ts'
import type { CheckOptions, CheckResult } from './check-result.ts'
import { checkLinearizable } from './linearizability.ts'
import type { Model } from './model.ts'
import { checkSequential } from './sequential.ts'
import { checkSessions } from './sessions.ts'

/**
 * Kinds of consistency that can be checked, the strongest first: see {@link checkLinearizable}, {@link checkSequential}, {@link checkSessions}.
 * @category Checkers
 */
export type Consistency = 'linearizable' | 'sequential' | 'session'

/**
 * What to look for, and how far.
 * @category Checkers
 */
export interface CheckHistoryOptions extends CheckOptions {
  /** The kind of consistency. Default `linearizable`. */
  readonly consistency?: Consistency
}

/**
 * Checks a history for any kind of consistency.
 * @throws What the check of that kind throws; a {@link TestingError} with code `TESTING_INVALID_OPTION` when there is no such kind.
 * @category Checkers
 */
export function checkHistory<State>(
  model: Model<State>,
  operations: readonly Operation[],
  options: CheckHistoryOptions = {},
): CheckResult {
  const consistency = options.consistency ?? 'linearizable'
  switch (consistency) {
    case 'linearizable':
      return checkLinearizable(model, operations, options)
    case 'sequential':
      return checkSequential(model, operations, options)
    case 'session':
      return checkSessions(model, operations)
    default:
      throw new TestingError('TESTING_INVALID_OPTION', `there is no consistency '${String(consistency)}'`)
  }
}
