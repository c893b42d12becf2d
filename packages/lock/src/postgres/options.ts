import {
  type Clock,
  type Random,
  requireDuration,
  requireInteger,
  requireMethods,
  systemClock,
  systemRandom,
} from '@colony/host'
import { invalidOption } from '../runtime/options.ts'
import type { PostgresSchemaOptions } from './migration.ts'

/**
 * What both backends of PostgreSQL take.
 * @category Postgres
 */
export interface PostgresOptions extends PostgresSchemaOptions {
  /** Runs {@link postgresMigration} before anything else. Default: false; the tables have to be there. */
  readonly migrate?: boolean
  /** Monotonic time. Default: the system's. */
  readonly clock?: Clock
  /** For jitter. Default: the system's. */
  readonly random?: Random
}

/**
 * What {@link postgresAdvisory} takes.
 * @category Postgres
 */
export interface PostgresAdvisoryOptions extends PostgresOptions {
  /** Seed of the hash that makes a number of a key: `hashtextextended(key, seed)` is what is locked, for whoever wants to exclude these locks in SQL. A whole number. Default: 0. */
  readonly seed?: number
  /**
   * How long the server keeps a session that it cannot reach, in milliseconds; locks of a longer `ttl` make it longer. Here the loss is noticed before. 1000 to 3 600 000. Default: 15 000.
   */
  readonly sessionTimeout?: number
  /** How many keys may be waited for in the server's queues at a time, each on a connection of its own: 0 to 1000. Whoever comes in addition asks again and again. Default: 8. */
  readonly maxWaiting?: number
}

/**
 * What {@link postgresLeases} takes.
 * @category Postgres
 */
export interface PostgresLeasesOptions extends PostgresOptions {
  /** How long a statement may take, in milliseconds, before the connection is given up: 10 to 600 000. Default: 5000. */
  readonly timeout?: number
  /** The longest pause of one who waits and hears of nothing, in milliseconds: a lock whose holder has died is taken within this time of its end. 1 to 600 000. Default: 500. */
  readonly poll?: number
  /** Whether the connection remembers statements: not behind a proxy that pools transactions. Default: true. */
  readonly prepare?: boolean
}

/**
 * What advisory locks can do.
 * @category Postgres
 */
export interface PostgresAdvisoryCapabilities {
  /** Tokens of a sequence, drawn while the lock is held. */
  readonly fencing: true
  /** Readers and writers: the server's queue is fair to both. */
  readonly shared: true
  /** Advisory locks are not counted. */
  readonly semaphore: false
  /** Nobody here knows all owners. */
  readonly owners: false
  /** Values in a table. */
  readonly values: true
}

/**
 * What leases in a table can do.
 * @category Postgres
 */
export interface PostgresLeasesCapabilities {
  /** Tokens of the row, drawn in the statement that grants. */
  readonly fencing: true
  /** A row has one owner. */
  readonly shared: false
  /** A row has one owner. */
  readonly semaphore: false
  /** Nobody here knows all owners. */
  readonly owners: false
  /** Values in a table. */
  readonly values: true
}

/** Options of every backend here with their defaults. */
export interface ResolvedPostgresOptions {
  readonly schema: string
  readonly migrate: boolean
  readonly clock: Clock
  readonly random: Random
}

/** Options of advisory locks with their defaults. */
export interface ResolvedAdvisoryOptions extends ResolvedPostgresOptions {
  readonly seed: number
  readonly sessionMs: number
  readonly mostWaiting: number
}

/** Options of leases with their defaults. */
export interface ResolvedLeasesOptions extends ResolvedPostgresOptions {
  readonly timeoutMs: number
  readonly pollMs: number
}

/** @throws A `LockError` with code `LOCK_INVALID_OPTION`. */
export function resolveAdvisoryOptions(options: PostgresAdvisoryOptions): ResolvedAdvisoryOptions {
  const { seed = 0, sessionTimeout = 15_000, maxWaiting = 8 } = options
  const largest = Number.MAX_SAFE_INTEGER
  return {
    ...resolveShared(options),
    seed: requireInteger(invalidOption, 'seed', seed, -largest, largest),
    sessionMs: requireDuration(invalidOption, 'sessionTimeout', sessionTimeout, 1000, 3_600_000),
    mostWaiting: requireInteger(invalidOption, 'maxWaiting', maxWaiting, 0, 1000),
  }
}

/** @throws A `LockError` with code `LOCK_INVALID_OPTION`. */
export function resolveLeasesOptions(options: PostgresLeasesOptions): ResolvedLeasesOptions {
  const { timeout = 5000, poll = 500 } = options
  return {
    ...resolveShared(options),
    timeoutMs: requireDuration(invalidOption, 'timeout', timeout, 10, 600_000),
    pollMs: requireDuration(invalidOption, 'poll', poll, 1, 600_000),
  }
}

function resolveShared(options: PostgresOptions): ResolvedPostgresOptions {
  const { schema = 'public', migrate = false, clock = systemClock, random = systemRandom() } = options
  return {
    ...{ schema, migrate: migrate },
    clock: requireMethods(invalidOption, 'clock', clock, ['now', 'after', 'afterInput']),
    random: requireMethods(invalidOption, 'random', random, ['float', 'integer', 'fork']),
  }
}
