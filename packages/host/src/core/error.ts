const brand: unique symbol = Symbol.for('@colony/error') as never

/**
 * What every {@link ColonyError} may carry besides its code and message.
 * @category Errors
 */
export interface ColonyErrorOptions {
  /** The error that led to this one. */
  readonly cause?: unknown
  /** Whether the same call may succeed when it is simply made again later. Default `false`. */
  readonly retryable?: boolean
}

/**
 * Base class of every error that a colony package throws.
 *
 * Tell errors apart by `code`, which is stable and documented. `instanceof ColonyError` works across duplicate
 * copies of this package and across realms, because instances are branded with a registered symbol.
 * @category Errors
 */
export class ColonyError<Code extends string = string> extends Error {
  /** Stable, documented and machine readable: `RAFT_NOT_LEADER`. */
  readonly code: Code
  /** Whether the same call may succeed when it is simply made again later. */
  readonly retryable: boolean

  /** Makes an error with a documented code; the message says what happened and what to do about it. */
  constructor(code: Code, message: string, options: ColonyErrorOptions = {}) {
    super(`[${code}] ${message}`, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = new.target.name
    this.code = code
    this.retryable = options.retryable ?? false
    Object.defineProperty(this, brand, { value: true })
  }

  /** @internal */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== ColonyError) return Function.prototype[Symbol.hasInstance].call(this, value)
    return typeof value === 'object' && value !== null && brand in value
  }
}

/**
 * Every code that `@colony/host` and its adapters raise. `docs/guides/errors.md` has one heading for each.
 * @category Errors
 */
export type HostErrorCode =
  | 'HOST_INVALID_OPTION'
  | 'HOST_ADDRESS_IN_USE'
  | 'HOST_LISTEN_FAILED'
  | 'HOST_IDENTITY_CONFLICT'
  | 'HOST_CLOSED'
  | 'HOST_VALUE_NOT_ENCODABLE'
  | 'HOST_BYTES_MALFORMED'
  | 'HOST_DISK_FAILED'
