import { createRandom } from '@colony/host'
import { requireRange, TestingError } from '../errors.ts'
import { environmentVariable } from './environment.ts'
import type { Seed } from './seed.ts'
import { parseSeed } from './seed.ts'

/**
 * What the environment says about every suite of a project; each member is one variable. A member is absent where its variable is not set, or empty.
 * @category Runner
 */
export interface RunEnvironment {
  /** `COLONY_SEED`: exactly these seeds, separated by commas: decimal, hexadecimal with `0x`, or any other text. */
  readonly seeds?: readonly Seed[]
  /** `COLONY_SEEDS`: how many seeds, 1 to 10^9, in place of the suite's own number. */
  readonly count?: number
  /**
   * `COLONY_BASE`: the first seed, in place of the suite's own: a number, or any text, which is made into one. CI sets it to the commit, so that each commit is tried with other
   * seeds and a failure can still be repeated.
   */
  readonly base?: number
  /** `COLONY_TIME`: after these seeds, go on with new ones for so many seconds of real time, 0 to 10^7. Here in milliseconds. */
  readonly timeMs?: number
  /** `COLONY_TRACE`: set to anything but `0`, what happens is recorded in each run, and saved also where nothing fails. */
  readonly trace: boolean
}

/**
 * Reads the environment: see {@link RunEnvironment}.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` that names the variable which is out of range.
 * @category Runner
 */
export function runEnvironment(): RunEnvironment {
  const seeds = environmentVariable('COLONY_SEED')
  const count = environmentVariable('COLONY_SEEDS')
  const base = environmentVariable('COLONY_BASE')
  const seconds = environmentVariable('COLONY_TIME')
  return {
    ...(seeds !== undefined && { seeds: seeds.split(',').map((text) => parseSeed(text.trim())) }),
    ...(count !== undefined && { count: requireWhole('COLONY_SEEDS', Number(count), 1, 1e9) }),
    ...(base !== undefined && { base: baseOf(base) }),
    ...(seconds !== undefined && { timeMs: requireRange('COLONY_TIME', Number(seconds), 0, 1e7) * 1000 }),
    trace: (environmentVariable('COLONY_TRACE') ?? '0') !== '0',
  }
}

/**
 * The number that seeds begin with for a commit, a date, or any other text: always the same for the same text, below 2^48. A number stays what it is.
 * @category Runner
 */
export function baseOf(text: string): number {
  const seed = parseSeed(text)
  if (typeof seed === 'number') return seed
  const random = createRandom(seed, 'base')
  return random.integer(0, 0xffffff) * 0x1000000 + random.integer(0, 0xffffff)
}

/** Throws unless `value` is a whole number from `min` to `max`. */
export function requireWhole(name: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value
  throw new TestingError(
    'TESTING_INVALID_OPTION',
    `${name} must be a whole number from ${min} to ${max}, not ${value}`,
  )
}
