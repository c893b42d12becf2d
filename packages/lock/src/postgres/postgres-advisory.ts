import type { LockBackend } from '../backend.ts'
import { AdvisoryBackend } from './advisory-backend.ts'
import { clientDatabase } from './client-database.ts'
import {
  type PostgresAdvisoryCapabilities,
  type PostgresAdvisoryOptions,
  resolveAdvisoryOptions,
} from './options.ts'
import type { PostgresSource } from './postgres-client.ts'

/**
 * Locks that are advisory locks of PostgreSQL. They live in sessions of this backend's own: one holds all locks that were free when they were asked for; each key that is waited for takes another, up to
 * `maxWaiting`. Waiters are served first come first served by the server, readers and writers alike, and hear at once. Tokens come from a sequence.
 *
 * The server frees a lock when its session ends: at once when this process dies; after the session's timeout, or the lock's `ttl` if that is longer, when it cannot be reached, and not before the deadline of the lock here. When a session is lost, its locks
 * are, too (`'backend'`). A process that is stopped keeps its locks until it goes on.
 *
 * Has to be connected to the server itself, or to a proxy that pools sessions: one that pools transactions is refused.
 * @param source A function that makes connections, `() => new Client(url)`; or a pool, of which connections are kept until `close`.
 * @throws A `LockError` with code `LOCK_INVALID_OPTION`. Its locks, with `LOCK_UNSUITABLE` behind a proxy that pools transactions or without the tables of {@link postgresMigration}, with `LOCK_NO_ANSWER`,
 *   or what the client throws.
 * @category Postgres
 */
export function postgresAdvisory(
  source: PostgresSource,
  options: PostgresAdvisoryOptions = {},
): LockBackend<PostgresAdvisoryCapabilities> {
  return new AdvisoryBackend(clientDatabase(source, true), resolveAdvisoryOptions(options))
}
