/// <reference lib="esnext.disposable" preserve="true" />
import { observe } from '@colony/host'
import type { Grant, LockBackend } from '../backend.ts'
import type { Claim } from '../core/claim.ts'
import { type DeadlockStep, type LostBecause, LockError } from '../errors.ts'
import { Deadline, type Deadlines } from './deadlines.ts'
import type { LeaseClock } from './lease-clock.ts'
import type { BaseLock, Fenced, Released } from './lock.ts'
import { checkedTtl, invalidOption, type ResolvedOptions } from './options.ts'

const RELEASED: Promise<Released> = Promise.resolve({ released: true })
const NOT_RELEASED: Promise<Released> = Promise.resolve({ released: false })
/** What is taken off a lease for clocks that run apart, in addition to the backend's rate: a timer's and a reading's error. */
const MARGIN_MS = 2

/** What all locks of one `createLocks` share. */
export interface LockOwner {
  readonly backend: LockBackend
  /** What deadlines are counted on. */
  readonly clock: LeaseClock
  readonly deadlines: Deadlines
  readonly options: ResolvedOptions
}

/** A lock, from its grant to its end. */
export class HeldLock extends Deadline implements BaseLock, Fenced {
  readonly #owner: LockOwner
  readonly claims: readonly Claim[]
  #ttl: number
  #grant: Grant | undefined
  #state: 'held' | 'released' | 'lost' = 'held'
  #reason: LockError | undefined
  // Made when somebody wants it: most locks are given back before.
  #aborter: AbortController | undefined
  /** The timer of its next extension: disposed of when the lock ends. */
  extension: Disposable | undefined
  /** Told once when the lock ends, with the reason when it is lost. */
  ended: ((reason: LockError | undefined) => void) | undefined

  constructor(owner: LockOwner, claims: readonly Claim[], ttl: number) {
    super()
    this.#owner = owner
    this.claims = claims
    this.#ttl = ttl
  }

  /** The backend has granted it; `slept` is what the host had slept before it was asked. */
  begin(grant: Grant, slept: number): void {
    this.#grant = grant
    this.#runUntil(grant.startedAt + slept, this.#ttl)
  }

  get keys(): readonly string[] {
    return this.claims.map(({ key }) => key)
  }

  /** A type says where there is one; without types, no token must not look like a small one. */
  get fencingToken(): bigint {
    const { name, capabilities } = this.#owner.backend
    if (!capabilities.fencing) throw invalidOption(`the backend '${name}' has no fencing tokens`)
    return BigInt(this.#grant?.token ?? 0)
  }

  get signal(): AbortSignal {
    if (this.#aborter === undefined) {
      this.#aborter = new AbortController()
      if (this.#state === 'lost') this.#aborter.abort(this.#reason)
    }
    return this.#aborter.signal
  }

  get remaining(): number {
    if (this.#state !== 'held') return 0
    return Math.max(0, this.dueAt - this.#owner.clock.now())
  }

  get isHeld(): boolean {
    return this.#state === 'held' && this.#owner.clock.now() < this.dueAt
  }

  assertHeld(): void {
    if (this.isHeld) return
    if (this.#state === 'held') this.lose('expired')
    throw this.notHeld()
  }

  /** What is thrown at whoever relies on it nevertheless. */
  notHeld(): LockError {
    return this.#reason ?? this.#lostError('expired', 'was released')
  }

  async extend(ttl: number = this.#ttl): Promise<boolean> {
    checkedTtl(ttl)
    if (!this.isHeld || this.#grant === undefined) {
      this.lose('expired')
      return false
    }
    const slept = this.#owner.clock.slept()
    let startedAt: number | undefined
    try {
      startedAt = await this.#owner.backend.extend(this.#grant, ttl)
    } catch (error) {
      this.#trouble('extend', error)
      return false
    }
    // The answer of an extension that came after the deadline brings back nothing: the lock was lost by then, and its user knows.
    if (this.#state !== 'held') return false
    if (startedAt === undefined) {
      this.lose('stolen')
      return false
    }
    this.#ttl = ttl
    this.#runUntil(startedAt + slept, ttl)
    if (this.isHeld) return true
    this.lose('expired')
    return false
  }

  release(): Promise<Released> {
    if (this.#state !== 'held' || this.#grant === undefined) return NOT_RELEASED
    this.#end('released')
    try {
      const answer = this.#owner.backend.release(this.#grant)
      if (typeof answer === 'boolean') return answer ? RELEASED : NOT_RELEASED
      return answer.then(
        (released) => ({ released }),
        (error: unknown) => this.#releaseFailed(error),
      )
    } catch (error) {
      return Promise.resolve(this.#releaseFailed(error))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }

  /** The lock is gone: whoever uses it is told at once. */
  lose(because: LostBecause, cycle?: readonly DeadlockStep[]): void {
    if (this.#state !== 'held') return
    this.#reason = this.#lostError(because, `was lost (${because})`, cycle)
    this.#end('lost')
    const { observer } = this.#owner.options
    observe(observer, {
      type: 'lock.lost',
      level: 'warn',
      backend: this.#owner.backend.name,
      keys: this.keys,
      because,
    })
    this.#aborter?.abort(this.#reason)
  }

  /** The deadline. */
  due(): void {
    this.lose('expired')
  }

  #end(state: 'released' | 'lost'): void {
    this.#state = state
    this.#owner.deadlines.remove(this)
    this.extension?.[Symbol.dispose]()
    this.ended?.(this.#reason)
  }

  /** The deadline is before the end of the lease by what clocks may differ: afterwards nothing may rely on the lock, and until then nobody else has it. */
  #runUntil(startedAt: number, ttl: number): void {
    const { deadlines, backend } = this.#owner
    deadlines.remove(this)
    if (ttl === Number.POSITIVE_INFINITY) {
      this.dueAt = ttl
      return
    }
    const { driftRate = 0.01 } = backend
    deadlines.add(this, startedAt, driftRate === 0 ? ttl : ttl * (1 - driftRate) - MARGIN_MS)
  }

  #lostError(because: LostBecause, what: string, cycle?: readonly DeadlockStep[]): LockError {
    const message = `the lock of ${this.keys.map((key) => `'${key}'`).join(', ')} ${what}`
    return new LockError('LOCK_LOST', message, { because, ...(cycle !== undefined && { cycle }) })
  }

  #releaseFailed(error: unknown): Released {
    this.#trouble('release', error)
    return { released: false }
  }

  #trouble(during: string, error: unknown): void {
    const { backend, options } = this.#owner
    observe(options.observer, {
      type: 'lock.trouble',
      level: 'warn',
      backend: backend.name,
      during,
      reason: String(error),
    })
  }
}
