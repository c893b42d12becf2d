/// <reference lib="esnext.disposable" preserve="true" />
import type { Claim } from './core/claim.ts'
import type { VictimPolicy } from './core/victim.ts'
import type { DeadlockStep, LostBecause, VictimChoice } from './errors.ts'
import type { ValueStore } from './value-store.ts'

/**
 * What a backend can do safely, as types: what it cannot do does not compile.
 * @category Backends
 */
export interface Capabilities {
  /** Every grant of a key has a token greater than all before it. */
  readonly fencing: boolean
  /** Readers and writers. */
  readonly shared: boolean
  /** Counting semaphores. */
  readonly semaphore: boolean
  /** Owners with exact detection of deadlocks. */
  readonly owners: boolean
  /** Versioned values beside the locks, for optimistic updates. */
  readonly values: boolean
  /** With `owners`: the victim of a deadlock may be chosen by a function, which needs a single place where that is decided. Default: false. */
  readonly choosesVictims?: boolean
}

/**
 * Whoever asks for several locks, one after the other: a node of the wait-for graph.
 * @category Backends
 */
export interface BackendOwner {
  /** Unique among the owners of this process. */
  readonly name: string
  /** Greater is more important. */
  readonly priority: number
}

/**
 * What is asked of a backend.
 * @category Backends
 */
export interface GrantRequest {
  /** Sorted by key, each key once: all of them or none. */
  readonly claims: readonly Claim[]
  /** How long the lease is to last from the grant on, in milliseconds; `Infinity` where the backend's locks end with its session or process. */
  readonly ttlMs: number
  /** How long to wait for it, in milliseconds; 0: not at all. */
  readonly waitMs: number
  /** Ends the waiting early. A grant that comes all the same has to be given back. */
  readonly signal: AbortSignal | undefined
  /** Who asks; only with the capability `owners`. */
  readonly owner: BackendOwner | undefined
  /** Who gives way in a deadlock; only with an owner. */
  readonly victim: VictimPolicy | undefined
  /** Chooses who gives way, instead of `victim`; only with the capability `choosesVictims`. Never throws. */
  readonly chooseVictim?: VictimChoice
  /** Wait-die; only with an owner. */
  readonly waitDie: boolean
  /** To be told when the backend finds out that the lock is gone. At most once, and never after a release. */
  readonly lost: (because: LostBecause, cycle?: readonly DeadlockStep[]) => void
}

/**
 * A lock as its backend knows it.
 * @category Backends
 */
export interface Grant {
  /** When the lease began to run at the earliest: the monotonic time before the first byte of the attempt that was granted was sent. */
  readonly startedAt: number
  /** With the capability `fencing`: greater than the token of every grant of these keys before. */
  readonly token: number | bigint
}

/**
 * Somebody else has it, and the time to wait is over.
 * @category Backends
 */
export interface Busy {
  /** Discriminant. */
  readonly refused: 'busy'
}

/**
 * The key cannot be had in this way: the owner has it already, or waits for it (`'reentrant'`); it is there with another number of permits (`'mismatch'`).
 * @category Backends
 */
export interface Unfit {
  /** Discriminant. */
  readonly refused: 'reentrant' | 'mismatch'
  /** Which key. */
  readonly key: string
}

/**
 * Waiting would be a deadlock, or has become one.
 * @category Backends
 */
export interface Deadlocked {
  /** Discriminant. */
  readonly refused: 'deadlock'
  /** Who waits for whom; empty where nobody knows (wait-die). */
  readonly cycle: readonly DeadlockStep[]
}

/**
 * Why there is no lock.
 * @category Backends
 */
export type NotGranted = Busy | Unfit | Deadlocked

/**
 * Where locks are kept. A backend promises what {@link Capabilities} says and these methods, and nothing else: deadlines, extension, and whatever a
 * user sees of a lock are the same for all backends and are not its affair.
 *
 * Methods may answer at once or by a promise. They reject for trouble only (no connection, a server's error).
 * @category Backends
 */
export interface LockBackend<C extends Capabilities = Capabilities> {
  /** For messages: `memory`, `redis`. */
  readonly name: string
  /** What it can do; constant. */
  readonly capabilities: C
  /**
   * How much clocks may run apart during a lease, as a fraction: the deadline of a lock is that much before the end of its lease. Default: 0.01, and 2 ms
   * more. 0 where no other clock is involved: then nothing is taken off.
   */
  readonly driftRate?: number
  /** With the capability `values`: where optimistic updates read and write. */
  readonly values?: ValueStore
  /** Asks for a lock, and waits for it as long as wanted. When the signal aborts, it rejects with the signal's reason, and leaves nothing behind. */
  acquire(request: GrantRequest): Grant | NotGranted | Promise<Grant | NotGranted>
  /** Lets the lease of `grant` run for `ttlMs` from now. When the attempt began that did it; `undefined` when the lock is gone. */
  extend(grant: Grant, ttlMs: number): number | undefined | Promise<number | undefined>
  /** Gives the lock back, if it is this grant's still. Whether it was. Never touches a lock of anybody else. One attempt. */
  release(grant: Grant): boolean | Promise<boolean>
  /** Ends what the backend holds of its own (connections stay their makers'). Idempotent. */
  close(): Promise<void>
}
