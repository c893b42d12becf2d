import xxhash, { type XXHashAPI } from 'xxhash-wasm'
import { type RingHash } from './core/hasher.ts'
import { xxh32Bytes, xxh32String } from './core/xxh32.ts'

/**
 * From here on WebAssembly is the faster one. Measured on Node 20, x64, in nanoseconds, TypeScript / WebAssembly: ASCII of 16 characters 44 / 78, 24: 92 / 83,
 * 36: 101 / 87, 64: 155 / 92; bytes 64: 54 / 93, 128: 89 / 105, 160: 107 / 102. Text that is not ASCII is about even at 8 characters already,
 * but to find that out costs as much as it saves.
 */
const LONG_STRING = 28
const LONG_BYTES = 144

let wasm: XXHashAPI | undefined
let ready: Promise<boolean> | undefined

/**
 * XXH32, the default. Short keys are hashed in TypeScript, long ones by xxhash-wasm as soon as it is ready: the first long key starts
 * to load it (nothing runs at import), and until then, or where WebAssembly is forbidden, TypeScript serves those as well. Both give the
 * same numbers, so nobody notices but the clock.
 * @category Keys
 */
export const xxh32: RingHash = {
  name: 'xxh32',
  hash(data, seed) {
    if (typeof data === 'string') {
      return data.length < LONG_STRING ? xxh32String(data, seed) : longString(data, seed)
    }
    return data.length < LONG_BYTES ? xxh32Bytes(data, seed) : longBytes(data, seed)
  },
}

function longString(text: string, seed: number): number {
  if (wasm !== undefined) return wasm.h32(text, seed)
  void whenFast()
  return xxh32String(text, seed)
}

function longBytes(bytes: Uint8Array, seed: number): number {
  if (wasm !== undefined) return wasm.h32Raw(bytes, seed)
  void whenFast()
  return xxh32Bytes(bytes, seed)
}

/**
 * Resolves once long keys are hashed by WebAssembly: `true`, or `false` where it can't be used. Nobody has to wait for it.
 * @category Keys
 */
export function whenFast(): Promise<boolean> {
  ready ??= load()
  return ready
}

async function load(): Promise<boolean> {
  try {
    wasm = await xxhash()
    return true
  } catch {
    // Without WebAssembly (a content security policy, an old runtime) everything works, only slower for long keys.
    return false
  }
}
