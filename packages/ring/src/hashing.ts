import xxhash, { type XXHashAPI } from 'xxhash-wasm'
import { type RingHash } from './core/hasher.ts'
import { keyData, type Key } from './core/key.ts'
import { pureSignedXxh32, signedXxh32String } from './core/xxh32.ts'

/**
 * From here on WebAssembly is the faster one. Measured on Node 20, x64, by `pnpm bench ring --only hashing`: ASCII crosses between 36 and 48
 * characters, bytes about 144. Text that is not ASCII is about even at 8 characters already, but to find that out costs as much as it saves.
 */
const LONG_STRING = 40
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
  hash: (data, seed) => signedXxh32(data, seed) >>> 0,
}

/**
 * Where a key stands, as a signed number: from 2^31 on an unsigned one goes to the heap whenever it is passed between functions. Lookups use this
 * and allocate nothing.
 * @throws A `RingError` with code `RING_INVALID_KEY` for a value that is no key.
 */
export function signedPosition(key: Key, { hash, seed }: { hash: RingHash; seed: number }): number {
  // Nearly every lookup, and so with as few calls between as can be: how much of them the engine inlines is a matter of luck.
  if (typeof key === 'string' && hash === xxh32 && key.length < LONG_STRING)
    return signedXxh32String(key, seed)
  const data = keyData(key)
  return hash === xxh32 ? signedXxh32(data, seed) : hash.hash(data, seed) | 0
}

function signedXxh32(data: string | Uint8Array, seed: number): number {
  const isText = typeof data === 'string'
  if (data.length >= (isText ? LONG_STRING : LONG_BYTES)) {
    if (wasm !== undefined) return (isText ? wasm.h32(data, seed) : wasm.h32Raw(data, seed)) | 0
    void whenFast()
  }
  return pureSignedXxh32(data, seed)
}

/**
 * Resolves once long keys are hashed by WebAssembly: `true`, or `false` where it can't be used. Nobody has to wait for it. O(1) after the first call.
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
