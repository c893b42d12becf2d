import { afterEach, describe, expect, test, vi } from 'vitest'
import { formatHex, fuzzFromEnvironment, parseHex } from '../../src/fuzz/index.ts'
import { minimise } from '../../src/fuzz/minimise.ts'
import { sameStructure } from '../../src/fuzz/same-structure.ts'
import { describeShape } from '../../src/fuzz/value-shape.ts'

describe('fuzzFromEnvironment', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  test('takes what the test says, unless the environment says otherwise', () => {
    for (const name of ['COLONY_FUZZ', 'COLONY_SEED', 'COLONY_FUZZ_INPUT']) vi.stubEnv(name, '')
    expect(fuzzFromEnvironment()).toEqual({ seed: 1, inputs: 2000 })
    expect(fuzzFromEnvironment({ seed: 5, inputs: 9 })).toEqual({ seed: 5, inputs: 9 })
    vi.stubEnv('COLONY_FUZZ', '1000000')
    vi.stubEnv('COLONY_SEED', '0x1f, 7')
    vi.stubEnv('COLONY_FUZZ_INPUT', '00fF')
    const only = Uint8Array.of(0, 255)
    expect(fuzzFromEnvironment({ seed: 5 })).toEqual({ seed: 31, inputs: 1_000_000, only })
    vi.stubEnv('COLONY_FUZZ_INPUT', 'empty')
    expect(fuzzFromEnvironment().only).toEqual(new Uint8Array(0))
  })

  test('refuses what it cannot read', () => {
    vi.stubEnv('COLONY_FUZZ', 'many')
    expect(() => fuzzFromEnvironment()).toThrow('COLONY_FUZZ')
    vi.stubEnv('COLONY_FUZZ', '10')
    vi.stubEnv('COLONY_FUZZ_INPUT', 'abc')
    expect(() => fuzzFromEnvironment()).toThrow('hexadecimal')
  })
})

test('hexadecimal comes back', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, at) => at)
  expect(parseHex(formatHex(bytes))).toEqual(bytes)
  expect(() => parseHex('0g')).toThrow('hexadecimal')
})

describe('minimise', () => {
  const has =
    (...wanted: number[]) =>
    async (bytes: Uint8Array): Promise<boolean> =>
      await Promise.resolve(wanted.every((byte) => bytes.includes(byte)))

  test('leaves what matters, however far apart, and zeros for what only takes up room', async () => {
    const input = Uint8Array.from({ length: 300 }, (_, at) => (at % 250) + 1)
    const both = await minimise(input, has(3, 200), 5000, 1e6)
    expect([both.length, new Set(both)]).toEqual([2, new Set([3, 200])])
    const long = async (bytes: Uint8Array): Promise<boolean> => (await has(9)(bytes)) && bytes.length >= 4
    const least = await minimise(input, long, 5000, 1e6)
    expect([...least].filter((byte) => byte !== 0)).toEqual([9])
    expect(least).toHaveLength(4)
  })

  test('empties fields together with their lengths', async () => {
    const field = (length: number): number[] => [length & 0x7f, ...new Array<number>(length).fill(5)]
    const ends = async (bytes: Uint8Array): Promise<boolean> => {
      let at = 0
      for (let fields = 0; fields < 2; fields++) at += 1 + (bytes[at] ?? 1e9)
      return await Promise.resolve(bytes[at] === 0xfe && at === bytes.length - 1)
    }
    const input = Uint8Array.of(...field(100), ...field(27), 0xfe)
    expect(await ends(input)).toBe(true)
    expect([...(await minimise(input, ends, 5000, 1e6))]).toEqual([0, 0, 0xfe])
  })

  test('asks no more often than it may', async () => {
    let asked = 0
    const count = async (): Promise<boolean> => await Promise.resolve(++asked < 0)
    const input = new Uint8Array(500).fill(1)
    expect(await minimise(input, count, 50, 1e6)).toEqual(input)
    expect(asked).toBe(50)
    expect(await minimise(input, count, 50, -1)).toEqual(input)
    expect(asked).toBe(50)
  })
})

describe('sameStructure', () => {
  class Point {
    readonly x = 1
  }
  test.each<[unknown, unknown, boolean]>([
    [{ a: [1, { b: Number.NaN }] }, { a: [1, { b: Number.NaN }] }, true],
    [{ a: 1 }, { b: 1 }, false],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: undefined }, {}, false],
    [[1, 2], [1, 3], false],
    [[1], { 0: 1 }, false],
    [Uint8Array.of(1), Buffer.of(1), true],
    [Uint8Array.of(1), Uint8Array.of(2), false],
    [Uint8Array.of(1), [1], false],
    [new Map([[1, { a: 1 }]]), new Map([[1, { a: 1 }]]), true],
    [new Map([[1, 2]]), new Map([[1, 3]]), false],
    [new Set([1]), new Set([1]), true],
    [new Point(), { x: 1 }, false],
    [null, {}, false],
    ['1', 1, false],
    [-0, 0, true],
  ])('%o and %o: %s', (one, other, same) => {
    expect(sameStructure(one, other)).toBe(same)
    expect(sameStructure(other, one)).toBe(same)
  })
})

test('a shape tells structures apart, not data', () => {
  const shape = describeShape({ type: 'append', term: 7, data: Uint8Array.of(1), entries: [{ term: 1 }] })
  expect(describeShape({ type: 'append', term: 9, data: Uint8Array.of(2, 3), entries: [{ term: 3 }] })).toBe(
    shape,
  )
  const others = [
    { type: 'vote', term: 7, data: Uint8Array.of(1), entries: [{ term: 1 }] },
    { type: 'append', term: 2 ** 40, data: Uint8Array.of(1), entries: [{ term: 1 }] },
    { type: 'append', term: 7, data: new Uint8Array(0), entries: [{ term: 1 }] },
    { type: 'append', term: 7, data: Uint8Array.of(1), entries: [] },
    { type: 'append', term: 7, data: Uint8Array.of(1) },
  ]
  for (const other of others) expect(describeShape(other)).not.toBe(shape)
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  expect(describeShape(cycle)).toContain('…')
})
