/** Multiplier of the generator, 2862933555777941757, in halves. */
const HIGH = 0x27bb2ee6
const LOW = 0x87b0b0fd
const LOW_UPPER = LOW >>> 16
const LOW_LOWER = LOW & 0xffff

/**
 * Jump consistent hash (J. Lamping, E. Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm", 2014, figure 1) of a key of 64 bits in two
 * halves: 0 to `buckets` - 1. Its 64-bit generator is computed in 32-bit parts, exactly and without a BigInt. O(log buckets).
 */
export function jumpHash(high: number, low: number, buckets: number): number {
  let upper = high | 0
  let lower = low | 0
  let bucket = 0
  let next = 0
  while (next < buckets) {
    bucket = next
    // key = key × multiplier + 1 (mod 2^64); only `carried`, the upper half of lower × LOW, needs more than 32 bits on the way.
    const a = lower & 0xffff
    const b = lower >>> 16
    const middle = a * LOW_UPPER + b * LOW_LOWER + ((a * LOW_LOWER) >>> 16)
    const carried = b * LOW_UPPER + Math.floor(middle / 0x10000)
    upper = (carried + Math.imul(lower, HIGH) + Math.imul(upper, LOW)) | 0
    lower = (Math.imul(lower, LOW) + 1) | 0
    if (lower === 0) upper = (upper + 1) | 0
    next = Math.floor((bucket + 1) * (2 ** 31 / ((upper >>> 1) + 1)))
  }
  return bucket
}
