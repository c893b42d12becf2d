import { describe, expect, it } from 'vitest'
import {
  requireDuration,
  requireInteger,
  requireMethods,
  requireName,
  requireOneOf,
  showValue,
} from '../../src/core/validate.ts'

class Refused extends Error {}
const fail = (message: string): Error => new Refused(message)

describe('option checks', () => {
  it('let good values pass', () => {
    expect(requireInteger(fail, 'n', 1, 1, 5)).toBe(1)
    expect(requireInteger(fail, 'n', 5, 1, 5)).toBe(5)
    expect(requireDuration(fail, 'ms', 0.5, 0.5, 10)).toBe(0.5)
    expect(requireName(fail, 'id', 'é'.repeat(127))).toHaveLength(127)
    expect(requireOneOf(fail, 'mode', 'b', ['a', 'b'])).toBe('b')
    const clock = { now: () => 0 }
    expect(requireMethods(fail, 'clock', clock, ['now'])).toBe(clock)
  })

  it.each([
    [() => requireInteger(fail, 'n', 0, 1, 5), 'n must be a whole number from 1 to 5, not 0'],
    [() => requireInteger(fail, 'n', 6, 1, 5), 'not 6'],
    [() => requireInteger(fail, 'n', 1.5, 1, 5), 'not 1.5'],
    [() => requireInteger(fail, 'n', '3', 1, 5), 'not "3"'],
    [() => requireInteger(fail, 'n', undefined, 1, 5), 'not undefined'],
    [
      () => requireDuration(fail, 'ms', Number.NaN, 1, 5),
      'ms must be a number of milliseconds from 1 to 5, not NaN',
    ],
    [() => requireDuration(fail, 'ms', 5.1, 1, 5), 'not 5.1'],
    [() => requireName(fail, 'id', ''), 'id must be a string of 1 to 255 bytes of well-formed UTF-8, not ""'],
    [() => requireName(fail, 'id', 'é'.repeat(128)), 'id must be'],
    [() => requireName(fail, 'id', 'a\ud800'), 'id must be'],
    [() => requireName(fail, 'id', 7n), 'not 7n'],
    [() => requireOneOf(fail, 'mode', 'c', ['a', 'b']), 'mode must be one of "a", "b", not "c"'],
    [() => requireMethods(fail, 'clock', { now: 1 }, ['now']), 'clock has no method now()'],
    [() => requireMethods(fail, 'clock', null as unknown as { now(): void }, ['now']), 'not null'],
  ])('refuse with a message that says what is allowed: %#', (check, message) => {
    expect(check).toThrow(Refused)
    expect(check).toThrow(message)
  })

  it('show any value in short', () => {
    const shown = [Symbol('s'), () => 0, {}, [], [1, 2], null, 'x'.repeat(500), Object.create(null)].map(
      showValue,
    )
    expect(shown.slice(0, 6)).toEqual([
      'Symbol(s)',
      'a function',
      'an object',
      'an empty array',
      'an array of 2',
      'null',
    ])
    for (const text of shown) expect(text.length).toBeLessThan(70)
  })
})
