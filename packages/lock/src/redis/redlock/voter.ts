import { type Clock, observe, type Observer } from '@colony/host'
import type { RedisReply, RedisScript, RedisServer } from '../redis-server.ts'
import type { RunGuard } from './run-guard.ts'
import { EXTEND, RELEASE } from './scripts.ts'
import type { Timers } from './timers.ts'

/** So many questions may wait for a server that answers nothing; afterwards it is asked once in a while, so that what waits for it does not grow without end. */
const MOST_UNANSWERED = 100
const TRIAL_EVERY_MS = 1000

/** What a voter stands on. */
export interface VoterParts {
  readonly server: RedisServer
  readonly guard: RunGuard
  readonly clock: Clock
  readonly timers: Timers
  readonly observer: Observer | undefined
  /** Which of the servers, counted from 0: for events. */
  readonly index: number
}

/** One server. Its promises settle when the client's do, which may be never: whoever asks has a deadline. */
export class Voter {
  readonly timers: Timers
  readonly clock: Clock
  readonly #parts: VoterParts
  #unanswered = 0
  #quietSince = 0
  #triedAt = 0
  #isWell = true

  constructor(parts: VoterParts) {
    this.#parts = parts
    this.timers = parts.timers
    this.clock = parts.clock
  }

  /** Whether it has answered nothing for so long that another question would only wait behind the others. Now and then one is let through. */
  isStuck(): boolean {
    const now = this.clock.now()
    if (this.#unanswered < MOST_UNANSWERED || now - this.#quietSince < TRIAL_EVERY_MS) return false
    if (now - this.#triedAt < TRIAL_EVERY_MS) return true
    this.#triedAt = now
    return false
  }

  acquire(keys: readonly string[], value: string, ttlMs: number): Promise<boolean> {
    return this.#asked(this.#parts.guard.acquire(keys, [value, String(Math.ceil(ttlMs))]))
  }

  extend(keys: readonly string[], value: string, ttlMs: number): Promise<boolean> {
    return this.#run(EXTEND, keys, [value, String(Math.ceil(ttlMs))])
  }

  release(keys: readonly string[], value: string): Promise<boolean> {
    return this.#run(RELEASE, keys, [value])
  }

  /** It did not answer in time. */
  late(): void {
    this.#unwell('no answer in time')
  }

  #run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<boolean> {
    return this.#asked(this.#parts.server.run(script, keys, args))
  }

  async #asked(reply: Promise<RedisReply>): Promise<boolean> {
    if (this.#unanswered === 0) this.#quietSince = this.clock.now()
    this.#unanswered += 1
    try {
      const answer = await reply
      if (answer !== 0 && answer !== 1) throw new Error(`not the answer of the script: ${String(answer)}`)
      this.#well()
      return answer === 1
    } catch (error) {
      this.#unwell(String(error))
      this.#parts.guard.doubt()
      throw error
    } finally {
      this.#unanswered -= 1
      this.#quietSince = this.clock.now()
    }
  }

  #well(): void {
    if (this.#isWell) return
    this.#isWell = true
    this.#observe('info', 'answers')
  }

  #unwell(reason: string): void {
    if (!this.#isWell) return
    this.#isWell = false
    this.#observe('warn', reason)
  }

  #observe(level: 'info' | 'warn', reason: string): void {
    const { observer, index } = this.#parts
    observe(observer, { type: 'lock.server', level, backend: 'redlock', server: index, reason })
  }
}
