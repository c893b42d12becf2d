import xxhash from 'xxhash-wasm'
import { describe, expect, it } from 'vitest'
import { pureXxh32 } from '../../src/core/hasher.ts'
import { randomTexts, randomWords } from '../random-texts.ts'

const encoder = new TextEncoder()
const SEEDS = [0, 1, 0x9e3779b1, 0x7fffffff, 0x80000000, 0xffffffff]

/** The bytes that the reference implementation checks itself with: a multiplicative generator, its high byte. */
function sanityBytes(length: number): Uint8Array {
  const prime = 2654435761n
  const bytes = new Uint8Array(length)
  let state = prime
  for (let at = 0; at < length; at++) {
    bytes[at] = Number(state >> 24n)
    state = (state * state) & 0xffffffffn
  }
  return bytes
}

describe('XXH32', () => {
  // Of the reference implementation's self-test.
  it.each([
    [0, 0, 0x02cc5d05],
    [0, 0x9e3779b1, 0x36b78ae7],
    [1, 0, 0xb85cbee5],
    [1, 0x9e3779b1, 0xd5845d64],
    [14, 0, 0xe5aa0ab4],
    [14, 0x9e3779b1, 0x4481951d],
    [101, 0, 0x1f1aa412],
    [101, 0x9e3779b1, 0x498ec8e2],
  ])('of %i bytes with seed %i', (length, seed, expected) => {
    expect(pureXxh32.hash(sanityBytes(length), seed)).toBe(expected)
  })

  it.each([
    ['', 0x02cc5d05],
    ['a', 0x550d7456],
    ['abc', 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ])('of %j', (text, expected) => {
    expect(pureXxh32.hash(text, 0)).toBe(expected)
    expect(pureXxh32.hash(encoder.encode(text), 0)).toBe(expected)
  })

  it('takes half a surrogate pair for U+FFFD', () => {
    for (const [broken, mended] of [
      ['\ud800', '\ufffd'],
      ['\udc00', '\ufffd'],
      ['a\udfffb', 'a\ufffdb'],
      ['\ud83d\ud83d\ude00', '\ufffd\u{1F600}'],
      ['\ude00\ud83d', '\ufffd\ufffd'],
      [`${'x'.repeat(40)}\ud800`, `${'x'.repeat(40)}\ufffd`],
    ] as const) {
      expect(pureXxh32.hash(broken, 7)).toBe(pureXxh32.hash(mended, 7))
      expect(pureXxh32.hash(broken, 7)).toBe(pureXxh32.hash(encoder.encode(mended), 7))
    }
  })

  it('reads views where they begin, and buffers', () => {
    const whole = sanityBytes(120)
    for (const [from, to] of [
      [0, 120],
      [3, 3],
      [1, 50],
      [17, 118],
    ] as const) {
      const expected = pureXxh32.hash(Uint8Array.from(whole.slice(from, to)), 5)
      expect(pureXxh32.hash(whole.subarray(from, to), 5)).toBe(expected)
      expect(pureXxh32.hash(Buffer.from(whole.buffer, from, to - from), 5)).toBe(expected)
    }
  })

  it('is what xxhash-wasm computes, for a million random strings', async () => {
    const { h32, h32Raw } = await xxhash()
    const buffer = new Uint8Array(1024)
    let different = 0
    let at = 0
    for (const text of randomTexts(1_000_000, randomWords(2026))) {
      const seed = SEEDS[at++ % SEEDS.length] as number
      const bytes = buffer.subarray(0, encoder.encodeInto(text, buffer).written)
      const expected = h32Raw(bytes, seed)
      if (pureXxh32.hash(text, seed) !== expected) different++
      // An eighth is enough for bytes, which have no cases, and for wasm's own way with strings.
      if ((at & 7) === 0 && (pureXxh32.hash(bytes, seed) !== expected || h32(text, seed) !== expected))
        different++
    }
    expect([at, different]).toEqual([1_000_000, 0])
  }, 60_000)

  it('has a form for any length', () => {
    expect(pureXxh32.hash('a', 0)).toBe(0x550d7456)
    expect(pureXxh32.hash(encoder.encode('a'.repeat(500)), 3)).toBe(pureXxh32.hash('a'.repeat(500), 3))
  })
})
