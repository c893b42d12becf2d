/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'
import type { Grant, GrantRequest, LockBackend, NotGranted } from '../backend.ts'
import { Deadlines } from '../runtime/deadlines.ts'
import { AdvisoryAttempt, type AttemptContext, type Taken } from './advisory-attempt.ts'
import { AdvisoryGrant, type GrantListener } from './advisory-grant.ts'
import { type AdvisoryContext, AdvisorySession } from './advisory-session.ts'
import { advisoryStatements } from './advisory-statements.ts'
import { unlessGivenUp } from './given-up.ts'
import { Kept } from './kept.ts'
import { LocalTurns } from './local-turns.ts'
import { requireOneSession } from './one-session.ts'
import type { PostgresAdvisoryCapabilities, ResolvedAdvisoryOptions } from './options.ts'
import type { PostgresDatabase } from './postgres-session.ts'
import { Sessions } from './sessions.ts'
import { storable } from './storable.ts'
import { tablesOf } from './tables.ts'
import { PostgresValues } from './values.ts'
import { WaitingSessions } from './waiting-sessions.ts'

const BUSY: NotGranted = { refused: 'busy' }

/** Advisory locks of PostgreSQL, on a few sessions of this process alone. */
export class AdvisoryBackend implements LockBackend<PostgresAdvisoryCapabilities>, GrantListener {
  readonly name = 'postgres-advisory'
  readonly capabilities: PostgresAdvisoryCapabilities = {
    fencing: true,
    shared: true,
    semaphore: false,
    owners: false,
    values: true,
  }
  readonly values: PostgresValues
  readonly #clock: Clock
  readonly #sessions: Sessions
  readonly #shared: AdvisoryContext
  readonly #context: AttemptContext
  readonly #deadlines: Deadlines
  readonly #turns: LocalTurns
  #isOneSession = false

  constructor(database: PostgresDatabase, options: ResolvedAdvisoryOptions) {
    const { clock, random, schema, migrate, seed, sessionMs, mostWaiting } = options
    const tables = tablesOf(schema)
    const statements = advisoryStatements(tables)
    // A probe is sent after a third of the time, and is late after half of it: what is left is for timers that are late.
    this.#sessions = new Sessions({ database, clock, migrate, schema, answerWithinMs: sessionMs / 2 })
    this.#shared = { clock, statements, seed, sessionMs }
    const main = new Kept(() => this.#openMain())
    const open = (): Promise<AdvisorySession> =>
      AdvisorySession.open(this.#shared, (ended) => this.#sessions.open(ended))
    const waiting = new WaitingSessions({ clock, statements, sessionMs, most: mostWaiting, main, open })
    this.#context = { clock, random, main, waiting }
    this.#clock = clock
    this.#deadlines = new Deadlines(clock)
    this.#turns = new LocalTurns(clock)
    this.values = new PostgresValues(this.#sessions, tables)
  }

  async acquire(asked: GrantRequest): Promise<Grant | NotGranted> {
    asked.signal?.throwIfAborted()
    const claims = asked.claims.map((claim) => ({ ...claim, key: storable(claim.key) }))
    const request = { ...asked, claims }
    const turn = await this.#turns.take(request)
    if (turn === undefined) return BUSY
    try {
      const answer = await this.#ask(request, turn.waitMs)
      if (!('refused' in answer)) return this.#grant(answer, request, turn)
      turn[Symbol.dispose]()
      return answer
    } catch (error) {
      turn[Symbol.dispose]()
      throw error
    }
  }

  async extend(grant: Grant, ttlMs: number): Promise<number | undefined> {
    const held = grant as AdvisoryGrant
    if (!held.isHeld) return undefined
    await held.session.keepFor(ttlMs)
    const { startedAt } = await held.session.do('look')
    if (!held.isHeld) return undefined
    this.#deadlines.remove(held)
    if (ttlMs !== Number.POSITIVE_INFINITY) this.#deadlines.add(held, startedAt, ttlMs)
    return startedAt
  }

  async release(grant: Grant): Promise<boolean> {
    const held = grant as AdvisoryGrant
    if (!held.finish()) return false
    this.#deadlines.remove(held)
    return await this.#giveBack(held)
  }

  async close(): Promise<void> {
    this.#context.waiting.close()
    this.#sessions.close()
  }

  leaseOver(grant: AdvisoryGrant): void {
    // A session that cannot give a lock back is at its end, and gives back all of them.
    void this.#giveBack(grant).catch((error: unknown) => grant.session.end(error))
  }

  sessionOver(grant: AdvisoryGrant): void {
    this.#deadlines.remove(grant)
    this.#leave(grant)
  }

  async #ask(request: GrantRequest, waitMs: number): Promise<Taken | NotGranted> {
    const attempt = new AdvisoryAttempt(request, this.#context)
    const wanted = { waitMs, signal: request.signal }
    const answer = await unlessGivenUp(wanted, this.#clock, attempt.run(waitMs > 0), {
      stop: () => attempt.stop(),
      tooLate: (late) => void this.#putBack(late, request),
    })
    return answer ?? BUSY
  }

  /** What was taken before its taker could be told that nobody wants it. */
  async #putBack(taken: Taken | NotGranted, { claims }: GrantRequest): Promise<void> {
    if ('refused' in taken) return
    try {
      await taken.session.give(claims)
    } catch (error) {
      taken.session.end(error)
    }
    taken.leave()
  }

  #grant(taken: Taken, request: GrantRequest, turn: Disposable): AdvisoryGrant {
    const grant = new AdvisoryGrant(taken, request, turn, this)
    // It may have ended between the answer and here.
    if (!grant.session.isOpen) grant.sessionEnded()
    else if (request.ttlMs !== Number.POSITIVE_INFINITY) {
      this.#deadlines.add(grant, grant.startedAt, request.ttlMs)
    }
    return grant
  }

  async #giveBack(grant: AdvisoryGrant): Promise<boolean> {
    try {
      return await grant.session.give(grant.claims)
    } finally {
      this.#leave(grant)
    }
  }

  /** The next one of this process may ask, and the session is free for others to wait on. */
  #leave({ turn, taken }: AdvisoryGrant): void {
    turn[Symbol.dispose]()
    taken.leave()
  }

  async #openMain(): Promise<AdvisorySession> {
    return await AdvisorySession.open(this.#shared, async (ended) => {
      const live = await this.#sessions.open(ended)
      try {
        if (!this.#isOneSession) {
          await requireOneSession(live, this.#shared.statements, () => this.#sessions.open())
        }
        this.#isOneSession = true
        return live
      } catch (error) {
        live.end(error)
        throw error
      }
    })
  }
}
