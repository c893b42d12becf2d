import type { BackendOwner, Capabilities, Grant, GrantRequest, NotGranted } from '../backend.ts'
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

/** What comes of a request for which there is no lock in time. */
type WhenBusy = (lock: HeldLock, asking: Asking) => undefined

/** A request that the backend answers later. */
interface Asked<C extends Capabilities> {
  readonly keys: Keys<C>
  readonly options: AcquireOptions
  readonly onBehalf: OnBehalf | undefined
  readonly busy: WhenBusy
  readonly asking: Asking
  readonly lock: HeldLock
  /** What the host had slept before. */
  readonly slept: number
  /** When, where the wait has an end. */
  readonly askedAt: number
}

/** The way from a call to a lock. */
export class Acquisition<C extends Capabilities> {
  readonly shared: LockOwner & { readonly backend: { readonly capabilities: Capabilities } }
  /** How locks are asked for without options. */
  readonly #usual: Asking
  #closed = false

  constructor(shared: LockOwner) {
    this.shared = shared
    this.#usual = resolveAsking(NO_OPTIONS, shared.options)
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

  /** Synchronous as far as the backend is: a lock in memory costs one promise, and no function that waits. */
  #ask(
    keys: Keys<C>,
    options: AcquireOptions,
    onBehalf: OnBehalf | undefined,
    busy: WhenBusy,
  ): Promise<Lock<C> | undefined> {
    try {
      this.requireOpen()
      const { backend, clock, options: defaults } = this.shared
      const claims = claimsOf(keys, backend.capabilities)
      const asking = options === NO_OPTIONS ? this.#usual : resolveAsking(options, defaults)
      asking.signal?.throwIfAborted()
      const lock = new HeldLock(this.shared, claims, asking.ttl)
      const slept = clock.slept()
      const askedAt = Number.isFinite(asking.wait) ? clock.now() : 0
      const answer = backend.acquire(requestFor(lock, asking, onBehalf))
      if (answer instanceof Promise) {
        return this.#wait(answer, { keys, options, onBehalf, busy, asking, lock, slept, askedAt })
      }
      if ('refused' in answer) return Promise.resolve(notGranted(answer, lock, asking, busy))
      lock.begin(answer, slept)
      // What was answered at once cannot have come too late; nobody need look at the clock.
      return Promise.resolve(this.#granted(lock, asking, onBehalf))
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  async #wait(answered: Promise<Grant | NotGranted>, asked: Asked<C>): Promise<Lock<C> | undefined> {
    const { keys, options, onBehalf, busy, asking, lock, slept, askedAt } = asked
    const { clock } = this.shared
    const answer = await answered
    if ('refused' in answer) return notGranted(answer, lock, asking, busy)
    lock.begin(answer, slept)
    if (lock.isHeld) return this.#granted(lock, asking, onBehalf)
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

function requestFor(lock: HeldLock, asking: Asking, onBehalf: OnBehalf | undefined): GrantRequest {
  const request: GrantRequest = {
    claims: lock.claims,
    ttlMs: asking.ttl,
    waitMs: asking.wait,
    signal: asking.signal,
    owner: onBehalf?.owner,
    victim: onBehalf?.victim,
    waitDie: onBehalf?.waitDie ?? false,
    lost: (because, cycle) => lock.lose(because, cycle),
  }
  const chooseVictim = onBehalf?.chooseVictim
  return chooseVictim === undefined ? request : { ...request, chooseVictim }
}

function notGranted(answer: NotGranted, lock: HeldLock, asking: Asking, busy: WhenBusy): undefined {
  if (answer.refused === 'busy') return busy(lock, asking)
  throw refusal(answer)
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
