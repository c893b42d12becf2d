import { TestingError } from '../errors.ts'
import { environmentVariable } from './environment.ts'

/**
 * What a simulation is repeated with: a whole number from 0 to 2^53 - 1, or any text (a commit hash, say).
 * @category Runner
 */
export type Seed = number | string

/**
 * Which seeds to run when the environment does not say.
 * @category Runner
 */
export interface SeedOptions {
  /** How many, 1 to 10^9. Default 1. */
  readonly count?: number
  /** The first; the others follow by counting up. A whole number from 0 to 2^53 - 1. Default 1. */
  readonly base?: number
}

const DIGITS = /^(?:0x[0-9a-f]{1,14}|[0-9]{1,16})$/i

/**
 * The seeds that a suite should run. The environment decides first, the same way in every suite:
 *
 * - `COLONY_SEED`: exactly these seeds, separated by commas: decimal, hexadecimal with `0x`, or any other text.
 * - `COLONY_SEEDS`: how many, from `base` on, in place of `count`.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` when an option or a variable is out of range.
 * @category Runner
 */
export function seedsFromEnvironment(options: SeedOptions = {}): readonly Seed[] {
  const chosen = environmentVariable('COLONY_SEED')
  if (chosen !== undefined) return chosen.split(',').map((text) => parseSeed(text.trim()))
  const base = wholeNumber('base', options.base ?? 1, 0, Number.MAX_SAFE_INTEGER)
  const wanted = environmentVariable('COLONY_SEEDS')
  const count = wanted === undefined ? (options.count ?? 1) : Number(wanted)
  const length = wholeNumber(wanted === undefined ? 'count' : 'COLONY_SEEDS', count, 1, 1e9)
  return Array.from({ length }, (_, place) => base + place)
}

/**
 * A seed of its text: what {@link formatSeed} wrote, a decimal number, or any other text as it is.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for empty text.
 * @category Runner
 */
export function parseSeed(text: string): Seed {
  if (text === '') throw new TestingError('TESTING_INVALID_OPTION', 'a seed must not be empty')
  if (!DIGITS.test(text)) return text
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : text
}

/**
 * How a seed is written: numbers in hexadecimal with `0x`, text as it is.
 * @category Runner
 */
export function formatSeed(seed: Seed): string {
  return typeof seed === 'number' ? `0x${seed.toString(16)}` : seed
}

function wholeNumber(name: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value
  throw new TestingError(
    'TESTING_INVALID_OPTION',
    `${name} must be a whole number from ${min} to ${max}, not ${value}`,
  )
}
