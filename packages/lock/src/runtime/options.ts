import {
  type Clock,
  type Observer,
  type Random,
  requireDuration,
  requireMethods,
  showValue,
  systemClock,
  systemRandom,
} from '@colony/host'
import { LockError } from '../errors.ts'

/**
 * What {@link createLocks} takes besides a backend.
 * @category Locks
 */
export interface LocksOptions {
  /** How long a lock lasts unless it is extended, in milliseconds. 10 to 86 400 000. Default: 10 000. */
  readonly ttl?: number
  /** How long to wait for a lock, in milliseconds; `Infinity`: as long as it takes. Default: `Infinity`. */
  readonly wait?: number
  /** Monotonic time. Default: the system's. */
  readonly clock?: Clock
  /**
   * Milliseconds on a clock that runs on while the host sleeps, as the monotonic one of most systems does not: a lock whose lease ended meanwhile is lost. A step forward looks like sleep, and costs
   * locks; in Node, `() => os.uptime() * 1000` knows no steps. Default: the time of day with the system's clock, nothing with another one.
   */
  readonly sleeplessNow?: () => number
  /** For jitter. Default: the system's. */
  readonly random?: Random
  /** Receives structured events: `lock.lost`, `lock.trouble`. Default: nobody does. */
  readonly observer?: Observer
}

/**
 * How to get one lock.
 * @category Locks
 */
export interface AcquireOptions {
  /** How long it lasts unless it is extended, in milliseconds; `Infinity`, on the memory backend alone: until it is released. Default: that of the locks. */
  readonly ttl?: number
  /** How long to wait for it, in milliseconds. Default: that of the locks. */
  readonly wait?: number
  /** Ends the waiting. A lock that was granted already stays. */
  readonly signal?: AbortSignal
  /** Extends the lock at a third of its time, again and again, until it is released or `maxHold` is over. Default: false; `using` does. */
  readonly autoExtend?: boolean
  /** The longest that auto-extension keeps the lock, in milliseconds, so that a task that hangs does not keep it for ever. Default: 3 600 000, an hour. */
  readonly maxHold?: number
}

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly ttl: number
  readonly wait: number
  readonly clock: Clock
  readonly sleeplessNow: (() => number) | undefined
  readonly random: Random
  readonly observer: Observer | undefined
}

/** Longest lease, in milliseconds. */
const MAX_TTL_MS = 86_400_000
const MIN_TTL_MS = 10
const MAX_PAUSE_MS = 60_000
const DEFAULT_MAX_HOLD_MS = 3_600_000

/** @throws A {@link LockError} with code `LOCK_INVALID_OPTION`. */
export function resolveOptions(options: LocksOptions): ResolvedOptions {
  if (typeof options !== 'object' || options === null) throw invalidOption('options must be an object')
  return {
    ttl: checkedTtl(options.ttl ?? 10_000),
    wait: checkedWait(options.wait ?? Number.POSITIVE_INFINITY),
    clock: requireMethods(invalidOption, 'clock', options.clock ?? systemClock, [
      'now',
      'after',
      'afterInput',
    ]),
    sleeplessNow: checkedNow(options),
    random: requireMethods(invalidOption, 'random', options.random ?? systemRandom(), [
      'float',
      'integer',
      'fork',
    ]),
    observer: options.observer,
  }
}

function checkedNow({ clock = systemClock, sleeplessNow }: LocksOptions): (() => number) | undefined {
  if (sleeplessNow === undefined) return clock === systemClock ? Date.now : undefined
  if (typeof sleeplessNow === 'function') return sleeplessNow
  throw invalidOption(`sleeplessNow is a function, not ${showValue(sleeplessNow)}`)
}

/** How one lock is to be got. */
export interface Asking {
  readonly ttl: number
  readonly wait: number
  readonly signal: AbortSignal | undefined
  readonly autoExtend: boolean
  readonly maxHold: number
}

/** @throws A {@link LockError} with code `LOCK_INVALID_OPTION`. */
export function resolveAsking(options: AcquireOptions, defaults: ResolvedOptions): Asking {
  const { ttl, wait, signal, autoExtend = false, maxHold = DEFAULT_MAX_HOLD_MS } = options
  return {
    ttl: ttl === undefined ? defaults.ttl : checkedTtl(ttl),
    wait: wait === undefined ? defaults.wait : checkedWait(wait),
    signal,
    autoExtend,
    maxHold: checkedTtl(maxHold),
  }
}

/** A time to hold. */
export function checkedTtl(ttl: number): number {
  if (ttl === Number.POSITIVE_INFINITY) return ttl
  if (typeof ttl === 'number' && ttl >= MIN_TTL_MS && ttl <= MAX_TTL_MS) return ttl
  throw invalidOption(`ttl is ${MIN_TTL_MS} to ${MAX_TTL_MS} milliseconds, not ${String(ttl)}`)
}

/** A time to wait. */
export function checkedWait(wait: number): number {
  if (typeof wait === 'number' && wait >= 0) return wait
  throw invalidOption(`wait is a number of milliseconds from 0 on, not ${String(wait)}`)
}

/** The bound of a pause. */
export function checkedPause(name: string, pauseMs: number): number {
  return requireDuration(invalidOption, name, pauseMs, 0, MAX_PAUSE_MS)
}

/** What every function here throws for what a caller got wrong. */
export function invalidOption(problem: string): LockError {
  return new LockError('LOCK_INVALID_OPTION', problem)
}
