/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'
import { LockError } from '../errors.ts'
import {
  type PostgresDatabase,
  type PostgresRow,
  type PostgresSession,
  type PostgresStatement,
  type PostgresValue,
  sqlState,
} from './postgres-session.ts'

/** What a statement brought, and the monotonic time before its first byte was sent: the session was alive then, or later. */
export interface Answered {
  readonly rows: readonly PostgresRow[]
  readonly startedAt: number
}

/** How a session is kept, and who hears of it. */
export interface LiveOptions {
  readonly clock: Clock
  /** How long a statement may take, in milliseconds. One that takes longer ends the session: whatever the server does with it, nobody believes in it any more. */
  readonly answerWithinMs: number
  readonly ended: (cause: unknown) => void
  readonly notified?: (payload: string) => void
}

/** A session none of whose statements waits for ever: one that is not answered in time is the end of it. */
export class LiveSession {
  readonly #session: PostgresSession
  readonly #options: LiveOptions
  readonly #pending = new Set<(cause: unknown) => void>()
  #cause: unknown

  private constructor(session: PostgresSession, options: LiveOptions) {
    this.#session = session
    this.#options = options
  }

  /** Connects. What comes too late is closed. */
  static async open(database: PostgresDatabase, options: LiveOptions): Promise<LiveSession> {
    const { clock, answerWithinMs } = options
    let live: LiveSession | undefined
    let endedEarly: unknown
    const opening = database.open({
      ended: (cause) => (live === undefined ? (endedEarly = cause) : live.end(cause)),
      notified: (payload) => options.notified?.(payload),
    })
    return await new Promise((resolve, reject) => {
      let tooLate = false
      const timer = clock.after(answerWithinMs, () => {
        tooLate = true
        reject(noAnswer(answerWithinMs))
      })
      opening.then(
        (session) => {
          timer[Symbol.dispose]()
          if (tooLate) return session.close()
          live = new LiveSession(session, options)
          if (endedEarly !== undefined) live.end(endedEarly)
          resolve(live)
        },
        (error: unknown) => {
          timer[Symbol.dispose]()
          reject(error as Error)
        },
      )
    })
  }

  get isOpen(): boolean {
    return this.#cause === undefined
  }

  /** Runs a statement; `withoutLimit`: one that waits for others, who take what time they like. */
  run(
    statement: PostgresStatement,
    values: readonly PostgresValue[],
    withoutLimit = false,
  ): Promise<Answered> {
    const { clock, answerWithinMs } = this.#options
    return new Promise((resolve, reject) => {
      if (this.#cause !== undefined) return reject(this.#cause as Error)
      const startedAt = clock.now()
      this.#pending.add(reject)
      const limit = withoutLimit ? undefined : clock.after(answerWithinMs, () => this.#overdue(reject))
      const settled = (): void => {
        limit?.[Symbol.dispose]()
        this.#pending.delete(reject)
      }
      this.#session.run(statement, values).then(
        (rows) => {
          settled()
          resolve({ rows, startedAt })
        },
        (error: unknown) => {
          settled()
          reject(explained(error) as Error)
        },
      )
    })
  }

  /** Ends it: whoever waits for an answer is told, and the listener, once. */
  end(cause: unknown): void {
    if (this.#cause !== undefined) return
    this.#cause = cause ?? new Error('the session ended')
    this.#session.close()
    for (const reject of this.#pending) reject(this.#cause)
    this.#pending.clear()
    this.#options.ended(this.#cause)
  }

  /** A process that was stalled reads first what has arrived meanwhile. */
  #overdue(reject: (cause: unknown) => void): void {
    const { clock, answerWithinMs } = this.#options
    clock.afterInput(() => {
      if (this.#pending.has(reject)) this.end(noAnswer(answerWithinMs))
    })
  }
}

/** A table, a sequence or a schema that is not there. */
const NOT_THERE = ['42P01', '3F000']

function explained(error: unknown): unknown {
  if (!NOT_THERE.includes(sqlState(error) ?? '')) return error
  const problem = 'the tables of locks are not there: run postgresMigration(), or set the option `migrate`'
  return new LockError('LOCK_UNSUITABLE', problem, { cause: error })
}

function noAnswer(withinMs: number): LockError {
  return new LockError('LOCK_NO_ANSWER', `PostgreSQL did not answer within ${withinMs} ms`, {
    retryable: true,
  })
}
