import type { Capabilities } from '../backend.ts'
import type { Acquisition } from './acquisition.ts'
import { claimsOf, type Keys } from './keys.ts'
import type { Lock } from './lock.ts'
import type { AcquireOptions } from './options.ts'
import { runWith } from './using.ts'

/**
 * A key that readers share and writers have alone. A writer that waits is not passed by readers that come later.
 * @category Locks
 */
export interface ReadWriteLock<C extends Capabilities> {
  /** What is locked. */
  readonly key: string
  /** Waits for it together with other readers. Throws as {@link Locks.acquire}. */
  read(options?: AcquireOptions): Promise<Lock<C>>
  /** Waits for it alone. Throws as {@link Locks.acquire}. */
  write(options?: AcquireOptions): Promise<Lock<C>>
  /** Runs `task` as a reader, as {@link Locks.using} does. */
  reading<Result>(
    task: (lock: Lock<C>) => Result | Promise<Result>,
    options?: AcquireOptions,
  ): Promise<Result>
  /** Runs `task` as a writer, as {@link Locks.using} does. */
  writing<Result>(
    task: (lock: Lock<C>) => Result | Promise<Result>,
    options?: AcquireOptions,
  ): Promise<Result>
}

/**
 * How to get permits of a semaphore.
 * @category Locks
 */
export interface PermitOptions extends AcquireOptions {
  /** How many permits to take. Default: 1. */
  readonly permits?: number
}

/**
 * A number of permits under one key, first come first served.
 * @category Locks
 */
export interface Semaphore<C extends Capabilities> {
  /** What is locked. */
  readonly key: string
  /** How many permits there are. */
  readonly permits: number
  /** Waits for permits. Throws as {@link Locks.acquire}. */
  acquire(options?: PermitOptions): Promise<Lock<C>>
  /** Permits if there are enough at once; else `undefined`. */
  tryAcquire(options?: Omit<PermitOptions, 'wait'>): Promise<Lock<C> | undefined>
  /** Runs `task` with permits, as {@link Locks.using} does. */
  using<Result>(task: (lock: Lock<C>) => Result | Promise<Result>, options?: PermitOptions): Promise<Result>
}

/** @throws A {@link LockError} with code `LOCK_INVALID_OPTION`. */
export function createReadWriteLock<C extends Capabilities>(
  acquisition: Acquisition<C>,
  key: string,
): ReadWriteLock<C> {
  const shared = checked(acquisition, { key, mode: 'shared' })
  return {
    key,
    read: (options) => acquisition.acquire(shared, options),
    write: (options) => acquisition.acquire(key, options),
    reading: (task, options) => runWith(acquisition, shared, task, options),
    writing: (task, options) => runWith(acquisition, key, task, options),
  }
}

/** @throws A {@link LockError} with code `LOCK_INVALID_OPTION`. */
export function createSemaphore<C extends Capabilities>(
  acquisition: Acquisition<C>,
  key: string,
  limit: number,
): Semaphore<C> {
  const want = (permits = 1): Keys<C> => checked(acquisition, { key, permits, of: limit })
  want()
  return {
    key,
    permits: limit,
    acquire: async ({ permits, ...options } = {}) => await acquisition.acquire(want(permits), options),
    tryAcquire: async ({ permits, ...options } = {}) => await acquisition.tryAcquire(want(permits), options),
    using: async (task, { permits, ...options } = {}) => {
      return await runWith(acquisition, want(permits), task, options)
    },
  }
}

/** What the backend can do is looked at here, and not again: the type of these keys depends on it. */
function checked<C extends Capabilities>(acquisition: Acquisition<C>, spec: object): Keys<C> {
  claimsOf(spec as Keys<C>, acquisition.shared.backend.capabilities as C)
  return spec as Keys<C>
}
