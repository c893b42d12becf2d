import {
  type Clock,
  type Random,
  requireInteger,
  requireMethods,
  systemClock,
  systemRandom,
} from '@colony/host'
import { invalidOption } from '../runtime/options.ts'

/**
 * What `redisBackend` takes besides a client.
 * @category Redis
 */
export interface RedisBackendOptions {
  /**
   * What the names of all locks begin with. With `''`, they exclude those of the packages `redlock` and `redlock-universal` of the same names, and with `'mutex:'` those of
   * `redis-semaphore`'s `Mutex`. Default: `'lock:'`.
   */
  readonly prefix?: string
  /** How long an answer may take, in milliseconds: 10 to 60 000. What is not known then is given back. Default: 2000. */
  readonly timeout?: number
  /**
   * How often a waiter asks again, in milliseconds, at the most: 10 to 60 000. It is told when its turn comes; this is for messages that were lost, and for
   * holders that died. A waiter that dies may keep those behind it for three times as long. Default: 500.
   */
  readonly poll?: number
  /** Monotonic time. Default: the system's. */
  readonly clock?: Clock
  /** For the names of owners, and for jitter. Default: the system's. */
  readonly random?: Random
}

/** Options with every default filled in. */
export interface ResolvedRedisOptions {
  readonly prefix: string
  readonly timeoutMs: number
  readonly pollMs: number
  readonly clock: Clock
  readonly random: Random
}

/** @throws A `LockError` with code `LOCK_INVALID_OPTION`. */
export function resolveRedisOptions(options: RedisBackendOptions): ResolvedRedisOptions {
  if (typeof options !== 'object' || options === null) throw invalidOption('options must be an object')
  return {
    prefix: checkedPrefix(options.prefix, 'lock:'),
    timeoutMs: requireInteger(invalidOption, 'timeout', options.timeout ?? 2000, 10, 60_000),
    pollMs: requireInteger(invalidOption, 'poll', options.poll ?? 500, 10, 60_000),
    clock: requireMethods(invalidOption, 'clock', options.clock ?? systemClock, [
      'now',
      'after',
      'afterInput',
    ]),
    random: requireMethods(invalidOption, 'random', options.random ?? systemRandom(), [
      'float',
      'integer',
      'fork',
    ]),
  }
}

/** What keys begin with. */
export function checkedPrefix(prefix: string | undefined, otherwise: string): string {
  if (prefix === undefined) return otherwise
  if (typeof prefix !== 'string' || prefix.length > 255) {
    throw invalidOption('prefix is a string of 0 to 255 characters')
  }
  return prefix
}
