import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isWellFormed, readUtf8, utf8Length, writeUtf8 } from '../../src/core/utf8.ts'

/** Strings of any code units: lone surrogates, pairs, control characters, long runs. */
const anyText = fc.oneof(
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    .map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.constantFrom('\ud83d', '\ude00', 'a', 'é', '€', '\uffff', '\udbff\udfff'), { maxLength: 40 })
    .map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
)

/** Bytes that are nearly UTF-8, where random ones would fail at the first look. */
const nearlyUtf8 = fc
  .tuple(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.nat(), fc.nat(255))
  .map(([text, at, byte]) => {
    const bytes = new TextEncoder().encode(text)
    if (bytes.length > 0) bytes[at % bytes.length] = byte
    return bytes
  })

function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text))
  expect(writeUtf8(bytes, 0, text)).toBe(bytes.length)
  return bytes
}

function decodeStrictly(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

describe('utf8', () => {
  it('writes what TextEncoder writes, lone surrogates included', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(encode(text)).toEqual(new TextEncoder().encode(text))
      }),
      { numRuns: 1000 },
    )
  })

  it('accepts and refuses what a strict TextDecoder does', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 12 }), nearlyUtf8), (bytes) => {
        expect(readUtf8(bytes, 0, bytes.length)).toBe(decodeStrictly(bytes))
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['an over-long slash', [0xc0, 0xaf]],
    ['an over-long slash in three bytes', [0xe0, 0x80, 0xaf]],
    ['an over-long slash in four bytes', [0xf0, 0x80, 0x80, 0xaf]],
    ['the last over-long form in three bytes', [0xe0, 0x9f, 0xbf]],
    ['the last over-long form in four bytes', [0xf0, 0x8f, 0xbf, 0xbf]],
    ['the first surrogate', [0xed, 0xa0, 0x80]],
    ['the last surrogate', [0xed, 0xbf, 0xbf]],
    ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a stray continuation', [0x41, 0x80]],
    ['a sequence cut short', [0xe2, 0x82]],
    ['0xff', [0xff]],
  ])('refuses %s', (_name, bytes) => {
    expect(readUtf8(Uint8Array.from(bytes), 0, bytes.length)).toBeUndefined()
  })

  it('reads the code points at the ends of every length', () => {
    for (const point of [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff]) {
      const text = String.fromCodePoint(point)
      const bytes = encode(text)
      expect(bytes).toEqual(new TextEncoder().encode(text))
      expect(readUtf8(bytes, 0, bytes.length)).toBe(text)
    }
  })

  it('keeps a byte order mark and reads only the given range', () => {
    const bytes = new TextEncoder().encode('x\ufeffa€y')
    expect(readUtf8(bytes, 1, bytes.length - 1)).toBe('\ufeffa€')
    expect(readUtf8(bytes, 1, bytes.length - 2)).toBeUndefined()
  })

  it('reads long strings, across its chunks', () => {
    for (const text of ['a'.repeat(10_000), 'é€😀'.repeat(3_000), `${'a'.repeat(5_000)}😀`]) {
      const bytes = new TextEncoder().encode(text)
      expect(readUtf8(bytes, 0, bytes.length)).toBe(text)
    }
  })

  it('knows well-formed strings', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(isWellFormed(text)).toBe(
          new TextDecoder().decode(new TextEncoder().encode(`.${text}`)) === `.${text}`,
        )
      }),
    )
  })
})
