/// <reference lib="esnext.disposable" preserve="true" />
import { requireInteger, requireName, requireOneOf } from '@colony/host'
import type { BackendOwner, Capabilities } from '../backend.ts'
import { VICTIM_POLICIES, type VictimPolicy } from '../core/victim.ts'
import { LockError } from '../errors.ts'
import type { Acquisition, OnBehalf } from './acquisition.ts'
import type { HeldLock } from './held-lock.ts'
import type { Keys } from './keys.ts'
import type { Lock } from './lock.ts'
import { type AcquireOptions, invalidOption } from './options.ts'

/**
 * How an owner is treated.
 * @category Deadlocks
 */
export interface OwnerOptions {
  /** For messages and cycles. Default: `owner-1`, `owner-2`, … */
  readonly name?: string
  /** With the victim policy `'lowest-priority'`: greater is more important. A whole number. Default: 0. */
  readonly priority?: number
  /** Who gives way in a deadlock that this owner's waiting closes. Default: `'youngest'`. */
  readonly victim?: VictimPolicy
  /**
   * - `'detect'`: it waits, and a deadlock is broken when it comes about;
   * - `'wait-die'`: it waits only for owners that are younger, and gives way to older ones at once. No deadlock can come about among owners that all do so.
   *
   * Default: `'detect'`.
   */
  readonly deadlock?: 'detect' | 'wait-die'
}

/**
 * Somebody who takes several locks, one after the other, and gives them back together: a transaction.
 * @category Deadlocks
 */
export interface Owner<C extends Capabilities> {
  /** Its name in cycles. */
  readonly name: string
  /** Aborts when the owner was the victim of a deadlock and lost all its locks; `reason` is a {@link LockError} with code `LOCK_LOST` and the cycle. */
  readonly signal: AbortSignal
  /** As {@link Locks.acquire}, on this owner's account. A deadlock rejects with `LOCK_DEADLOCK` and the cycle. */
  acquire(keys: Keys<C>, options?: AcquireOptions): Promise<Lock<C>>
  /** As {@link Locks.tryAcquire}. */
  tryAcquire(keys: Keys<C>, options?: Omit<AcquireOptions, 'wait'>): Promise<Lock<C> | undefined>
  /** Gives back all its locks. It may take others afterwards. */
  release(): Promise<void>
  /** Releases. */
  [Symbol.asyncDispose](): Promise<void>
}

let lastOwner = 0

/** @throws A {@link LockError} with code `LOCK_INVALID_OPTION`. */
export function createOwner<C extends Capabilities>(
  acquisition: Acquisition<C>,
  options: OwnerOptions,
): Owner<C> {
  const { name = `owner-${++lastOwner}`, priority = 0, victim = 'youngest', deadlock = 'detect' } = options
  requireName(invalidOption, 'name', name)
  requireInteger(invalidOption, 'priority', priority, -1_000_000, 1_000_000)
  requireOneOf(invalidOption, 'victim', victim, VICTIM_POLICIES)
  requireOneOf(invalidOption, 'deadlock', deadlock, ['detect', 'wait-die'] as const)
  return new LockingOwner(acquisition, { name, priority }, victim, deadlock === 'wait-die')
}

class LockingOwner<C extends Capabilities> implements Owner<C> {
  readonly #acquisition: Acquisition<C>
  readonly #onBehalf: OnBehalf
  readonly #locks = new Set<HeldLock>()
  readonly #aborter = new AbortController()

  constructor(acquisition: Acquisition<C>, owner: BackendOwner, victim: VictimPolicy, waitDie: boolean) {
    this.#acquisition = acquisition
    this.#onBehalf = { owner, victim, waitDie, granted: (lock) => this.#keep(lock) }
  }

  get name(): string {
    return this.#onBehalf.owner.name
  }

  get signal(): AbortSignal {
    return this.#aborter.signal
  }

  async acquire(keys: Keys<C>, options?: AcquireOptions): Promise<Lock<C>> {
    try {
      return await this.#acquisition.acquire(keys, options, this.#onBehalf)
    } catch (error) {
      // The victim loses all that it has at once, so that the others can go on.
      if (error instanceof LockError && error.code === 'LOCK_DEADLOCK') await this.release()
      throw error
    }
  }

  async tryAcquire(keys: Keys<C>, options?: Omit<AcquireOptions, 'wait'>): Promise<Lock<C> | undefined> {
    return await this.#acquisition.tryAcquire(keys, options, this.#onBehalf)
  }

  async release(): Promise<void> {
    const locks = [...this.#locks]
    this.#locks.clear()
    await Promise.all(locks.map((lock) => lock.release()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }

  #keep(lock: HeldLock): void {
    this.#locks.add(lock)
    lock.ended = (reason) => {
      this.#locks.delete(lock)
      if (reason?.because === 'wounded') this.#aborter.abort(reason)
    }
  }
}
