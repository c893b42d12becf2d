import type { Clock } from '@colony/host'
import { LockError } from '../../errors.ts'
import type { RedisReply, RedisRun, RedisServer } from '../redis-server.ts'
import { ACQUIRE } from './scripts.ts'

/** Which run of a server each voter stands for. */
export type Runs = Map<string, RunGuard>

/**
 * Lets a server vote only if it has run for so long that every lock it may have forgotten at its start is over ("delayed restarts" of the algorithm's description, kept by clients).
 *
 * A server forgets the scripts that it knows when it is restarted, and in no other way than by a command for that purpose. A vote is a script that is run only if it is known, and it is
 * made known only to a server whose age was looked at: so a restart is noticed in one step with the first vote after it, whoever looks, and however fast the client was to connect again.
 */
export class RunGuard {
  readonly #server: RedisServer
  readonly #clock: Clock
  readonly #restartDelayMs: number
  readonly #runs: Runs
  #looking: Promise<void> | undefined
  #isKnown = false
  #mayVoteAt = 0

  constructor(server: RedisServer, clock: Clock, restartDelayMs: number, runs: Runs) {
    this.#server = server
    this.#clock = clock
    this.#restartDelayMs = restartDelayMs
    this.#runs = runs
  }

  /** Something went wrong: the next vote looks anew. Versions of Redis before 7 may know scripts after a restart. */
  doubt(): void {
    this.#isKnown = false
  }

  /**
   * Asks for votes.
   * @throws A `LockError` with code `LOCK_NO_QUORUM` while the server is too young; whatever the client throws.
   */
  async acquire(keys: readonly string[], args: readonly string[]): Promise<RedisReply> {
    if (this.#server.isCluster) return await this.#server.run(ACQUIRE, keys, args)
    if (!this.#isKnown) await this.#look()
    const reply = await this.#server.runIfKnown(ACQUIRE, keys, args)
    if (reply !== undefined) return reply
    await this.#look()
    const second = await this.#server.runIfKnown(ACQUIRE, keys, args)
    if (second === undefined) throw new LockError('LOCK_NO_QUORUM', 'the server forgets its scripts')
    return second
  }

  #look(): Promise<void> {
    this.#requireAge()
    this.#looking ??= this.#compareRuns().finally(() => (this.#looking = undefined))
    return this.#looking
  }

  async #compareRuns(): Promise<void> {
    const before = await this.#server.currentRun()
    this.#judge(before)
    await this.#server.run(ACQUIRE, [], [])
    const after = await this.#server.currentRun()
    if (after.runId !== before.runId) this.#judge(after)
    this.#isKnown = true
  }

  #judge({ runId, uptimeMs }: RedisRun): void {
    const other = this.#runs.get(runId)
    if (other !== undefined && other !== this) {
      throw new LockError('LOCK_INVALID_OPTION', 'two clients lead to one server, which has one vote')
    }
    this.#runs.set(runId, this)
    this.#mayVoteAt = this.#clock.now() + this.#restartDelayMs - uptimeMs
    this.#requireAge()
  }

  #requireAge(): void {
    const missing = this.#mayVoteAt - this.#clock.now()
    if (missing <= 0) return
    this.#isKnown = false
    throw new LockError(
      'LOCK_NO_QUORUM',
      `the server was started less than ${this.#restartDelayMs} ms ago, and votes in ${Math.ceil(missing)} ms`,
      { retryable: true },
    )
  }
}
