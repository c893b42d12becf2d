import xxhash, { type XXHashAPI } from 'xxhash-wasm'
import { type RingHash } from './core/hasher.ts'
import { xxh32Bytes, xxh32String } from './core/xxh32.ts'

/** From here on the call into WebAssembly costs less than it saves; measured with `pnpm bench ring`. */
const LONG_STRING = 64
const LONG_BYTES = 96

let wasm: XXHashAPI | undefined
let loading = false

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
  load()
  return xxh32String(text, seed)
}

function longBytes(bytes: Uint8Array, seed: number): number {
  if (wasm !== undefined) return wasm.h32Raw(bytes, seed)
  load()
  return xxh32Bytes(bytes, seed)
}

function load(): void {
  if (loading) return
  loading = true
  void whenFast()
}

/**
 * Resolves once long keys are hashed by WebAssembly: `true`, or `false` where it can't be used. Nobody has to wait for it.
 * @category Keys
 */
export async function whenFast(): Promise<boolean> {
  loading = true
  try {
    wasm ??= await xxhash()
    return true
  } catch {
    // Without WebAssembly (a content security policy, an old runtime) everything works, only slower for long keys.
    return false
  }
}
