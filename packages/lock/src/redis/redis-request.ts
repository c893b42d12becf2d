/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock, Random } from '@colony/host'
import type { Grant, GrantRequest, NotGranted } from '../backend.ts'
import type { Asking } from '../runtime/waiting.ts'
import { claimText, keysOfClaim } from './lock-keys.ts'
import { ACQUIRE, RELEASE } from './lock-scripts.ts'
import { type RedisCalls, unexpectedReply } from './redis-calls.ts'
import type { WakeUps } from './wake-ups.ts'

/** What all requests of a backend share. */
export interface RedisRequests {
  readonly calls: RedisCalls
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
  readonly #args: readonly string[]
  #wake: (() => void) | undefined
  #expiry: Disposable | undefined
  startedAt = 0
  token = 0

  constructor(id: string, asked: GrantRequest, shared: RedisRequests) {
    this.id = id
    this.asked = asked
    this.#shared = shared
    const [claim] = asked.claims
    if (asked.claims.length === 1 && claim !== undefined) {
      this.keys = keysOfClaim(shared.prefix, claim)
      this.claims = [claimText(claim)]
    } else {
      this.keys = asked.claims.flatMap((one) => keysOfClaim(shared.prefix, one))
      this.claims = asked.claims.map(claimText)
    }
    const placeMs = asked.waitMs > 0 ? shared.placeMs : 0
    const ttlMs = Math.ceil(asked.ttlMs)
    this.#args = [id, String(ttlMs), String(placeMs), shared.wakeUps.channel, ...this.claims]
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
    const { calls, clock, wakeUps } = this.#shared
    const startedAt = clock.now()
    const reply = await calls.run(ACQUIRE, this.keys, this.#args)
    if (Array.isArray(reply)) return { refused: 'mismatch', key: this.#keyAt(reply[0]) }
    const number = Number(reply)
    if (!Number.isSafeInteger(number) || reply === null) throw unexpectedReply(ACQUIRE, reply)
    if (number > 0) {
      this.startedAt = startedAt
      this.token = number
      return this
    }
    if (this.asked.waitMs > 0) {
      wakeUps.listen()
      this.#lookAgainIn(-number)
    }
    return BUSY
  }

  readonly undo = (): void => {
    this.#shared.giveBack(this)
  }

  readonly onWake = (wake: () => void): Disposable => {
    this.#wake = wake
    this.#shared.wakeUps.add(this.id, wake)
    return this
  };

  /** Nothing wakes it any more. */
  [Symbol.dispose](): void {
    this.#shared.wakeUps.remove(this.id)
    this.#wake = undefined
    this.#expiry?.[Symbol.dispose]()
  }

  /** Releases it, or the places that it waits in. Whether all of it was held. */
  async release(): Promise<boolean> {
    const reply = await this.#shared.calls.run(RELEASE, this.keys, [this.id, ...this.claims])
    return Number(reply) === 1
  }

  /** Whoever does not release says nothing, either: whoever is next looks when the lease in its way ends. */
  #lookAgainIn(delayMs: number): void {
    if (delayMs === 0 || delayMs >= this.#shared.pollMs || this.#wake === undefined) return
    this.#expiry = this.#shared.clock.after(delayMs + 1, () => this.#wake?.())
  }

  #keyAt(place: unknown): string {
    return this.asked.claims[Number(place) - 1]?.key ?? ''
  }
}
