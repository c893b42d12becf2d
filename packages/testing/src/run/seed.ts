import { TestingError } from '../errors.ts'

/**
 * What a simulation is repeated with: a whole number from 0 to 2^53 - 1, or any text (a commit hash, say).
 * @category Runner
 */
export type Seed = number | string

const DIGITS = /^(?:0x[0-9a-f]{1,14}|[0-9]{1,16})$/i

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

/** The seed after another: the next number, or the same text with the next number behind it. */
export function nextSeed(seed: Seed): Seed {
  if (typeof seed === 'number') return seed + 1
  const [, text = seed, number = '0'] = /^(.*)\+(\d{1,15})$/s.exec(seed) ?? []
  return `${text}+${Number(number) + 1}`
}
