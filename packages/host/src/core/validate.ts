import { ColonyError } from './error.ts'
import { MAX_NAME_BYTES } from './identity.ts'
import { isWellFormed, utf8Length } from './utf8.ts'

/**
 * Makes the error for a refused option from a message that names the option, the value and what is allowed. Each package passes one
 * that makes its own error: `(message) => new ColonyError('HOST_INVALID_OPTION', message)`.
 * @category Building blocks
 */
export type Fail = (message: string) => Error

/** How the options of `@colony/host` itself fail. */
export const invalidHostOption: Fail = (message) => new ColonyError('HOST_INVALID_OPTION', message)

const SHOWN_CHARACTERS = 60

/**
 * A value as an error message shows it: short, on one line, strings quoted, never throwing.
 * @category Building blocks
 */
export function showValue(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value)
  }
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}

function refused(fail: Fail, option: string, value: unknown, allowed: string): Error {
  return fail(`${option} must be ${allowed}, not ${showValue(value)}`)
}

/**
 * Lets a whole number from `min` to `max` pass, both included.
 * @throws What `fail` makes.
 * @category Building blocks
 */
export function requireInteger(fail: Fail, option: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value
  throw refused(fail, option, value, `a whole number from ${min} to ${max}`)
}

/**
 * Lets a number of milliseconds from `min` to `max` pass, both included, fractions allowed.
 * @throws What `fail` makes.
 * @category Building blocks
 */
export function requireDuration(
  fail: Fail,
  option: string,
  value: unknown,
  min: number,
  max: number,
): number {
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw refused(fail, option, value, `a number of milliseconds from ${min} to ${max}`)
}

/**
 * Lets a name pass: a string of 1 to {@link MAX_NAME_BYTES} bytes of UTF-8 without lone surrogates, which no encoding would keep apart.
 * @throws What `fail` makes.
 * @category Building blocks
 */
export function requireName(fail: Fail, option: string, value: unknown): string {
  // A string is never longer than its UTF-8: the first look keeps a huge one from being measured.
  if (typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME_BYTES) {
    if (isWellFormed(value) && utf8Length(value) <= MAX_NAME_BYTES) return value
  }
  throw refused(fail, option, value, `a string of 1 to ${MAX_NAME_BYTES} bytes of well-formed UTF-8`)
}

/**
 * Lets one of a few strings pass.
 * @throws What `fail` makes.
 * @category Building blocks
 */
export function requireOneOf<Allowed extends string>(
  fail: Fail,
  option: string,
  value: unknown,
  allowed: readonly Allowed[],
): Allowed {
  for (const candidate of allowed) if (candidate === value) return candidate
  throw refused(fail, option, value, `one of ${allowed.map((name) => JSON.stringify(name)).join(', ')}`)
}

/**
 * Lets an adapter pass that has all of `methods`; the message names the first one missing.
 * @throws What `fail` makes.
 * @category Building blocks
 */
export function requireMethods<Adapter extends object>(
  fail: Fail,
  option: string,
  value: Adapter,
  methods: readonly (keyof Adapter & string)[],
): Adapter {
  const given: unknown = value
  if ((typeof given !== 'object' && typeof given !== 'function') || given === null) {
    throw refused(fail, option, given, `an object with ${methods.join('(), ')}()`)
  }
  for (const method of methods) {
    if (typeof value[method] !== 'function') throw fail(`${option} has no method ${method}()`)
  }
  return value
}
