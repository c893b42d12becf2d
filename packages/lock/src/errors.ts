import { ColonyError, type ColonyErrorOptions } from '@colony/host'

/**
 * Every code that `@colony/lock` raises. `docs/guides/errors.md` has one heading for each.
 * @category Errors
 */
export type LockErrorCode =
  | 'LOCK_INVALID_OPTION'
  | 'LOCK_TIMEOUT'
  | 'LOCK_LOST'
  | 'LOCK_REENTRANT'
  | 'LOCK_MISMATCH'
  | 'LOCK_DEADLOCK'
  | 'LOCK_STALE_TOKEN'
  | 'LOCK_CONFLICT'
  | 'LOCK_UNCERTAIN'
  | 'LOCK_NO_ANSWER'
  | 'LOCK_NO_QUORUM'
  | 'LOCK_UNSUITABLE'
  | 'LOCK_CLOSED'

/**
 * How a lock was lost.
 *
 * - `'expired'`: its time was over before it was released or extended;
 * - `'stolen'`: the backend says that somebody else has it, or nobody;
 * - `'backend'`: the backend cannot keep it any longer (its session ended);
 * - `'wounded'`: its owner was the victim of a deadlock.
 * @category Errors
 */
export type LostBecause = 'expired' | 'stolen' | 'backend' | 'wounded'

/**
 * One party of a deadlock, and the key for which it waits for the next one; the last one waits for the first.
 * @category Deadlocks
 */
export interface DeadlockStep {
  /** The owner's name; `undefined` for a request without an owner, which only waits. */
  readonly owner: string | undefined
  /** What it waits for. */
  readonly waitsFor: string
}

/**
 * One party of a deadlock for whoever chooses the victim.
 * @category Deadlocks
 */
export interface DeadlockParty extends DeadlockStep {
  /** Its priority; 0 for a request without an owner. */
  readonly priority: number
  /** How many keys it holds: what it would lose. */
  readonly locks: number
}

/**
 * Chooses whom a deadlock costs its locks: returns one of the parties it is given. Must do nothing else. Where it throws or returns anything
 * else, it is the youngest.
 * @category Deadlocks
 */
export type VictimChoice = (cycle: readonly DeadlockParty[]) => DeadlockParty

/**
 * What a {@link LockError} may carry besides its code and message.
 * @category Errors
 */
export interface LockErrorOptions extends ColonyErrorOptions {
  /** With `LOCK_LOST`. */
  readonly because?: LostBecause
  /** With `LOCK_DEADLOCK`. */
  readonly cycle?: readonly DeadlockStep[]
  /** With `LOCK_CONFLICT` and `LOCK_UNCERTAIN`. */
  readonly attempts?: number
}

/**
 * Raised by every part of `@colony/lock`.
 * @category Errors
 */
export class LockError extends ColonyError<LockErrorCode> {
  /** How the lock was lost; present with `LOCK_LOST`. */
  readonly because?: LostBecause
  /** Who waited for whom; present with `LOCK_DEADLOCK`. */
  readonly cycle?: readonly DeadlockStep[]
  /** How often an update was tried; present with `LOCK_CONFLICT` and `LOCK_UNCERTAIN`. */
  readonly attempts?: number

  /** Makes an error with a documented code. */
  constructor(code: LockErrorCode, message: string, options: LockErrorOptions = {}) {
    super(code, message, options)
    if (options.because !== undefined) this.because = options.because
    if (options.cycle !== undefined) this.cycle = options.cycle
    if (options.attempts !== undefined) this.attempts = options.attempts
  }
}
