/// <reference lib="esnext.disposable" preserve="true" />
import type { Capabilities, LockBackend } from '../backend.ts'
import { LockError } from '../errors.ts'
import { Acquisition } from './acquisition.ts'
import { Deadlines } from './deadlines.ts'
import { Election, type ElectOptions, type Lead } from './election.ts'
import type { Keys } from './keys.ts'
import { LeaseClock } from './lease-clock.ts'
import type { BaseLock, Lock } from './lock.ts'
import { type AcquireOptions, checkedTtl, type LocksOptions, resolveOptions } from './options.ts'
import { createReadWriteLock, createSemaphore, type ReadWriteLock, type Semaphore } from './named-lock.ts'
import { createOwner, type Owner, type OwnerOptions } from './owner.ts'
import { type Update, updateValue } from './update.ts'
import { runWith } from './using.ts'

/** How long after the host woke up a lock that was lost meanwhile tells of it, in milliseconds; whoever asks is told at once. */
const LOOK_MS = 1000

/**
 * Makes locks on a backend. Which methods and options there are depends on what the backend can do.
 * @throws A {@link LockError} with code `LOCK_INVALID_OPTION`.
 * @category Locks
 */
export function createLocks<C extends Capabilities>(
  backend: LockBackend<C>,
  options: LocksOptions = {},
): Locks<C> {
  const resolved = resolveOptions(options)
  // Where no other clock is involved, leases sleep with the host.
  const clock = new LeaseClock(resolved.clock, backend.driftRate === 0 ? undefined : resolved.sleeplessNow)
  const deadlines = new Deadlines(clock, clock.isWatching ? LOOK_MS : Number.POSITIVE_INFINITY)
  const acquisition = new Acquisition({ backend, clock, deadlines, options: resolved })
  return new BackendLocks<C>(backend, acquisition)
}

/**
 * Locks on one backend.
 * @category Locks
 */
export interface Locks<C extends Capabilities> {
  /**
   * Waits for a lock of one key or of several at once. To be released on every path: `await using lock = await locks.acquire('job')` does.
   * @throws A {@link LockError} with code `LOCK_TIMEOUT` when the time to wait is over, `LOCK_REENTRANT`, `LOCK_MISMATCH` or `LOCK_DEADLOCK`, or `LOCK_CLOSED`; the signal's reason when that
   *   aborts; whatever the backend's client throws.
   */
  acquire(keys: Keys<C>, options?: AcquireOptions): Promise<Lock<C>>
  /** A lock if there is one at once; else `undefined`. */
  tryAcquire(keys: Keys<C>, options?: Omit<AcquireOptions, 'wait'>): Promise<Lock<C> | undefined>
  /**
   * Runs `task` with a lock that is extended while it runs, and released when it has settled, not before: a task whose lock is lost is told by
   * `lock.signal`, and is waited for.
   * @throws What `task` throws, and what {@link Locks.acquire} does.
   */
  using<Result>(
    keys: Keys<C>,
    task: (lock: Lock<C>) => Result | Promise<Result>,
    options?: AcquireOptions,
  ): Promise<Result>
  /** Somebody who takes several locks, one after the other: deadlocks among owners are found and broken. Only where the backend can. */
  owner: C['owners'] extends true ? (options?: OwnerOptions<C>) => Owner<C> : never
  /** A key for readers and writers. Only where the backend can. */
  rw: C['shared'] extends true ? (key: string) => ReadWriteLock<C> : never
  /** A number of permits under one key: everybody who uses the key has to say the same number. Only where the backend can. */
  semaphore: C['semaphore'] extends true ? (key: string, permits: number) => Semaphore<C> : never
  /** Changes a value that others change, too, without a lock. Only where the backend keeps values. */
  update: C['values'] extends true ? Update : never
  /** Takes part in an election: whoever has the lock leads, for as long as it is kept. */
  elect(name: string, lead: Lead<C>, options?: ElectOptions): Election
  /** Refuses new locks; those that are held stay their holders'. Closes the backend. Idempotent. */
  close(): Promise<void>
  /** Closes. */
  [Symbol.asyncDispose](): Promise<void>
}

class BackendLocks<C extends Capabilities> implements Locks<C> {
  readonly #backend: LockBackend<C>
  readonly #acquisition: Acquisition<C>
  readonly owner: Locks<C>['owner']
  readonly update: Locks<C>['update']
  readonly rw: Locks<C>['rw']
  readonly semaphore: Locks<C>['semaphore']
  readonly #elections = new Set<Election>()

  constructor(backend: LockBackend<C>, acquisition: Acquisition<C>) {
    this.#backend = backend
    this.#acquisition = acquisition
    const owner = (options: OwnerOptions<C> = {}): Owner<C> => {
      if (!backend.capabilities.owners) {
        throw new LockError('LOCK_INVALID_OPTION', `the backend '${backend.name}' has no owners`)
      }
      return createOwner(acquisition, options)
    }
    this.owner = owner as Locks<C>['owner']
    this.rw = ((key: string) => createReadWriteLock(acquisition, key)) as Locks<C>['rw']
    const semaphore = (key: string, permits: number): Semaphore<C> =>
      createSemaphore(acquisition, key, permits)
    this.semaphore = semaphore as Locks<C>['semaphore']
    const update: Update = async (key, change, options = {}) => {
      const { values, name } = backend
      if (values === undefined) {
        throw new LockError('LOCK_INVALID_OPTION', `the backend '${name}' keeps no values`)
      }
      acquisition.requireOpen()
      return await updateValue(values, key, change, options, acquisition.shared.options)
    }
    this.update = update as Locks<C>['update']
  }

  acquire(keys: Keys<C>, options?: AcquireOptions): Promise<Lock<C>> {
    return this.#acquisition.acquire(keys, options)
  }

  tryAcquire(keys: Keys<C>, options?: Omit<AcquireOptions, 'wait'>): Promise<Lock<C> | undefined> {
    return this.#acquisition.tryAcquire(keys, options)
  }

  async using<Result>(
    keys: Keys<C>,
    task: (lock: Lock<C>) => Result | Promise<Result>,
    options?: AcquireOptions,
  ): Promise<Result> {
    return await runWith(this.#acquisition, keys, task, options)
  }

  elect(name: string, lead: Lead<C>, options: ElectOptions = {}): Election {
    const ttl = options.ttl === undefined ? {} : { ttl: checkedTtl(options.ttl) }
    const held = {
      ...ttl,
      wait: Number.POSITIVE_INFINITY,
      autoExtend: true,
      maxHold: Number.POSITIVE_INFINITY,
    }
    const contest = {
      ...{ name, options: this.#acquisition.shared.options, signal: options.signal },
      acquire: (signal: AbortSignal) => this.#acquisition.acquire(name, { ...held, signal }),
      // The lock is the one that `acquire` gave.
      lead: (lock: BaseLock, signal: AbortSignal) => lead({ lock: lock as Lock<C>, signal }),
    }
    const election = new Election(contest, () => this.#elections.delete(election))
    this.#elections.add(election)
    return election
  }

  async close(): Promise<void> {
    this.#acquisition.close()
    await Promise.all([...this.#elections].map((election) => election.stop()))
    await this.#backend.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
