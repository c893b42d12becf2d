/** Fibonacci hashing's constant (Knuth, 6.4): the golden ratio in 32 bits. */
const GOLDEN = 0x9e37_79b9

/** The finaliser of MurmurHash3 (Appleby): every input bit flips every output bit with probability near one half. */
function avalanche(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** Takes a whole number from 0 to 2^53 - 1 into a hash of 32 bits. */
export function hashNumber(seed: number, value: number): number {
  const low = value >>> 0
  const high = Math.floor(value / 0x1_0000_0000)
  return avalanche(Math.imul(avalanche(seed ^ low), GOLDEN) ^ (high + GOLDEN))
}

/** Takes a text into a hash of 32 bits. */
export function hashText(seed: number, text: string): number {
  let hash = seed ^ text.length
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x5bd1_e995)
    hash ^= hash >>> 15
  }
  return avalanche(hash ^ GOLDEN)
}

/** Names of members and keys of shared values are hashed apart: a key may be spelled like a member. */
const MEMBER_SEED = 0x6d65_6d62
const SHARED_SEED = 0x7368_6172

/** Where a member belongs, among all that two nodes compare. */
export function memberPlace(id: string): number {
  return hashText(MEMBER_SEED, id)
}

/** Where a shared value belongs. */
export function sharedPlace(key: string): number {
  return hashText(SHARED_SEED, key)
}
