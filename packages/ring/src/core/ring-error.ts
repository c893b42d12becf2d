/**
 * Every code that `@colony/ring` raises. `docs/guides/errors.md` has one heading for each.
 * @category Errors
 */
export type RingErrorCode =
  | 'RING_INVALID_OPTION'
  | 'RING_INVALID_NODE'
  | 'RING_DUPLICATE_NODE'
  | 'RING_UNKNOWN_NODE'
  | 'RING_INVALID_KEY'
  | 'RING_MISMATCH'

/**
 * Raised by every part of `@colony/ring`. All of them are mistakes of the caller or disagreements between processes: the same call
 * fails again, so `retryable` is `false`.
 *
 * `error instanceof ColonyError` of `@colony/host` holds as well, without this package depending on that one.
 * @category Errors
 */
export class RingError extends Error {
  /** Stable, documented and machine readable. */
  readonly code: RingErrorCode
  /** Never: the same call fails again. */
  readonly retryable = false

  /** Makes an error with a documented code; the message says what happened and what to do about it. */
  constructor(code: RingErrorCode, message: string) {
    super(`[${code}] ${message}`)
    this.name = 'RingError'
    this.code = code
    Object.defineProperty(this, Symbol.for('@colony/error'), { value: true })
  }
}
