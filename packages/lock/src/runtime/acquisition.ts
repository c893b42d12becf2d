import type { BackendOwner, Capabilities, GrantRequest, NotGranted } from '../backend.ts'
import type { VictimPolicy } from '../core/victim.ts'
import { LockError, type VictimChoice } from '../errors.ts'
import { keepExtending } from './auto-extension.ts'
import { HeldLock, type LockOwner } from './held-lock.ts'
import { claimsOf, type Keys } from './keys.ts'
import type { Lock } from './lock.ts'
import { type AcquireOptions, type Asking, resolveAsking } from './options.ts'

/** On whose account a lock is asked for, and what happens in a deadlock. */
export interface OnBehalf {
  readonly owner: BackendOwner
  readonly victim: VictimPolicy
  readonly chooseVictim: VictimChoice | undefined
  readonly waitDie: boolean
  /** Told of each lock that was granted to the owner. */
  readonly granted: (lock: HeldLock) => void
}

const NO_OPTIONS: AcquireOptions = {}

/** The way from a call to a lock. */
export class Acquisition<C extends Capabilities> {
  readonly shared: LockOwner & { readonly backend: { readonly capabilities: Capabilities } }
  #closed = false

  constructor(shared: LockOwner) {
    this.shared = shared
  }

  close(): void {
    this.#closed = true
  }

  /** @throws A {@link LockError} with code `LOCK_CLOSED`. */
  requireOpen(): void {
    if (this.#closed) throw new LockError('LOCK_CLOSED', 'these locks were closed: no more are given')
  }

  /** Resolves with the lock, or rejects. */
  acquire(keys: Keys<C>, options: AcquireOptions = NO_OPTIONS, onBehalf?: OnBehalf): Promise<Lock<C>> {
    return this.#ask(keys, options, onBehalf, timedOut) as Promise<Lock<C>>
  }

  /** Resolves with the lock, or with nothing when somebody else has it. */
  tryAcquire(
    keys: Keys<C>,
    options: AcquireOptions = NO_OPTIONS,
    onBehalf?: OnBehalf,
  ): Promise<Lock<C> | undefined> {
    return this.#ask(keys, { ...options, wait: 0 }, onBehalf, () => undefined)
  }

  /** Synchronous as far as the backend is: a lock in memory costs one promise. */
  async #ask(
    keys: Keys<C>,
    options: AcquireOptions,
    onBehalf: OnBehalf | undefined,
    busy: (lock: HeldLock, asking: Asking) => undefined,
  ): Promise<Lock<C> | undefined> {
    this.requireOpen()
    const { backend, clock, options: defaults } = this.shared
    const claims = claimsOf(keys, backend.capabilities)
    const asking = resolveAsking(options, defaults)
    asking.signal?.throwIfAborted()
    const lock = new HeldLock(this.shared, claims, asking.ttl)
    const slept = clock.slept()
    const askedAt = Number.isFinite(asking.wait) ? clock.now() : 0
    const request: GrantRequest = {
      claims,
      ttlMs: asking.ttl,
      waitMs: asking.wait,
      signal: asking.signal,
      owner: onBehalf?.owner,
      victim: onBehalf?.victim,
      waitDie: onBehalf?.waitDie ?? false,
      lost: (because, cycle) => lock.lose(because, cycle),
    }
    const chooseVictim = onBehalf?.chooseVictim
    const first = backend.acquire(chooseVictim === undefined ? request : { ...request, chooseVictim })
    const answer = first instanceof Promise ? await first : first
    if ('refused' in answer) {
      if (answer.refused === 'busy') return busy(lock, asking)
      throw refusal(answer)
    }
    lock.begin(answer, slept)
    // What was answered at once cannot have come too late; nobody need look at the clock.
    if (first === answer || lock.isHeld) return this.#granted(lock, asking, onBehalf)
    // Granted, and over before the answer was here: nobody may believe in it.
    void lock.release()
    // Nobody can say whether the host slept before it was granted, or after.
    if (clock.slept() > slept) return await this.#ask(keys, options, onBehalf, busy)
    const wait = asking.wait - (clock.now() - askedAt)
    if (wait <= 0 || asking.wait === 0) return busy(lock, asking)
    return await this.#ask(keys, { ...options, wait }, onBehalf, () => busy(lock, asking))
  }

  #granted(lock: HeldLock, asking: Asking, onBehalf: OnBehalf | undefined): Lock<C> {
    if (asking.autoExtend && asking.ttl !== Number.POSITIVE_INFINITY) {
      keepExtending(lock, asking.ttl, asking.maxHold, this.shared.options)
    }
    onBehalf?.granted(lock)
    return lock as unknown as Lock<C>
  }
}

function timedOut(lock: HeldLock, asking: Asking): never {
  const keys = lock.keys.map((key) => `'${key}'`).join(', ')
  throw new LockError('LOCK_TIMEOUT', `no lock of ${keys} within ${asking.wait} ms`, { retryable: true })
}

function refusal(answer: Exclude<NotGranted, { readonly refused: 'busy' }>): LockError {
  if (answer.refused === 'deadlock') {
    const cycle = answer.cycle.map(({ owner, waitsFor }) => `${owner ?? 'somebody'} waits for '${waitsFor}'`)
    const what = cycle.length === 0 ? 'an older owner has it (wait-die)' : cycle.join(', ')
    return new LockError('LOCK_DEADLOCK', `this owner gives way: ${what}`, {
      cycle: answer.cycle,
      retryable: true,
    })
  }
  const problem =
    answer.refused === 'reentrant'
      ? 'is held by this owner already, which would wait for itself'
      : 'is in use with another number of permits'
  const code = answer.refused === 'reentrant' ? 'LOCK_REENTRANT' : 'LOCK_MISMATCH'
  return new LockError(code, `'${answer.key}' ${problem}`)
}
