import { RingError } from './ring-error.ts'

/** Refuses options of any other name: one that is misspelt would go unnoticed. @throws A {@link RingError} with code `RING_INVALID_OPTION`. */
export function requireKnown(what: string, options: object, names: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!names.includes(name))
      throw invalidOption(`${name} is no option of ${what}; there are ${names.join(', ')}`)
  }
}

/** Passes a whole number within its range. @throws A {@link RingError} with code `RING_INVALID_OPTION`. */
export function requireWhole(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw invalidOption(`${option} must be a whole number from ${least} to ${most}, not ${String(value)}`)
}

/** Says what is wrong with an option. */
export function invalidOption(message: string): RingError {
  return new RingError('RING_INVALID_OPTION', message)
}
