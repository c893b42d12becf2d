import type { Clock } from '@colony/host'
import { LockError } from '../errors.ts'
import { LiveSession } from './live-session.ts'
import { postgresMigration } from './migration.ts'
import type { PostgresDatabase, PostgresStatement } from './postgres-session.ts'

/** What opens sessions for a backend. */
export interface SessionsOptions {
  readonly database: PostgresDatabase
  readonly clock: Clock
  readonly answerWithinMs: number
  /** Whether the tables are to be made. */
  readonly migrate: boolean
  readonly schema: string
}

/** Opens sessions, the tables having been made before if that is wanted, until it is closed. */
export class Sessions {
  readonly options: SessionsOptions
  readonly #open = new Set<LiveSession>()
  #migrated: Promise<void> | undefined
  #isClosed = false

  constructor(options: SessionsOptions) {
    this.options = options
  }

  /** A session of its own for whoever asks. */
  async open(
    ended: (cause: unknown) => void = ignore,
    notified: (payload: string) => void = ignore,
  ): Promise<LiveSession> {
    if (this.options.migrate) await this.#migrate()
    return await this.#connect(ended, notified)
  }

  /** Ends all of them, and those that are being opened. */
  close(): void {
    this.#isClosed = true
    for (const session of this.#open) session.end(closed())
  }

  async #connect(ended: (cause: unknown) => void, notified: (payload: string) => void): Promise<LiveSession> {
    if (this.#isClosed) throw closed()
    const { database, clock, answerWithinMs } = this.options
    let session: LiveSession | undefined
    const onEnd = (cause: unknown): void => {
      if (session !== undefined) this.#open.delete(session)
      ended(cause)
    }
    session = await LiveSession.open(database, { clock, answerWithinMs, notified, ended: onEnd })
    if (session.isOpen) this.#open.add(session)
    if (this.#isClosed) session.end(closed())
    return session
  }

  #migrate(): Promise<void> {
    // Whoever comes after one that failed tries again.
    return (this.#migrated ??= this.#runMigration().catch((error: unknown) => {
      this.#migrated = undefined
      throw error
    }))
  }

  async #runMigration(): Promise<void> {
    const { schema } = this.options
    const statement: PostgresStatement = { name: 'colony_migrate', text: postgresMigration({ schema }) }
    const session = await this.#connect(ignore, ignore)
    try {
      await session.run(statement, [])
    } finally {
      session.end(undefined)
    }
  }
}

function closed(): LockError {
  return new LockError('LOCK_CLOSED', 'the backend was closed')
}

function ignore(): void {}
