import { pureSignedXxh32 } from './xxh32.ts'

/**
 * A hash function for keys and points. It must give the same number for the same input in every process, spread well over all 32 bits, and
 * give a string the hash of its UTF-8 bytes, so that a key has one place whatever form it comes in.
 * @category Keys
 */
export interface RingHash {
  /** Goes into the fingerprint: two processes with functions of different names never agree. */
  readonly name: string
  /** A whole number from 0 to 2^32 - 1. Called for every lookup, so it must be synchronous and should allocate nothing. */
  hash(data: string | Uint8Array, seed: number): number
}

/** XXH32 in TypeScript, for any length. */
export const pureXxh32: RingHash = {
  name: 'xxh32',
  hash: (data, seed) => pureSignedXxh32(data, seed) >>> 0,
}
