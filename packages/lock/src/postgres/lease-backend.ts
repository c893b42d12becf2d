/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock, Random } from '@colony/host'
import type { Grant, GrantRequest, LockBackend, NotGranted } from '../backend.ts'
import { Deadline, Deadlines } from '../runtime/deadlines.ts'
import { invalidOption } from '../runtime/options.ts'
import { unguessable } from '../runtime/unguessable.ts'
import { askUntilGranted } from '../runtime/waiting.ts'
import { Kept } from './kept.ts'
import { leaseStatements, type LeaseStatements } from './lease-statements.ts'
import { LeaseTable, type Taken } from './lease-table.ts'
import type { LiveSession } from './live-session.ts'
import { LocalTurns } from './local-turns.ts'
import type { PostgresLeasesCapabilities, ResolvedLeasesOptions } from './options.ts'
import type { PostgresDatabase } from './postgres-session.ts'
import { Sessions } from './sessions.ts'
import { storable } from './storable.ts'
import { tablesOf } from './tables.ts'
import { PostgresValues } from './values.ts'
import { Wakes } from './wakes.ts'

/** A lock in the table. When its lease is over, the next one of this process may ask. */
class LeaseGrant extends Deadline implements Grant {
  readonly startedAt: number
  readonly token: bigint
  readonly keys: readonly string[]
  readonly owner: string
  readonly #turn: Disposable

  constructor({ startedAt, token }: Taken, keys: readonly string[], owner: string, turn: Disposable) {
    super()
    this.startedAt = startedAt
    this.token = token
    this.keys = keys
    this.owner = owner
    this.#turn = turn
  }

  due(): void {
    this.#turn[Symbol.dispose]()
  }
}

const BUSY: NotGranted = { refused: 'busy' }
/** The first pause of one who waits and hears of nothing, in milliseconds. */
const FIRST_PAUSE_MS = 20

/** Leases in a table of PostgreSQL, by the database's clock. */
export class LeaseBackend implements LockBackend<PostgresLeasesCapabilities> {
  readonly name = 'postgres-leases'
  readonly capabilities: PostgresLeasesCapabilities = {
    fencing: true,
    shared: false,
    semaphore: false,
    owners: false,
    values: true,
  }
  readonly values: PostgresValues
  readonly #clock: Clock
  readonly #random: Random
  readonly #pollMs: number
  readonly #sessions: Sessions
  readonly #table: LeaseTable
  readonly #turns: LocalTurns
  readonly #deadlines: Deadlines
  readonly #wakes = new Wakes()

  constructor(database: PostgresDatabase, options: ResolvedLeasesOptions) {
    const { clock, random, schema, migrate, timeoutMs, pollMs } = options
    const tables = tablesOf(schema)
    const statements = leaseStatements(tables)
    this.#sessions = new Sessions({ database, clock, migrate, schema, answerWithinMs: timeoutMs })
    this.#table = new LeaseTable(new Kept(() => this.#openSession(statements)), statements)
    this.#turns = new LocalTurns(clock)
    this.#deadlines = new Deadlines(clock)
    this.#clock = clock
    this.#random = random
    this.#pollMs = pollMs
    this.values = new PostgresValues(this.#sessions, tables)
  }

  async acquire(request: GrantRequest): Promise<Grant | NotGranted> {
    if (request.ttlMs === Number.POSITIVE_INFINITY) {
      throw invalidOption('a lease in a table has an end: ttl cannot be Infinity')
    }
    request.signal?.throwIfAborted()
    const turn = await this.#turns.take(request)
    if (turn === undefined) return BUSY
    try {
      const answer = await this.#ask(request, turn, turn.waitMs)
      if ('refused' in answer) turn[Symbol.dispose]()
      return answer
    } catch (error) {
      turn[Symbol.dispose]()
      throw error
    }
  }

  async extend(grant: Grant, ttlMs: number): Promise<number | undefined> {
    if (ttlMs === Number.POSITIVE_INFINITY) {
      throw invalidOption('a lease in a table has an end: ttl cannot be Infinity')
    }
    const lease = grant as LeaseGrant
    const startedAt = await this.#table.extend(lease.keys, lease.owner, ttlMs)
    if (startedAt !== undefined) {
      this.#deadlines.remove(lease)
      this.#deadlines.add(lease, startedAt, ttlMs)
    }
    return startedAt
  }

  async release(grant: Grant): Promise<boolean> {
    const lease = grant as LeaseGrant
    this.#deadlines.remove(lease)
    try {
      return await this.#table.give(lease.keys, lease.owner)
    } finally {
      lease.due()
    }
  }

  async close(): Promise<void> {
    this.#sessions.close()
  }

  #ask(request: GrantRequest, turn: Disposable, waitMs: number): Promise<Grant | NotGranted> {
    const keys = request.claims.map(({ key }) => storable(key))
    let owner: string | undefined
    const attempt = async (): Promise<Grant | NotGranted> => {
      // A name for each attempt: what is given back is never what a later one was granted.
      const name = (owner = unguessable(this.#random))
      const taken = await this.#table.take(keys, name, request.ttlMs)
      if (taken !== undefined) return this.#begin(new LeaseGrant(taken, keys, name, turn), request.ttlMs)
      owner = undefined
      return BUSY
    }
    // What was taken ends with its lease if this does not arrive either.
    const undo = (): void => {
      if (owner !== undefined) void this.#table.give(keys, owner).catch(ignore)
    }
    return askUntilGranted(
      { ...request, waitMs },
      {
        clock: this.#clock,
        random: this.#random,
        pauseMs: Math.min(FIRST_PAUSE_MS, this.#pollMs),
        longestPauseMs: this.#pollMs,
        attempt,
        undo,
        onWake: (wake) => this.#wakes.on(keys, wake),
      },
    )
  }

  #begin(lease: LeaseGrant, ttlMs: number): LeaseGrant {
    this.#deadlines.add(lease, lease.startedAt, ttlMs)
    return lease
  }

  async #openSession(statements: LeaseStatements): Promise<LiveSession> {
    const session = await this.#sessions.open(ignore, (key) => this.#wakes.wake(key))
    await session.run(statements.listen, [])
    return session
  }
}

function ignore(): void {}
