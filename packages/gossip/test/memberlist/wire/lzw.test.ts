import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { decompressLzw } from '../../../src/memberlist/wire/lzw.ts'
import { hex } from './collect.ts'
import { compressLzw } from './lzw-writer.ts'

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

describe('LZW', () => {
  it('reads what a code says that is only just being learned', () => {
    // clear, 'a', 258 (which is "aa", not known until now), end
    const codes = [256, 97, 258, 257]
    let bits = 0n
    codes.forEach((code, at) => (bits |= BigInt(code) << BigInt(9 * at)))
    const packed = bytes(bits.toString(16).padStart(10, '0')).reverse()
    expect(Buffer.from(decompressLzw(packed, 100) ?? []).toString()).toBe('aaa')
  })

  it('reads all widths of codes, and a table that is full and begun anew', () => {
    const random = createRandom('lzw')
    for (const [length, letters] of [
      [0, 1],
      [1, 1],
      [5_000, 1],
      [20_000, 4],
      [60_000, 256],
      [100_000, 20],
    ] as const) {
      const plain = Uint8Array.from({ length }, () => random.integer(0, letters - 1))
      expect(hex(decompressLzw(compressLzw(plain), length) ?? Uint8Array.of(1))).toBe(hex(plain))
    }
  })

  it('stops at its bound', () => {
    const packed = compressLzw(new Uint8Array(100_000))
    expect(packed.length).toBeLessThan(1_000)
    expect(decompressLzw(packed, 100_000)?.length).toBe(100_000)
    expect(decompressLzw(packed, 99_999)).toBeUndefined()
  })

  it('refuses what is cut off, or begins with a code that nothing has said', () => {
    const packed = compressLzw(Uint8Array.of(1, 2, 3))
    expect(decompressLzw(packed, 100)).toEqual(Uint8Array.of(1, 2, 3))
    expect(decompressLzw(packed.subarray(0, 3), 100)).toBeUndefined()
    expect(decompressLzw(new Uint8Array(0), 100)).toBeUndefined()
    expect(decompressLzw(bytes('000504'), 100)).toBeUndefined()
  })
})
