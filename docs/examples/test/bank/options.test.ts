import { describe, expect, it } from 'vitest'
import { OptionError, parseOptions } from '../../src/bank/options.ts'

describe('parseOptions', () => {
  it('has defaults, and another seed each time', () => {
    const options = parseOptions([])
    expect(options).toMatchObject({ seconds: 25, nodes: 5, json: false })
    expect(parseOptions([])?.seed).not.toBe(options?.seed)
  })

  it('takes what is given, also behind the dashes of a package manager', () => {
    const args = ['--seconds', '10', '--nodes=3', '--seed', '0', '--json']
    const expected = { seconds: 10, nodes: 3, seed: 0, json: true }
    expect(parseOptions(args)).toEqual(expected)
    expect(parseOptions(['--', ...args])).toEqual(expected)
  })

  it('asks for help', () => {
    expect(parseOptions(['--help'])).toBeUndefined()
    expect(parseOptions(['-h', '--seconds', '10'])).toBeUndefined()
  })

  it.each([
    [['--seconds', '7'], "--seconds must be a whole number from 8 to 120, not '7'"],
    [['--seconds', '1e2'], '--seconds must be a whole number'],
    [['--seconds', '12.5'], '--seconds must be a whole number'],
    [['--seconds='], '--seconds must be a whole number'],
    [['--nodes', '2'], "--nodes must be a whole number from 3 to 9, not '2'"],
    [['--nodes', '10'], '--nodes must be a whole number'],
    [['--seed', '-1'], '--seed'],
    [['--seed', '4294967296'], '--seed must be a whole number from 0 to 4294967295'],
    [['--speed', '3'], '--speed'],
    [['fast'], 'fast'],
    [['--json=yes'], '--json'],
  ])('refuses %o by name and range', (args, message) => {
    expect(() => parseOptions(args)).toThrow(OptionError)
    expect(() => parseOptions(args)).toThrow(message)
  })
})
