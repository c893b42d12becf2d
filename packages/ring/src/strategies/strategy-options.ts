import type { RingHash } from '../core/hasher.ts'

/**
 * What every strategy but the ring itself has in common. All of it must be the same in every process.
 * @category Strategies
 */
export interface StrategyOptions {
  /** Of the hash function. A whole number from 0 to 2^32 - 1, default 0. */
  readonly seed?: number
  /** Default: `xxh32`. */
  readonly hash?: RingHash
}

/** The common options with every default filled in. */
export interface ResolvedStrategy {
  readonly seed: number
  readonly hash: RingHash
}
