/// <reference lib="esnext.disposable" preserve="true" />
import { observe } from '@colony/host'
import type { Capabilities } from '../backend.ts'
import type { BaseLock, Lock } from './lock.ts'
import type { ResolvedOptions } from './options.ts'
import { pause } from './pause.ts'

/**
 * How to take part in an election.
 * @category Elections
 */
export interface ElectOptions {
  /** How long a leader that is gone leads on in the eyes of the others, in milliseconds. Default: that of the locks. */
  readonly ttl?: number
  /** Ends taking part. */
  readonly signal?: AbortSignal
}

/**
 * A term of leading.
 * @category Elections
 */
export interface Elected<C extends Capabilities> {
  /** The lock that makes the leader: extended for as long as `lead` runs. Its token, where there is one, is the number of the term. */
  readonly lock: Lock<C>
  /** Aborts when the lead is lost, or taking part is ended: `lead` should return then. */
  readonly signal: AbortSignal
}

/** What leads. Returning from it ends the term; whoever leads for as long as it may waits for the signal. */
export type Lead<C extends Capabilities> = (elected: Elected<C>) => void | Promise<void>

/** What an election is made of; the types of locks are its maker's affair. */
export interface Contest {
  readonly name: string
  readonly options: ResolvedOptions
  readonly signal: AbortSignal | undefined
  acquire(signal: AbortSignal): Promise<BaseLock>
  lead(lock: BaseLock, signal: AbortSignal): void | Promise<void>
}

/** How long to wait before taking part again after trouble, at most. */
const PAUSE_MS = 1000

/**
 * Taking part in an election. Made by `locks.elect`.
 * @category Elections
 */
export class Election {
  readonly #contest: Contest
  readonly #stopping = new AbortController()
  readonly #signal: AbortSignal
  readonly #over: Promise<void>
  #leads = false

  /** @internal */
  constructor(contest: Contest, ended: () => void) {
    this.#contest = contest
    const given = contest.signal
    this.#signal =
      given === undefined ? this.#stopping.signal : AbortSignal.any([given, this.#stopping.signal])
    this.#over = this.#run().finally(ended)
  }

  /** Whether this one leads. */
  get leads(): boolean {
    return this.#leads
  }

  /** Ends taking part; resolves when `lead` has returned and the lock is given back. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#over
  }

  /** Stops. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** Waits for the lock, leads, and begins again: the next term may be another's. */
  async #run(): Promise<void> {
    const { name, options } = this.#contest
    while (!this.#signal.aborted) {
      try {
        const lock = await this.#contest.acquire(this.#signal)
        await this.#lead(lock)
      } catch (error) {
        if (this.#signal.aborted) return
        observe(options.observer, {
          type: 'lock.election-trouble',
          level: 'warn',
          name,
          reason: String(error),
        })
        await pause(options.clock, PAUSE_MS * options.random.float(), this.#signal)
      }
    }
  }

  async #lead(lock: BaseLock): Promise<void> {
    this.#leads = true
    try {
      await this.#contest.lead(lock, AbortSignal.any([lock.signal, this.#signal]))
    } finally {
      this.#leads = false
      await lock.release()
    }
  }
}
