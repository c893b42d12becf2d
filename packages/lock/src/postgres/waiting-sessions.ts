/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'
import type { AdvisorySession } from './advisory-session.ts'
import type { AdvisoryStatements } from './advisory-statements.ts'
import type { Kept } from './kept.ts'

/** How many sessions are kept though nobody uses them. */
const IDLE = 2

/** A session that waits, as whoever looks after it sees it. */
interface Waiting {
  /** How often it was seen not to wait, though no answer has come. */
  missed: number
}

/** What {@link WaitingSessions} needs. */
export interface WaitingSessionsOptions {
  readonly clock: Clock
  readonly statements: AdvisoryStatements
  readonly sessionMs: number
  /** Most of them at a time. */
  readonly most: number
  /** The session that never waits. */
  readonly main: Kept<AdvisorySession>
  readonly open: () => Promise<AdvisorySession>
}

/**
 * Sessions that wait in the server's queues. One that waits can do nothing else, and what it waits for stays on it. Whether it is still there is asked on the session that never waits.
 */
export class WaitingSessions {
  readonly #options: WaitingSessionsOptions
  readonly #idle: AdvisorySession[] = []
  readonly #waiting = new Map<AdvisorySession, Waiting>()
  #inUse = 0
  #look: Disposable | undefined

  constructor(options: WaitingSessionsOptions) {
    this.#options = options
  }

  /** A session for one who waits; none where as many as may be do. Rejects when it cannot be opened. */
  async borrow(): Promise<AdvisorySession | undefined> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (!idle.isOpen) continue
      this.#inUse += 1
      return idle
    }
    if (this.#inUse >= this.#options.most) return undefined
    this.#inUse += 1
    try {
      return await this.#options.open()
    } catch (error) {
      this.#inUse -= 1
      throw error
    }
  }

  /** It has nothing any more, and waits for nothing. */
  giveBack(session: AdvisorySession): void {
    this.#inUse -= 1
    if (session.isOpen && this.#idle.length < IDLE) this.#idle.push(session)
    else session.end(undefined)
  }

  /** Looks after a session while it waits. */
  async watch(session: AdvisorySession, wait: () => Promise<void>): Promise<void> {
    this.#waiting.set(session, { missed: 0 })
    this.#lookLater()
    try {
      await wait()
    } finally {
      this.#waiting.delete(session)
    }
  }

  /** Ends what the session waits for: by the server, since it cannot be asked itself. */
  async cancel(session: AdvisorySession): Promise<void> {
    const main = this.#options.main.current
    try {
      if (main === undefined) session.end(undefined)
      else await main.ask(this.#options.statements.cancel, [session.pid])
    } catch (error) {
      session.end(error)
    }
  }

  close(): void {
    this.#look?.[Symbol.dispose]()
    for (const session of this.#idle.splice(0)) session.end(undefined)
  }

  #lookLater(): void {
    this.#look ??= this.#options.clock.after(this.#options.sessionMs / 3, () => {
      void this.#lookAtAll().then(() => {
        this.#look = undefined
        if (this.#waiting.size > 0) this.#lookLater()
      })
    })
  }

  async #lookAtAll(): Promise<void> {
    const { main, statements } = this.#options
    const asked = [...this.#waiting]
    if (asked.length === 0) return
    try {
      const session = await main.get()
      const { rows } = await session.ask(statements.waiting, [asked.map(([{ pid }]) => pid)])
      const waiting = new Set(rows.map(({ pid }) => pid))
      for (const [each, state] of asked) {
        if (waiting.has(each.pid)) state.missed = 0
        // Its answer may be under way the first time.
        else if ((state.missed += 1) > 1) await this.#giveUp(session, each, state)
      }
    } catch (error) {
      // The server cannot be reached: nobody is to wait for it for ever.
      for (const [each, state] of asked) if (this.#waiting.get(each) === state) each.end(error)
    }
  }

  /** Its connection is dead, and what it was given is to be somebody else's. */
  async #giveUp(main: AdvisorySession, session: AdvisorySession, state: Waiting): Promise<void> {
    if (this.#waiting.get(session) !== state) return
    session.end(new Error('the connection to PostgreSQL is dead'))
    await main.ask(this.#options.statements.terminate, [session.pid])
  }
}
