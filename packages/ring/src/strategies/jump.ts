import { jumpHash } from '../core/jump.ts'
import { keyData, type Key } from '../core/key.ts'
import { xxh32 } from '../hashing.ts'
import { requireWhole } from '../core/options.ts'
import { resolveHashing } from '../ring-options.ts'
import type { ResolvedStrategy, StrategyOptions } from './strategy-options.ts'

/** Sets the seed of the second hash apart from the first. */
const OTHER_SEED = 0x9e3779b9

/**
 * Jump consistent hashing: the number of a key's bucket, 0 to `buckets` - 1, for shards that are numbered and only ever added or removed at the
 * end. Stores nothing, spreads keys perfectly evenly, and from n to n + 1 buckets moves exactly 1/(n + 1) of them, all to the new one. A bucket
 * in the middle cannot be removed and there are no weights: for those take {@link createRendezvous} or {@link createPartitions}.
 *
 * The key's 64 bits are two hashes of it with different seeds. O(length of the key + log buckets).
 * @param buckets - A whole number from 1 to 2^31 - 1.
 * @throws A `RingError`: `RING_INVALID_OPTION`, `RING_INVALID_KEY`.
 * @category Strategies
 */
export function jump(key: Key, buckets: number, options?: StrategyOptions): number {
  requireWhole('buckets', buckets, 1, 2 ** 31 - 1)
  const { seed, hash } = options === undefined ? DEFAULTS : resolveHashing('jump', options)
  const data = keyData(key)
  return jumpHash(hash.hash(data, seed), hash.hash(data, (seed ^ OTHER_SEED) >>> 0), buckets)
}

const DEFAULTS: ResolvedStrategy = { seed: 0, hash: xxh32 }
