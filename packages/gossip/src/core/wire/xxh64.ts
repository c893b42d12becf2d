const MASK = 0xffff_ffff_ffff_ffffn
const PRIME_1 = 0x9e3779b185ebca87n
const PRIME_2 = 0xc2b2ae3d27d4eb4fn
const PRIME_3 = 0x165667b19e3779f9n
const PRIME_4 = 0x85ebca77c2b2ae63n
const PRIME_5 = 0x27d4eb2f165667c5n

/** Bytes that the four lanes take in one turn. */
const STRIPE_BYTES = 32

/**
 * XXH64 (Collet, specification 0.1.1) with seed 0: 64 well mixed bits, the same on every platform. In big integers, because it is computed once in a
 * core's life: clarity before speed.
 */
export function xxh64(bytes: Uint8Array): bigint {
  let at = 0
  let hash = PRIME_5
  if (bytes.length >= STRIPE_BYTES) {
    const lanes: [bigint, bigint, bigint, bigint] = [
      (PRIME_1 + PRIME_2) & MASK,
      PRIME_2,
      0n,
      (MASK + 1n - PRIME_1) & MASK,
    ]
    for (; at + STRIPE_BYTES <= bytes.length; at += STRIPE_BYTES) {
      lanes[0] = round(lanes[0], word(bytes, at, 8))
      lanes[1] = round(lanes[1], word(bytes, at + 8, 8))
      lanes[2] = round(lanes[2], word(bytes, at + 16, 8))
      lanes[3] = round(lanes[3], word(bytes, at + 24, 8))
    }
    hash =
      (rotate(lanes[0], 1n) + rotate(lanes[1], 7n) + rotate(lanes[2], 12n) + rotate(lanes[3], 18n)) & MASK
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * PRIME_1 + PRIME_4) & MASK
  }
  hash = (hash + BigInt(bytes.length)) & MASK
  return avalanche(mixTail(hash, bytes, at))
}

function mixTail(start: bigint, bytes: Uint8Array, from: number): bigint {
  let hash = start
  let at = from
  for (; at + 8 <= bytes.length; at += 8) {
    hash = (rotate(hash ^ round(0n, word(bytes, at, 8)), 27n) * PRIME_1 + PRIME_4) & MASK
  }
  if (at + 4 <= bytes.length) {
    hash = (rotate(hash ^ ((word(bytes, at, 4) * PRIME_1) & MASK), 23n) * PRIME_2 + PRIME_3) & MASK
    at += 4
  }
  for (; at < bytes.length; at++) {
    hash = (rotate(hash ^ ((word(bytes, at, 1) * PRIME_5) & MASK), 11n) * PRIME_1) & MASK
  }
  return hash
}

function round(lane: bigint, input: bigint): bigint {
  return (rotate((lane + input * PRIME_2) & MASK, 31n) * PRIME_1) & MASK
}

function avalanche(hash: bigint): bigint {
  let mixed = hash
  mixed = ((mixed ^ (mixed >> 33n)) * PRIME_2) & MASK
  mixed = ((mixed ^ (mixed >> 29n)) * PRIME_3) & MASK
  return mixed ^ (mixed >> 32n)
}

function rotate(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & MASK
}

/** The `size` bytes from `at` on, little endian. */
function word(bytes: Uint8Array, at: number, size: number): bigint {
  let value = 0n
  for (let index = size - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[at + index] ?? 0)
  return value
}
