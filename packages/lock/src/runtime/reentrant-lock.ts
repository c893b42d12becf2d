/// <reference lib="esnext.disposable" preserve="true" />
import type { Claim } from '../core/claim.ts'
import type { HeldLock } from './held-lock.ts'
import type { BaseLock, Fenced, Released } from './lock.ts'

/** One lock that its owner has taken several times: given back with the last of its handles. */
export class Reentry {
  readonly lock: HeldLock
  #handles = 0

  constructor(lock: HeldLock) {
    this.lock = lock
  }

  /** Whether who has this lock has all of `claims`. */
  covers(claims: readonly Claim[]): boolean {
    return claims.every((claim) => {
      const held = this.lock.claims.find(({ key }) => key === claim.key)
      if (held === undefined || held.limit !== claim.limit) return false
      return held.shared ? claim.shared : held.permits >= claim.permits
    })
  }

  enter(): ReentrantLock {
    this.#handles++
    return new ReentrantLock(this)
  }

  /** Whether the lock was held until now. */
  async leave(): Promise<Released> {
    if (--this.#handles === 0) return await this.lock.release()
    return { released: this.lock.isHeld }
  }
}

/** A handle: one `acquire` of its owner. */
export class ReentrantLock implements BaseLock, Fenced {
  readonly #reentry: Reentry
  #left = false

  constructor(reentry: Reentry) {
    this.#reentry = reentry
  }

  get keys(): readonly string[] {
    return this.#reentry.lock.keys
  }

  get fencingToken(): bigint {
    return this.#reentry.lock.fencingToken
  }

  get signal(): AbortSignal {
    return this.#reentry.lock.signal
  }

  get remaining(): number {
    return this.#left ? 0 : this.#reentry.lock.remaining
  }

  get isHeld(): boolean {
    return !this.#left && this.#reentry.lock.isHeld
  }

  assertHeld(): void {
    const { lock } = this.#reentry
    if (this.#left) throw lock.notHeld()
    lock.assertHeld()
  }

  async extend(ttl?: number): Promise<boolean> {
    return !this.#left && (await this.#reentry.lock.extend(ttl))
  }

  async release(): Promise<Released> {
    if (this.#left) return { released: false }
    this.#left = true
    return await this.#reentry.leave()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }
}
