import type xxhash from 'xxhash-wasm'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type * as hashing from '../src/hashing.ts'
import { pureXxh32 } from '../src/core/hasher.ts'
import { randomTexts, randomWords } from './random-texts.ts'

const encoder = new TextEncoder()
const calls = { h32: 0, h32Raw: 0, loads: 0 }
let available = true

vi.mock('xxhash-wasm', async (original) => {
  const { default: load } = await original<{ default: typeof xxhash }>()
  return {
    default: async () => {
      calls.loads++
      if (!available) throw new WebAssembly.CompileError('refused by a content security policy')
      const api = await load()
      return {
        ...api,
        h32: (text: string, seed?: number) => (calls.h32++, api.h32(text, seed)),
        h32Raw: (bytes: Uint8Array, seed?: number) => (calls.h32Raw++, api.h32Raw(bytes, seed)),
      }
    },
  }
})

/** The module as a process finds it that has just begun. */
async function fresh(): Promise<typeof hashing> {
  vi.resetModules()
  return await import('../src/hashing.ts')
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

beforeEach(() => {
  available = true
  Object.assign(calls, { h32: 0, h32Raw: 0, loads: 0 })
})

describe('the default hash', () => {
  it('gives the same numbers before WebAssembly is ready and after', async () => {
    const { xxh32, whenFast } = await fresh()
    const texts = [...randomTexts(6000, randomWords(11)), 'é'.repeat(5000)]
    const hash = (): number[] =>
      texts.flatMap((text) => [xxh32.hash(text, 0xffffffff), xxh32.hash(encoder.encode(text), 0xffffffff)])
    const before = hash()
    expect([calls.h32, calls.h32Raw]).toEqual([0, 0])
    expect(await whenFast()).toBe(true)
    expect(hash()).toEqual(before)
    expect(calls.h32).toBeGreaterThan(1000)
    expect(calls.h32Raw).toBeGreaterThan(1000)
    expect(before).toEqual(
      texts.flatMap((text) => [
        pureXxh32.hash(text, 0xffffffff),
        pureXxh32.hash(encoder.encode(text), 0xffffffff),
      ]),
    )
    expect(xxh32.name).toBe('xxh32')
  })

  it('loads nothing for short keys, and for long ones once', async () => {
    const { xxh32, whenFast } = await fresh()
    xxh32.hash('user:42', 0)
    xxh32.hash(encoder.encode('user:42'), 0)
    expect(calls.loads).toBe(0)
    for (let time = 0; time < 3; time++) xxh32.hash('k'.repeat(300), 0)
    xxh32.hash(new Uint8Array(300), 0)
    expect(calls.loads).toBe(1)
    await turn()
    await whenFast()
    xxh32.hash('k'.repeat(300), 0)
    expect([calls.loads, calls.h32]).toEqual([1, 1])
  })

  it('never asks WebAssembly about a short key', async () => {
    const { xxh32, whenFast } = await fresh()
    await whenFast()
    xxh32.hash('0190a1b2-c3d4-7e5f', 0)
    xxh32.hash(new Uint8Array(16), 0)
    expect([calls.h32, calls.h32Raw]).toEqual([0, 0])
  })

  it('works without WebAssembly', async () => {
    available = false
    const { xxh32, whenFast } = await fresh()
    const long = 'k'.repeat(300)
    expect(xxh32.hash(long, 1)).toBe(pureXxh32.hash(long, 1))
    await turn()
    expect(await whenFast()).toBe(false)
    expect(xxh32.hash(long, 1)).toBe(pureXxh32.hash(long, 1))
    expect(xxh32.hash(encoder.encode(long), 1)).toBe(pureXxh32.hash(long, 1))
  })
})
