import {
  type Clock,
  type Observer,
  type Random,
  requireDuration,
  requireMethods,
  requireOneOf,
  systemClock,
  systemRandom,
} from '@colony/host'
import { invalidOption } from '../../runtime/options.ts'

/**
 * What {@link redlockBackend} takes besides clients.
 * @category Redis
 */
export interface RedlockOptions {
  /**
   * Whose locks exclude these: `'redlock'`, those of the npm packages `redlock` (4 and 5) and of others that use the resource's name as the key; `'redis-semaphore'`, those of its
   * `Mutex` and `RedlockMutex`, whose keys begin with `mutex:`. Default: `'redlock'`.
   */
  readonly dialect?: 'redlock' | 'redis-semaphore'
  /**
   * For how long a server that was started does not vote, in milliseconds: it may have forgotten locks. No lock may have a longer `ttl`, neither here nor elsewhere: one that has is
   * refused. 0 if every server writes each change to disk before it answers (`appendonly yes`, `appendfsync always`); then nothing is refused. 0 to 86 400 000. Default: 10 000.
   */
  readonly restartDelay?: number
  /** How long to wait for a server, in milliseconds, a third of the `ttl` at the most. 1 to 60 000. Default: a twentieth of the `ttl`, from 50 to 500. */
  readonly nodeTimeout?: number
  /** After the first refusal a pause lasts from 0 to so many milliseconds, and the bound doubles with each. 1 to 60 000. Default: 20. */
  readonly retryDelay?: number
  /** The longest bound of a pause, in milliseconds. 1 to 60 000. Default: 200. */
  readonly longestRetryDelay?: number
  /** Monotonic time. Default: the system's. */
  readonly clock?: Clock
  /** For the values of keys and for jitter. Default: the system's, different in every process. */
  readonly random?: Random
  /** Receives `lock.server` when a server stops answering (`warn`), and when it answers again (`info`). Default: nobody does. */
  readonly observer?: Observer
}

/** Options with every default filled in. */
export interface ResolvedRedlockOptions {
  readonly keyPrefix: string
  readonly restartDelay: number
  readonly nodeTimeout: number | undefined
  readonly retryDelay: number
  readonly longestRetryDelay: number
  readonly clock: Clock
  readonly random: Random
  readonly observer: Observer | undefined
}

const DIALECTS = ['redlock', 'redis-semaphore'] as const
const LONGEST_DELAY_MS = 86_400_000
const LONGEST_PAUSE_MS = 60_000
const TIMEOUT_SHARE = 1 / 20
const SHORTEST_TIMEOUT_MS = 50
const LONGEST_TIMEOUT_MS = 500

/** @throws A `LockError` with code `LOCK_INVALID_OPTION`. */
export function resolveRedlockOptions(options: RedlockOptions): ResolvedRedlockOptions {
  if (typeof options !== 'object' || options === null) throw invalidOption('options must be an object')
  const { dialect = 'redlock', restartDelay = 10_000, nodeTimeout, observer } = options
  const pause = (name: 'retryDelay' | 'longestRetryDelay', byDefault: number): number =>
    requireDuration(invalidOption, name, options[name] ?? byDefault, 1, LONGEST_PAUSE_MS)
  const known = requireOneOf(invalidOption, 'dialect', dialect, DIALECTS)
  const retryDelay = pause('retryDelay', 20)
  return {
    keyPrefix: known === 'redis-semaphore' ? 'mutex:' : '',
    restartDelay: requireDuration(invalidOption, 'restartDelay', restartDelay, 0, LONGEST_DELAY_MS),
    nodeTimeout:
      nodeTimeout === undefined
        ? undefined
        : requireDuration(invalidOption, 'nodeTimeout', nodeTimeout, 1, LONGEST_PAUSE_MS),
    retryDelay,
    longestRetryDelay: Math.max(retryDelay, pause('longestRetryDelay', 200)),
    clock: requireMethods(invalidOption, 'clock', options.clock ?? systemClock, [
      'now',
      'after',
      'afterInput',
    ]),
    random: requireMethods(invalidOption, 'random', options.random ?? systemRandom(), ['float', 'integer']),
    observer,
  }
}

/** How long one server is waited for: so short that most of the lease is left when one does not answer. */
export function nodeTimeoutOf({ nodeTimeout }: ResolvedRedlockOptions, ttlMs: number): number {
  const share = Math.min(LONGEST_TIMEOUT_MS, Math.max(SHORTEST_TIMEOUT_MS, ttlMs * TIMEOUT_SHARE))
  return Math.min(ttlMs / 3, nodeTimeout ?? share)
}
