/// <reference lib="esnext.disposable" preserve="true" />
import type { Capabilities } from '../backend.ts'

/**
 * What became of a release.
 * @category Locks
 */
export interface Released {
  /** Whether the lock was ours until now. False is no error: its time was over, or it had been released before. */
  readonly released: boolean
}

/**
 * A lock that was granted. It is ours until its deadline at the latest, on this process's monotonic clock, whatever the backend says or does not say later.
 * @category Locks
 */
export interface BaseLock {
  /** The keys, sorted. */
  readonly keys: readonly string[]
  /** Aborts when the lock is lost, at its deadline at the latest; `reason` is a `LockError` with code `LOCK_LOST`. A release aborts nothing. */
  readonly signal: AbortSignal
  /** Milliseconds until the deadline, on the monotonic clock; 0 once the lock is lost or released. */
  readonly remaining: number
  /** Whether it is ours at this moment. */
  readonly isHeld: boolean
  /**
   * To be called right before what the lock protects. Code that was paused (a long computation, a stopped process) runs on before any timer does: this
   * looks at the clock.
   * @throws A `LockError` with code `LOCK_LOST`.
   */
  assertHeld(): void
  /** Lets the lock last for `ttl` milliseconds from now. False when it is lost; trouble with the backend is false, too, as long as the deadline is not over. */
  extend(ttl?: number): Promise<boolean>
  /** Gives the lock back. Idempotent, one attempt, never rejects: a backend that cannot be reached lets the lease end. */
  release(): Promise<Released>
  /** Releases it. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * What a lock has in addition where tokens can be promised.
 * @category Locks
 */
export interface Fenced {
  /** Greater than that of every lock of these keys before it: to be checked by the resource ({@link FenceGuard}). */
  readonly fencingToken: bigint
}

/**
 * A lock of a backend: with a token where that can promise one.
 * @category Locks
 */
export type Lock<C extends Capabilities> = BaseLock & (C['fencing'] extends true ? Fenced : object)
