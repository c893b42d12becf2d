import { createRandom } from '@colony/host'
import { describe, expect, test } from 'vitest'
import { formatHex } from '../../src/fuzz/index.ts'
import { lieInDigits, lieInFixed, lieInVarint } from '../../src/fuzz/length-lies.ts'
import { mutate } from '../../src/fuzz/mutation.ts'

const CORPUS = [Uint8Array.from({ length: 24 }, (_, at) => at), new TextEncoder().encode('{"n":12345,"m":7}')]
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

function many(make: (random: ReturnType<typeof createRandom>) => Uint8Array, count = 20_000): Uint8Array[] {
  const random = createRandom(1)
  return Array.from({ length: count }, () => make(random))
}

describe('mutations', () => {
  test('leave the corpus alone and keep to the longest length', () => {
    const before = CORPUS.map(formatHex)
    const sources = { corpus: CORPUS, refused: [], dictionary: [], maxBytes: 30 }
    const lengths = many((random) => mutate(random, sources)).map(({ length }) => length)
    expect(CORPUS.map(formatHex)).toEqual(before)
    expect(Math.max(...lengths)).toBe(30)
    expect(Math.min(...lengths)).toBe(0)
  })

  test('are of every kind', () => {
    const [plain = new Uint8Array(0)] = CORPUS
    const sources = {
      corpus: CORPUS,
      refused: [],
      dictionary: [new TextEncoder().encode('<>')],
      maxBytes: 1000,
    }
    const made = new Set(many((random) => mutate(random, sources), 60_000).map(formatHex))
    const hex = formatHex(plain)
    const kinds = {
      'a flipped bit': hex.replace(/^00/, '40'),
      'a byte set': hex.replace(/^00/, 'c0'),
      'cut short': hex.slice(0, 20),
      'a splice': hex.slice(0, 24) + formatHex(CORPUS[1] ?? plain),
      'a range twice': hex.slice(0, 4) + hex.slice(2),
      'a range left out': hex.slice(0, 10) + hex.slice(14),
      'a piece of the dictionary': `3c3e${hex}`,
    }
    expect([...made].some((other) => other.startsWith(hex) && other.length > hex.length + 30)).toBe(true)
    for (const [kind, expected] of Object.entries(kinds))
      expect([kind, made.has(expected)]).toEqual([kind, true])
  })
})

describe('lies about lengths', () => {
  const zeros = new Uint8Array(12)

  test('are written over the bytes in both orders and every size', () => {
    const made = new Set(many((random) => lieInFixed(random, zeros)).map(formatHex))
    for (const lie of ['ffffffff', 'feffffff', '7fffffff', 'ffffff7f', '00010000', '0000000c', '0d000000']) {
      expect([lie, [...made].some((hex) => hex.includes(lie))]).toEqual([lie, true])
    }
    expect([...made].some((hex) => hex.includes('ffffffffffffff7f'))).toBe(true)
    expect([...made].every((hex) => hex.length === 24)).toBe(true)
  })

  test('take the place of a varint, whatever its length, and may be longer than needed', () => {
    const bytes = Uint8Array.of(0x81, 0x82, 0x03, 0x55)
    const made = new Set(many((random) => lieInVarint(random, bytes)).map(formatHex))
    expect(made).toContain('ffffffff0f55')
    expect(made).toContain('ffffffffffffff0f55')
    expect(made).toContain('818280800155')
    expect([...made].some((hex) => /80(00)?55$/.test(hex) || hex.endsWith('810055'))).toBe(true)
  })

  test('take the place of decimal digits', () => {
    const made = new Set(many((random) => lieInDigits(random, CORPUS[1] ?? zeros)).map(text))
    expect(made).toContain('{"n":4294967296,"m":7}')
    expect(made).toContain('{"n":12345,"m":-128}')
    expect(made).toContain('{"n":9007199254740993,"m":7}')
  })

  test('of no bytes at all, or without digits, are possible too', () => {
    for (const lie of [lieInFixed, lieInVarint, lieInDigits]) {
      expect(() => many((random) => lie(random, new Uint8Array(0)), 500)).not.toThrow()
    }
  })
})
