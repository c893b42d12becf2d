/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock, Random } from '@colony/host'
import type { Grant, GrantRequest, NotGranted } from '../backend.ts'
import type { Asking } from '../runtime/waiting.ts'
import { claimText, keysOfClaim, MUTEX } from './lock-keys.ts'
import { ACQUIRE, RELEASE } from './lock-scripts.ts'
import { type RedisCalls, unexpectedReply } from './redis-calls.ts'
import type { RedisReply } from './redis-server.ts'
import type { ScriptBatch } from './script-batch.ts'
import type { WakeUps } from './wake-ups.ts'

/** What all requests of a backend share. */
export interface RedisRequests {
  readonly calls: RedisCalls
  /** The mutexes that are asked for in one turn, and those that are given back. */
  readonly acquires: ScriptBatch
  readonly releases: ScriptBatch
  readonly wakeUps: WakeUps
  readonly clock: Clock
  readonly random: Random
  readonly prefix: string
  readonly pollMs: number
  /** How long a place in a queue is kept for a waiter that does not ask again. */
  readonly placeMs: number
  /** Runs a release that may have to be repeated. */
  readonly giveBack: (request: RedisRequest) => void
}

const BUSY: NotGranted = { refused: 'busy' }

/** A request, all that is asked of Redis for it, and the lock that comes of it: by its name, it can always be given back. */
export class RedisRequest implements Asking, Grant {
  readonly id: string
  readonly asked: GrantRequest
  readonly keys: readonly string[]
  readonly claims: readonly string[]
  readonly #shared: RedisRequests
  #wake: (() => void) | undefined
  #isListed = false
  #expiry: Disposable | undefined
  startedAt = 0
  token = 0

  constructor(id: string, asked: GrantRequest, shared: RedisRequests) {
    this.id = id
    this.asked = asked
    this.#shared = shared
    const { claims } = asked
    this.keys = claims.flatMap((claim) => keysOfClaim(shared.prefix, claim))
    this.claims = claims.map(claimText)
  }

  get clock(): Clock {
    return this.#shared.clock
  }

  get random(): Random {
    return this.#shared.random
  }

  get pauseMs(): number {
    return this.#shared.pollMs
  }

  get longestPauseMs(): number {
    return this.#shared.pollMs
  }

  readonly attempt = async (): Promise<Grant | NotGranted> => {
    this.#expiry?.[Symbol.dispose]()
    const { clock, wakeUps } = this.#shared
    // A message may be faster than the answer.
    if (wakeUps.isListening) this.#list()
    const startedAt = clock.now()
    const reply = await this.#ask()
    const mismatch = typeof reply === 'string' && /^mismatch (\d+)$/.exec(reply)?.[1]
    if (mismatch) return { refused: 'mismatch', key: this.asked.claims[Number(mismatch) - 1]?.key ?? '' }
    if (typeof reply !== 'number' || !Number.isSafeInteger(reply)) throw unexpectedReply(ACQUIRE, reply)
    if (reply > 0) {
      this.startedAt = startedAt
      this.token = reply
      return this
    }
    if (this.asked.waitMs > 0) {
      // Others began to listen after it had asked: what it was told, nobody has heard.
      if (!this.#isListed && wakeUps.isListening) this.#wake?.()
      this.#list()
      wakeUps.listen()
      this.#lookAgainIn(-reply)
    }
    return BUSY
  }

  readonly undo = (): void => {
    this.#shared.giveBack(this)
  }

  readonly onWake = (wake: () => void): Disposable => {
    this.#wake = wake
    return this
  };

  /** Nothing wakes it any more. */
  [Symbol.dispose](): void {
    if (this.#isListed) this.#shared.wakeUps.remove(this.id)
    this.#wake = undefined
    this.#expiry?.[Symbol.dispose]()
  }

  /** Releases it, or the places that it waits in. Whether all of it was held. */
  async release(): Promise<boolean> {
    const { calls, releases } = this.#shared
    const reply = this.#isMutex
      ? await releases.run(this.keys.slice(0, 3), [this.id])
      : await calls.run(RELEASE, this.keys, [this.id, ...this.claims])
    if (reply !== 0 && reply !== 1) throw unexpectedReply(RELEASE, reply)
    return reply === 1
  }

  /**
   * Only where there is something to hear: a table that every lock passes through keeps what was in it from the garbage collector's eye for short lives, and most of its time
   * would go into what is over.
   */
  #list(): void {
    if (this.#isListed || this.#wake === undefined) return
    this.#isListed = true
    this.#shared.wakeUps.add(this.id, this.#wake)
  }

  get #isMutex(): boolean {
    return this.claims.length === 1 && this.claims[0] === MUTEX
  }

  #ask(): Promise<RedisReply> {
    const { acquires, calls, wakeUps } = this.#shared
    const placeMs = this.asked.waitMs > 0 ? this.#shared.placeMs : 0
    const args = [this.id, String(Math.ceil(this.asked.ttlMs)), String(placeMs)]
    if (this.#isMutex) return acquires.run(this.keys.slice(0, 4), args)
    return calls.run(ACQUIRE, this.keys, [wakeUps.channel, ...args, ...this.claims])
  }

  /** Whoever does not release says nothing, either: whoever is next looks when the lease in its way ends. */
  #lookAgainIn(delayMs: number): void {
    if (delayMs === 0 || delayMs >= this.#shared.pollMs || this.#wake === undefined) return
    this.#expiry = this.#shared.clock.after(delayMs + 1, () => this.#wake?.())
  }
}
