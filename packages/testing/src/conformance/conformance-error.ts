import { TestingError } from '../errors.ts'

/**
 * What a {@link ConformanceCase} rejects with when the adapter breaks the clause. Test runners show `expected` and `actual` side by side.
 * Code `TESTING_NOT_CONFORMING`; `cause` is what the adapter threw, if it did.
 * @category Conformance
 */
export class ConformanceError extends TestingError {
  /** The sentence of the interface's documentation that does not hold. */
  readonly clause: string
  /** What the clause asks for, where it can be put as a value. */
  readonly expected: unknown
  /** What the adapter did instead. */
  readonly actual: unknown

  /** Makes an error; users only catch them. */
  constructor(clause: string, told: string, cause: unknown) {
    super('TESTING_NOT_CONFORMING', `${told}\nThe interface says: ${clause}`, { cause })
    this.clause = clause
    const compared = cause instanceof Mismatch ? cause : undefined
    this.expected = compared?.expected
    this.actual = compared?.actual
  }
}

/** What an expectation throws; the case that it belongs to adds its clause. */
export class Mismatch extends Error {
  readonly expected: unknown
  readonly actual: unknown

  constructor(told: string, expected?: unknown, actual?: unknown) {
    super(told)
    this.name = 'Mismatch'
    this.expected = expected
    this.actual = actual
  }
}
