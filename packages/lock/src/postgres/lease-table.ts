import type { Answered, LiveSession } from './live-session.ts'
import { Batch } from './batch.ts'
import type { Kept } from './kept.ts'
import { LEASE_CHANNEL, type LeaseStatements } from './lease-statements.ts'

/** Keys that were taken: the token of all of them, and the monotonic time before the statement was sent. */
export interface Taken {
  readonly token: bigint
  readonly startedAt: number
}

/** What somebody wants of the table. */
interface Job {
  readonly kind: 'take' | 'give'
  readonly keys: readonly string[]
  readonly owner: string
  readonly ttlMs: number
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (cause: unknown) => void
}

/** What became of it: the rows of its keys, and when the statement began. */
interface Outcome {
  readonly tokens: readonly bigint[]
  readonly live: number
  readonly startedAt: number
}

/** Most jobs in one trip. */
const MOST_JOBS = 500

/** The table of leases, asked by one session: what is wanted in one turn goes out as one statement of each kind. */
export class LeaseTable {
  readonly #session: Kept<LiveSession>
  readonly #statements: LeaseStatements
  readonly #batch = new Batch<Job>(MOST_JOBS, (jobs) => this.#run(jobs))

  constructor(session: Kept<LiveSession>, statements: LeaseStatements) {
    this.#session = session
    this.#statements = statements
  }

  /** Takes all of the keys for `owner` or none. Rejects when it is not known. */
  async take(keys: readonly string[], owner: string, ttlMs: number): Promise<Taken | undefined> {
    const { tokens, startedAt } = await this.#ask('take', keys, owner, ttlMs)
    const [token] = tokens
    // What is granted is the last token of each of its keys.
    const isOne = tokens.every((each) => each === token)
    if (token !== undefined && tokens.length === keys.length && isOne) return { token, startedAt }
    // Somebody came between for some of them.
    if (tokens.length > 0) await this.give(keys, owner)
    return undefined
  }

  /** Gives back whatever `owner` has of these keys. Whether it had all of them, and its time was not over. */
  async give(keys: readonly string[], owner: string): Promise<boolean> {
    const { live } = await this.#ask('give', keys, owner, 0)
    return live === keys.length
  }

  /** When the attempt began that extended all of them; nothing when one is gone. */
  async extend(keys: readonly string[], owner: string, ttlMs: number): Promise<number | undefined> {
    const session = await this.#session.get()
    const { rows, startedAt } = await session.run(this.#statements.extend, [keys, owner, ttlMs])
    return rows.length === keys.length ? startedAt : undefined
  }

  #ask(kind: Job['kind'], keys: readonly string[], owner: string, ttlMs: number): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#batch.add({ kind, keys, owner, ttlMs, resolve, reject })
    })
  }

  async #run(jobs: readonly Job[]): Promise<void> {
    const give = jobs.filter(({ kind }) => kind === 'give')
    if (give.length > 0) await this.#runAll(give, 'give')
    // A statement meets a row once: who wants a key that another one of the batch wants is asked for after it.
    let rest = jobs.filter(({ kind }) => kind === 'take')
    while (rest.length > 0) {
      const seen = new Set<string>()
      const now = rest.filter(({ keys }) => {
        const isFirst = !keys.some((key) => seen.has(key))
        for (const key of keys) seen.add(key)
        return isFirst
      })
      await this.#runAll(now, 'take')
      rest = rest.filter((job) => !now.includes(job))
    }
  }

  async #runAll(jobs: readonly Job[], kind: Job['kind']): Promise<void> {
    const keys = jobs.flatMap((job) => job.keys)
    const owners = jobs.flatMap((job) => job.keys.map(() => job.owner))
    const last = kind === 'give' ? LEASE_CHANNEL : jobs.flatMap((job) => job.keys.map(() => job.ttlMs))
    try {
      const session = await this.#session.get()
      const answered = await session.run(this.#statements[kind], [keys, owners, last])
      const outcomes = outcomesOf(answered)
      for (const { owner, resolve } of jobs) {
        resolve(outcomes.get(owner) ?? { tokens: [], live: 0, startedAt: answered.startedAt })
      }
    } catch (error) {
      for (const { reject } of jobs) reject(error)
    }
  }
}

/** Rows by owner. */
function outcomesOf({ rows, startedAt }: Answered): Map<unknown, Outcome> {
  const outcomes = new Map<unknown, { tokens: bigint[]; live: number; readonly startedAt: number }>()
  for (const { owner, token, live } of rows) {
    let outcome = outcomes.get(owner)
    if (outcome === undefined) outcomes.set(owner, (outcome = { tokens: [], live: 0, startedAt }))
    if (typeof token === 'string' && /^\d+$/.test(token)) outcome.tokens.push(BigInt(token))
    if (live === true) outcome.live += 1
  }
  return outcomes
}
