import type { RingHash } from '../core/hasher.ts'
import { RingError } from '../core/ring-error.ts'
import { xxh32 } from '../hashing.ts'
import { requireWhole } from '../ring-options.ts'

/**
 * What every strategy but the ring itself has in common. All of it must be the same in every process.
 * @category Strategies
 */
export interface StrategyOptions {
  /** Of the hash function. A whole number from 0 to 2^32 - 1, default 0. */
  readonly seed?: number
  /** Default: {@link xxh32}. */
  readonly hash?: RingHash
}

/** The common options with every default filled in. */
export interface ResolvedStrategy {
  readonly seed: number
  readonly hash: RingHash
}

/** Fills in defaults; `strategy` and the names of its own options are for the message. @throws A {@link RingError} with code `RING_INVALID_OPTION`. */
export function resolveStrategy(
  strategy: string,
  options: StrategyOptions,
  own: readonly string[] = [],
): ResolvedStrategy {
  const names = ['seed', 'hash', ...own]
  for (const name of Object.keys(options)) {
    if (!names.includes(name))
      throw invalid(`${name} is no option of ${strategy}; there are ${names.join(', ')}`)
  }
  const { seed = 0, hash = xxh32 } = options
  requireWhole('seed', seed, 0, 2 ** 32 - 1)
  if (typeof hash?.name !== 'string' || typeof hash.hash !== 'function') {
    throw invalid('hash must have a name and a function hash(data, seed)')
  }
  return { seed, hash }
}

function invalid(message: string): RingError {
  return new RingError('RING_INVALID_OPTION', message)
}
