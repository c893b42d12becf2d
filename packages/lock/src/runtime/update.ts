import { requireInteger, requireName } from '@colony/host'
import pRetry from 'p-retry'
import { LockError } from '../errors.ts'
import type { ValueStore } from '../value-store.ts'
import { checkedPause, checkedWait, invalidOption, type ResolvedOptions } from './options.ts'
import { pause } from './pause.ts'

/**
 * What becomes of a value. Called anew in every attempt, with a copy of the newest value that it may change, or `undefined` where there is none, and the number of
 * the attempt, from 1 on. It returns what is to be written; `null` to delete it; `undefined` to leave it as it is. It should do nothing else: only
 * the last attempt counts.
 * @category Optimistic
 */
export type Change<Value> = (
  current: Value | undefined,
  attempt: number,
) => Value | null | undefined | Promise<Value | null | undefined>

/**
 * How an update is tried.
 * @category Optimistic
 */
export interface UpdateOptions {
  /** For how long to try again after conflicts, in milliseconds; 0: a single attempt. Default: 10 000. */
  readonly wait?: number
  /** How often to try, 1 to 1 000 000. Default: as often as there is time. */
  readonly attempts?: number
  /**
   * How long to pause after the first conflict at the most, in milliseconds, up to 60 000. Pauses have full jitter: anything from 0 to a bound that doubles with each. About
   * what a read and a write take is right. Default: 5.
   */
  readonly pause?: number
  /** The bound never gets longer than this, in milliseconds, up to 60 000. Default: 250. */
  readonly longestPause?: number
  /** Ends the attempts; rejects with its reason. A write that is under way is waited for: what was written is told. */
  readonly signal?: AbortSignal
}

/**
 * Changes a value that others change, too, without a lock: reads it, lets `change` compute, and writes if nobody has written meanwhile; else again. Values are JSON.
 * Resolves with the value as it is afterwards, `undefined` where there is none.
 * @throws A `LockError` with code `LOCK_CONFLICT` when time or attempts are over; `LOCK_UNCERTAIN` when it is not known whether it was written; `LOCK_MISMATCH` when what is there is not
 *   JSON; `LOCK_INVALID_OPTION`; `LOCK_CLOSED`. The signal's reason, what `change` throws, and whatever the backend's client throws: nothing was written then.
 * @category Optimistic
 */
export type Update = <Value>(
  key: string,
  change: Change<Value>,
  options?: UpdateOptions,
) => Promise<Value | undefined>

/** @throws As {@link Update}. */
export async function updateValue<Value>(
  store: ValueStore,
  key: string,
  change: Change<Value>,
  options: UpdateOptions,
  resolved: ResolvedOptions,
): Promise<Value | undefined> {
  requireName(invalidOption, 'key', key)
  if (typeof change !== 'function') throw invalidOption('change must be a function')
  return await new Updating(store, key, change, options, resolved).run()
}

/** What is to be written: `text` is `undefined` to delete. */
interface Planned<Value> {
  readonly value: Value | undefined
  readonly text: string | undefined
}

/** A write whose answer was lost, and the version that it named. */
interface Doubt<Value> {
  readonly base: string | undefined
  readonly planned: Planned<Value>
  readonly cause: unknown
}

type Outcome<Value> = { readonly value: Value | undefined } | { readonly failed: unknown }

class Updating<Value> {
  readonly #store: ValueStore
  readonly #key: string
  readonly #change: Change<Value>
  readonly #signal: AbortSignal | undefined
  readonly #attempts: number
  readonly #until: number
  readonly #longestPauseMs: number
  readonly #resolved: ResolvedOptions
  #pauseMs: number
  #doubt: Doubt<Value> | undefined

  constructor(
    store: ValueStore,
    key: string,
    change: Change<Value>,
    options: UpdateOptions,
    resolved: ResolvedOptions,
  ) {
    const { attempts, signal } = options
    this.#store = store
    this.#key = key
    this.#change = change
    this.#signal = signal
    this.#resolved = resolved
    this.#attempts =
      attempts === undefined
        ? Number.POSITIVE_INFINITY
        : requireInteger(invalidOption, 'attempts', attempts, 1, 1_000_000)
    this.#until = resolved.clock.now() + checkedWait(options.wait ?? 10_000)
    this.#pauseMs = checkedPause('pause', options.pause ?? 5)
    this.#longestPauseMs = checkedPause('longestPause', options.longestPause ?? 250)
  }

  async run(): Promise<Value | undefined> {
    const outcome = await pRetry((attempt) => this.#attempt(attempt), {
      retries: this.#attempts - 1,
      // Pauses are made here: on the clock of the options, with full jitter, and ended by the signal. It is not handed on, since a success after an abort is one.
      minTimeout: 0,
      factor: 1,
      onFailedAttempt: ({ error, retriesLeft }) => this.#pauseBeforeNext(error, retriesLeft),
    })
    if ('failed' in outcome) throw outcome.failed
    return outcome.value
  }

  /** Rejects when it is to be tried again, and only then. */
  async #attempt(attempt: number): Promise<Outcome<Value>> {
    let done: Planned<Value> | undefined
    try {
      done = await this.#tryOnce(attempt)
    } catch (failed) {
      return { failed: this.#doubt === undefined ? failed : this.#uncertain(attempt) }
    }
    if (done !== undefined) return { value: done.value }
    if (this.#doubt !== undefined) throw this.#uncertain(attempt)
    throw new LockError(
      'LOCK_CONFLICT',
      `'${this.#key}' was changed by others in each of ${attempt} attempts`,
      {
        attempts: attempt,
        retryable: true,
      },
    )
  }

  /** What is so now; `undefined` when others were faster, or nobody knows. */
  async #tryOnce(attempt: number): Promise<Planned<Value> | undefined> {
    this.#signal?.throwIfAborted()
    const before = await this.#store.read(this.#key)
    // A write that nobody knows of can come to pass for as long as its version is the newest. The same write again either finds it so, and is the only one, or not.
    if (this.#doubt !== undefined && this.#doubt.base !== before?.version) throw this.#doubt.cause
    const planned = this.#doubt?.planned ?? (await this.#plan(before?.text, attempt))
    if (planned === 'leave') return { value: this.#parse(before?.text), text: undefined }
    this.#signal?.throwIfAborted()
    return (await this.#write(before?.version, planned)) ? planned : undefined
  }

  async #plan(text: string | undefined, attempt: number): Promise<Planned<Value> | 'leave'> {
    const value = await this.#change(this.#parse(text), attempt)
    if (value === undefined || (value === null && text === undefined)) return 'leave'
    if (value === null) return { value: undefined, text: undefined }
    const written: unknown = JSON.stringify(value)
    if (typeof written !== 'string')
      throw invalidOption(`what is to be '${this.#key}' cannot be written as JSON`)
    return { value, text: written }
  }

  async #write(base: string | undefined, planned: Planned<Value>): Promise<boolean> {
    try {
      return await this.#store.write(this.#key, base, planned.text)
    } catch (cause) {
      this.#doubt = { base, planned, cause: this.#doubt?.cause ?? cause }
      return false
    }
  }

  /** What it throws ends the attempts. */
  async #pauseBeforeNext(error: Error, retriesLeft: number): Promise<void> {
    const { clock, random } = this.#resolved
    const left = this.#until - clock.now()
    if (retriesLeft === 0 || left <= 0) throw error
    await pause(clock, Math.min(random.float() * this.#pauseMs, left), this.#signal)
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#longestPauseMs)
  }

  #parse(text: string | undefined): Value | undefined {
    if (text === undefined) return undefined
    try {
      return JSON.parse(text) as Value
    } catch (cause) {
      throw new LockError('LOCK_MISMATCH', `the value of '${this.#key}' is not JSON`, { cause })
    }
  }

  #uncertain(attempt: number): LockError {
    const message = `it is not known whether '${this.#key}' was written: the answer was lost, and it has changed or cannot be read`
    return new LockError('LOCK_UNCERTAIN', message, { attempts: attempt, cause: this.#doubt?.cause })
  }
}
