import type { RingHash } from './core/hasher.ts'
import type { Overrides } from './core/overrides.ts'
import { invalidOption, requireKnown, requireWhole } from './core/options.ts'
import { xxh32 } from './hashing.ts'

/**
 * How a ring places keys. All of it must be the same in every process; `fingerprint` tells.
 * @category Ring
 */
export interface RingOptions {
  /**
   * Points per unit of weight. More spread keys more evenly (the shares of equal nodes vary by about 1/√vnodes) and take longer to build. 1 to
   * 65,536, default 160: shares within about 8 %.
   */
  readonly vnodes?: number
  /** Of the hash function. A whole number from 0 to 2^32 - 1, default 0. */
  readonly seed?: number
  /** Default: {@link xxh32}. */
  readonly hash?: RingHash
  /** Keys placed by name. Default: none. */
  readonly overrides?: Overrides
}

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly vnodes: number
  readonly seed: number
  readonly hash: RingHash
}

/** Fills in defaults. @throws A {@link RingError} with code `RING_INVALID_OPTION`. */
export function resolveOptions(options: RingOptions): ResolvedOptions {
  const { vnodes = 160 } = options
  requireWhole('vnodes', vnodes, 1, 65_536)
  return { vnodes, ...resolveHashing('a ring', options, ['vnodes', 'overrides']) }
}

/**
 * What all strategies have in common, with every default filled in; `strategy` and the names of its own options are for the message.
 * @throws A {@link RingError} with code `RING_INVALID_OPTION`.
 */
export function resolveHashing(
  strategy: string,
  options: { readonly seed?: number; readonly hash?: RingHash },
  own: readonly string[] = [],
): { readonly seed: number; readonly hash: RingHash } {
  requireKnown(strategy, options, ['seed', 'hash', ...own])
  const { seed = 0, hash = xxh32 } = options
  requireWhole('seed', seed, 0, 2 ** 32 - 1)
  if (typeof hash?.name !== 'string' || typeof hash.hash !== 'function') {
    throw invalidOption('hash must have a name and a function hash(data, seed)')
  }
  return { seed, hash }
}
