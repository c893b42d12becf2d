/// <reference lib="esnext.disposable" preserve="true" />
import { observe, type Observer, requireInteger, requireName, requireOneOf } from '@colony/host'
import type { Capabilities } from '../backend.ts'
import { VICTIM_POLICIES, type VictimPolicy } from '../core/victim.ts'
import { type DeadlockParty, LockError, type VictimChoice } from '../errors.ts'
import type { Acquisition, OnBehalf } from './acquisition.ts'
import type { HeldLock } from './held-lock.ts'
import { claimsOf, type Keys } from './keys.ts'
import type { Lock } from './lock.ts'
import { type AcquireOptions, invalidOption, resolveAsking } from './options.ts'
import { Reentry } from './reentrant-lock.ts'

/**
 * How an owner is treated.
 * @category Deadlocks
 */
export interface OwnerOptions<C extends Capabilities = Capabilities> {
  /** For messages and cycles. Default: `owner-1`, `owner-2`, … */
  readonly name?: string
  /** With the victim policy `'lowest-priority'`: greater is more important. A whole number. Default: 0. */
  readonly priority?: number
  /** Who gives way in a deadlock that this owner's waiting closes; a function of the cycle where the backend is in this process. Default: `'youngest'`. */
  readonly victim?: VictimPolicy | (C['choosesVictims'] extends true ? VictimChoice : never)
  /**
   * - `'detect'`: it waits, and a deadlock is broken when it comes about;
   * - `'wait-die'`: it waits only for owners that are younger, and gives way to older ones at once. No deadlock can come about among owners that all do so.
   *
   * Default: `'detect'`.
   */
  readonly deadlock?: 'detect' | 'wait-die'
  /**
   * Whether it may ask again for what it holds: every `acquire` gives a handle of its own, and the lock is given back with the last of them. One lock has to cover all the
   * keys that are asked for. The token stays the same. Default: false, which refuses with `LOCK_REENTRANT`: code that takes a lock twice seldom knows that it does.
   */
  readonly reentrant?: boolean
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
  options: OwnerOptions<C>,
): Owner<C> {
  const { name = `owner-${++lastOwner}`, priority = 0, deadlock = 'detect', reentrant = false } = options
  // What may be in it, for whoever can do all of it.
  const victim = (options.victim ?? 'youngest') as VictimPolicy | VictimChoice
  const { capabilities, name: backend } = acquisition.shared.backend
  requireName(invalidOption, 'name', name)
  requireInteger(invalidOption, 'priority', priority, -1_000_000, 1_000_000)
  requireOneOf(invalidOption, 'deadlock', deadlock, ['detect', 'wait-die'] as const)
  const chooses = typeof victim === 'function'
  if (!chooses) requireOneOf(invalidOption, 'victim', victim, VICTIM_POLICIES)
  if (chooses && capabilities.choosesVictims !== true) {
    throw invalidOption(`on the backend '${backend}', victim is one of the policies, not a function`)
  }
  const onBehalf = {
    owner: { name, priority },
    victim: chooses ? 'youngest' : victim,
    chooseVictim: chooses ? guarded(victim, acquisition.shared.options.observer) : undefined,
    waitDie: deadlock === 'wait-die',
  } as const
  return new LockingOwner(acquisition, onBehalf, reentrant)
}

/** Whoever chooses must not throw into the table of locks: nothing is chosen then. */
function guarded(choose: VictimChoice, observer: Observer | undefined): VictimChoice {
  return (cycle) => {
    try {
      return choose(cycle)
    } catch (error) {
      observe(observer, { type: 'lock.trouble', level: 'error', during: 'victim', reason: String(error) })
      return undefined as unknown as DeadlockParty
    }
  }
}

class LockingOwner<C extends Capabilities> implements Owner<C> {
  readonly #acquisition: Acquisition<C>
  readonly #onBehalf: OnBehalf
  readonly #isReentrant: boolean
  readonly #locks = new Map<HeldLock, Reentry>()
  readonly #aborter = new AbortController()

  constructor(acquisition: Acquisition<C>, onBehalf: Omit<OnBehalf, 'granted'>, isReentrant: boolean) {
    this.#acquisition = acquisition
    this.#onBehalf = { ...onBehalf, granted: (lock) => this.#keep(lock) }
    this.#isReentrant = isReentrant
  }

  get name(): string {
    return this.#onBehalf.owner.name
  }

  get signal(): AbortSignal {
    return this.#aborter.signal
  }

  async acquire(keys: Keys<C>, options?: AcquireOptions): Promise<Lock<C>> {
    try {
      const again = this.#isReentrant ? await this.#reenter(keys, options) : undefined
      return again ?? this.#handle(await this.#acquisition.acquire(keys, options, this.#onBehalf))
    } catch (error) {
      // The victim loses all that it has at once, so that the others can go on.
      if (error instanceof LockError && error.code === 'LOCK_DEADLOCK') await this.release()
      throw error
    }
  }

  async tryAcquire(keys: Keys<C>, options?: Omit<AcquireOptions, 'wait'>): Promise<Lock<C> | undefined> {
    const again = this.#isReentrant ? await this.#reenter(keys, options) : undefined
    if (again !== undefined) return again
    const lock = await this.#acquisition.tryAcquire(keys, options, this.#onBehalf)
    return lock === undefined ? undefined : this.#handle(lock)
  }

  async release(): Promise<void> {
    const locks = [...this.#locks.keys()]
    this.#locks.clear()
    await Promise.all(locks.map((lock) => lock.release()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }

  #keep(lock: HeldLock): void {
    this.#locks.set(lock, new Reentry(lock))
    lock.ended = (reason) => {
      this.#locks.delete(lock)
      if (reason?.because === 'wounded') this.#aborter.abort(reason)
    }
  }

  /** What a user is given: the lock itself, or a handle where it may be taken again. */
  #handle(lock: Lock<C>): Lock<C> {
    if (!this.#isReentrant) return lock
    const reentry = this.#locks.get(lock as unknown as HeldLock)
    return (reentry?.enter() ?? lock) as unknown as Lock<C>
  }

  /** One more handle of a lock that is held, which lasts as long as was asked for. */
  async #reenter(keys: Keys<C>, options: AcquireOptions = {}): Promise<Lock<C> | undefined> {
    const claims = claimsOf(keys, this.#acquisition.shared.backend.capabilities as C)
    const { ttl, signal } = resolveAsking(options, this.#acquisition.shared.options)
    signal?.throwIfAborted()
    const reentry = [...this.#locks.values()].find((held) => held.covers(claims))
    if (reentry === undefined) return undefined
    // Entered before it is waited for, so that nobody else is the last to leave meanwhile.
    const handle = reentry.enter()
    if (reentry.lock.remaining >= ttl || (await handle.extend(ttl))) return handle as unknown as Lock<C>
    await handle.release()
    throw new LockError('LOCK_TIMEOUT', 'the lock could not be extended for as long as is wanted now', {
      retryable: true,
    })
  }
}
