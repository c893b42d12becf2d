/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'
import type { Claim } from '../core/claim.ts'
import { LockError } from '../errors.ts'
import type { AdvisoryStatements, AdvisoryVerb } from './advisory-statements.ts'
import { Batch } from './batch.ts'
import type { Answered, LiveSession } from './live-session.ts'
import type { PostgresStatement, PostgresValue } from './postgres-session.ts'

/** What all sessions of a backend share. */
export interface AdvisoryContext {
  readonly clock: Clock
  readonly statements: AdvisoryStatements
  /** Seed of the keys' hash. */
  readonly seed: number
  /** How long the server keeps a session at least that it cannot reach, in milliseconds, unless a lock needs longer. */
  readonly sessionMs: number
}

/** What became of a job: text where it was done. */
export interface Done {
  readonly answer: string | undefined
  /** Monotonic time before the statement was sent. */
  readonly startedAt: number
}

interface Job {
  readonly verb: AdvisoryVerb
  readonly key: string
  readonly resolve: (done: Done) => void
  readonly reject: (cause: unknown) => void
}

/** A lock that ends with the session. */
export interface Holding {
  /** The session is at an end. */
  sessionEnded(): void
}

/** Most jobs in one statement. */
const MOST_JOBS = 1000
/** The server lets a session go this much later than is asked of it: its clock and its kernel's timers are not ours. */
const SERVER_MARGIN_MS = 2000

/**
 * A session that holds any number of locks. It is asked again and again whether it lives, so that a connection that is dead is known to be before the server gives its locks to others.
 */
export class AdvisorySession {
  readonly pid: number
  readonly #live: LiveSession
  readonly #context: AdvisoryContext
  readonly #holdings = new Set<Holding>()
  readonly #batch = new Batch<Job>(MOST_JOBS, (jobs) => this.#runBatch(jobs))
  readonly #readers = new Map<string, number>()
  #keptMs = 0
  #probe: Disposable | undefined

  private constructor(live: LiveSession, pid: number, context: AdvisoryContext) {
    this.#live = live
    this.pid = pid
    this.#context = context
  }

  /** Opens one: `open` gives the connection, and tells when that ends. */
  static async open(
    context: AdvisoryContext,
    open: (ended: () => void) => Promise<LiveSession>,
  ): Promise<AdvisorySession> {
    let session: AdvisorySession | undefined
    const live = await open(() => {
      if (session !== undefined) session.#ended()
    })
    try {
      const pid = await whoIs(live, context.statements)
      session = new AdvisorySession(live, pid, context)
      await session.keepFor(context.sessionMs)
      session.#probeLater()
      return session
    } catch (error) {
      live.end(error)
      throw error
    }
  }

  get isOpen(): boolean {
    return this.#live.isOpen
  }

  end(cause: unknown): void {
    this.#live.end(cause)
  }

  /** The server keeps the session for so long at least after it has heard nothing of it: longer than its longest lease. */
  async keepFor(ms: number): Promise<void> {
    if (ms <= this.#keptMs || ms === Number.POSITIVE_INFINITY) return
    const settings = settingsFor(ms + SERVER_MARGIN_MS)
    await this.run(this.#context.statements.settings, [Object.keys(settings), Object.values(settings)])
    this.#keptMs = ms
  }

  /** Does something together with others of this turn. */
  do(verb: AdvisoryVerb, key = ''): Promise<Done> {
    return new Promise((resolve, reject) => this.#batch.add({ verb, key, resolve, reject }))
  }

  /** Takes all of the locks or none, with a token. Waits for nobody. */
  async take(claims: readonly Claim[]): Promise<Done> {
    const [first] = claims
    if (first === undefined || claims.length > 1) return await this.#takeAll(claims)
    if (!first.shared) return await this.do('take', first.key)
    return await this.do(this.#readers.has(first.key) ? 'join' : 'share', first.key)
  }

  /** Waits for one lock, for as long as it takes. */
  async waitFor({ key, shared }: Claim): Promise<void> {
    const { statements, seed } = this.#context
    await this.run(shared ? statements.waitShared : statements.wait, [this.pid, seed, key], true)
  }

  /** Gives locks back. Whether all of them were there. */
  async give(claims: readonly Claim[]): Promise<boolean> {
    const done = await Promise.all(claims.map(({ key, shared }) => this.do(shared ? 'unshare' : 'give', key)))
    return done.every(({ answer }) => answer !== undefined)
  }

  /** Gives back whatever the session has. */
  async giveAll(): Promise<void> {
    await this.run(this.#context.statements.giveAll, [this.pid])
  }

  /** Runs a statement whose rows name the session. */
  async run(
    statement: PostgresStatement,
    values: readonly PostgresValue[],
    withoutLimit = false,
  ): Promise<Answered> {
    const answered = await this.#live.run(statement, values, withoutLimit)
    for (const { pid } of answered.rows) if (pid !== this.pid) throw this.#moved()
    return answered
  }

  /** Runs a statement about other sessions. */
  async ask(statement: PostgresStatement, values: readonly PostgresValue[]): Promise<Answered> {
    return await this.#live.run(statement, values)
  }

  /** From now on the holding is told when the session ends. */
  hold(holding: Holding, claims: readonly Claim[]): void {
    this.#holdings.add(holding)
    for (const { key, shared } of claims) {
      if (shared) this.#readers.set(key, (this.#readers.get(key) ?? 0) + 1)
    }
  }

  drop(holding: Holding, claims: readonly Claim[]): void {
    if (!this.#holdings.delete(holding)) return
    for (const { key, shared } of claims) {
      const left = (this.#readers.get(key) ?? 0) - 1
      if (shared && left > 0) this.#readers.set(key, left)
      else if (shared) this.#readers.delete(key)
    }
  }

  async #takeAll(claims: readonly Claim[]): Promise<Done> {
    const keys = claims.map(({ key }) => key)
    const shared = claims.map((claim) => (claim.shared ? 1 : 0))
    const { statements, seed } = this.#context
    const { rows, startedAt } = await this.run(statements.takeAll, [this.pid, seed, keys, shared])
    const answer = rows[0]?.['complete'] === true ? rows[0]['answer'] : undefined
    return { answer: typeof answer === 'string' ? answer : undefined, startedAt }
  }

  async #runBatch(jobs: readonly Job[]): Promise<void> {
    const { statements, seed } = this.#context
    const verbs = jobs.map(({ verb }) => verb)
    const keys = jobs.map(({ key }) => key)
    try {
      const { rows, startedAt } = await this.run(statements.batch, [this.pid, seed, verbs, keys])
      const answers = new Map(rows.map(({ at, answer }) => [at, answer]))
      for (const [index, { resolve }] of jobs.entries()) {
        const answer = answers.get(index + 1)
        resolve({ answer: typeof answer === 'string' ? answer : undefined, startedAt })
      }
    } catch (error) {
      // Of none of them it is known what became of it.
      this.#live.end(error)
      for (const { reject } of jobs) reject(error)
    }
  }

  #probeLater(): void {
    this.#probe?.[Symbol.dispose]()
    this.#probe = this.#context.clock.after(this.#context.sessionMs / 3, () => {
      // An answer that does not come ends the session, which is how its locks hear of it.
      void this.do('look').then(() => this.#probeLater(), ignore)
    })
  }

  #ended(): void {
    this.#probe?.[Symbol.dispose]()
    const holdings = [...this.#holdings]
    this.#holdings.clear()
    for (const holding of holdings) holding.sessionEnded()
  }

  #moved(): LockError {
    const error = notOneSession()
    this.#live.end(error)
    return error
  }
}

/** Which session of the server this connection is just now. */
export async function whoIs(live: LiveSession, { who }: AdvisoryStatements): Promise<number> {
  const { rows } = await live.run(who, [0])
  const pid = rows[0]?.['pid']
  if (typeof pid === 'number' && Number.isInteger(pid)) return pid
  throw new LockError('LOCK_UNSUITABLE', 'PostgreSQL did not say which session this is')
}

/** A connection that is not one session of the server. */
export function notOneSession(): LockError {
  return new LockError(
    'LOCK_UNSUITABLE',
    'this connection is not always the same session of PostgreSQL: a proxy pools transactions. Connect to the server itself, or let the proxy pool sessions',
  )
}

/** How long the server's kernel keeps a connection whose other end says nothing; nothing else may end the session or what it waits for. */
function settingsFor(ms: number): Record<string, string> {
  const seconds = String(Math.ceil(ms / 1000))
  return {
    tcp_keepalives_idle: seconds,
    tcp_keepalives_interval: '1',
    tcp_keepalives_count: '3',
    tcp_user_timeout: String(Math.ceil(ms)),
    client_connection_check_interval: '1000',
    idle_session_timeout: '0',
    statement_timeout: '0',
    lock_timeout: '0',
  }
}

function ignore(): void {}
