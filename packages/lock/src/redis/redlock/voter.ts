import { type Clock, observe, type Observer } from '@colony/host'
import { CallBatch, type CallPart } from '../call-batch.ts'
import type { RedisReply, RedisServer } from '../redis-server.ts'
import type { RunGuard } from './run-guard.ts'
import { EXTEND, RELEASE } from './scripts.ts'
import type { Answer } from './tally.ts'
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

/** Told what came of a question, once. */
export type Answered = (answer: Answer, error?: unknown) => void

/** How many votes one script is asked for at the most: about a quarter of a millisecond of a server that does one thing at a time. */
const BATCH = 100

/** One server. It answers when the client does, which may be never: whoever asks has a deadline. What is asked of it in one turn of the event loop is one call. */
export class Voter {
  readonly timers: Timers
  readonly clock: Clock
  readonly #parts: VoterParts
  readonly #acquires: CallBatch
  readonly #releases: CallBatch
  #unanswered = 0
  #quietSince = 0
  #triedAt = 0
  #isWell = true

  constructor(parts: VoterParts) {
    const { server, guard } = parts
    // The keys of a Cluster's script have to share a slot.
    const limit = server.isCluster ? 1 : BATCH
    this.#acquires = new CallBatch(parts.clock, (keys, args) => guard.acquire(keys, args), limit)
    this.#releases = new CallBatch(
      parts.clock,
      async (keys, args) => await server.run(RELEASE, keys, args),
      limit,
    )
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

  acquire(keys: readonly string[], value: string, ttlMs: number, answered: Answered): void {
    const args = [value, String(Math.ceil(ttlMs)), String(keys.length)]
    this.#acquires.add(this.#question(keys, args, answered))
  }

  extend(keys: readonly string[], value: string, ttlMs: number, answered: Answered): void {
    const question = this.#question(keys, [value, String(Math.ceil(ttlMs))], answered)
    this.#parts.server.run(EXTEND, question.keys, question.args).then(
      (reply) => question.answered(reply),
      (error: unknown) => question.failed(error),
    )
  }

  release(keys: readonly string[], value: string, answered: Answered): void {
    this.#releases.add(this.#question(keys, [value, String(keys.length)], answered))
  }

  /** It did not answer in time. */
  late(): void {
    this.#unwell('no answer in time')
  }

  /** @internal */
  settled(error?: Error): void {
    this.#unanswered -= 1
    this.#quietSince = this.clock.now()
    if (error === undefined) return this.#well()
    this.#unwell(error.toString())
    this.#parts.guard.doubt()
  }

  #question(keys: readonly string[], args: readonly string[], answered: Answered): Question {
    if (this.#unanswered === 0) this.#quietSince = this.clock.now()
    this.#unanswered += 1
    return new Question(this, keys, args, answered)
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

/** What is asked of a server for one vote. */
class Question implements CallPart {
  readonly keys: readonly string[]
  readonly args: readonly string[]
  readonly #voter: Voter
  readonly #tell: Answered

  constructor(voter: Voter, keys: readonly string[], args: readonly string[], tell: Answered) {
    this.#voter = voter
    this.keys = keys
    this.args = args
    this.#tell = tell
  }

  answered(reply: RedisReply | undefined): void {
    if (reply !== 0 && reply !== 1) {
      return this.failed(new Error(`not the answer of the script: ${JSON.stringify(reply)}`))
    }
    this.#voter.settled()
    this.#tell(reply === 1 ? 'yes' : 'no')
  }

  failed(error: unknown): void {
    this.#voter.settled(error instanceof Error ? error : new Error('the client gave no reason'))
    this.#tell('unable', error)
  }
}
