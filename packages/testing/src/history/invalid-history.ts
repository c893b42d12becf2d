import { TestingError } from '../errors.ts'

/**
 * A recorded history that cannot be read: which line, and why. Its code is `TESTING_INVALID_HISTORY`.
 * @category Histories
 */
export class InvalidHistoryError extends TestingError {
  /** The line, from 1. */
  readonly line: number
  /** What is wrong with it. */
  readonly reason: string

  /** Makes an error; users only catch them. */
  constructor(line: number, reason: string) {
    super('TESTING_INVALID_HISTORY', `line ${line}: ${reason}`)
    this.line = line
    this.reason = reason
  }
}
