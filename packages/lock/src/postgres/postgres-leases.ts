import type { LockBackend } from '../backend.ts'
import { clientDatabase } from './client-database.ts'
import { LeaseBackend } from './lease-backend.ts'
import {
  type PostgresLeasesCapabilities,
  type PostgresLeasesOptions,
  resolveLeasesOptions,
} from './options.ts'
import type { PostgresSource } from './postgres-client.ts'

/**
 * Locks that are rows of a table of PostgreSQL, each with its owner, its token and the time at which it ends on the database's clock. They outlive connections, and go through proxies that pool transactions (with
 * `prepare: false`). Who waits is woken by `NOTIFY`, where that comes through, and asks now and then besides; nobody is served first for having come first.
 *
 * What breaks them: a clock of the database that is set forward, and a failover to a replica that had not heard of a grant yet.
 *
 * A row stays when its lease ends: {@link postgresSweep} deletes old ones.
 * @param source A pool, of which one connection is kept until `close`, and another one while `locks.update` is used; or a function that makes connections, `() => new Client(url)`.
 * @throws A `LockError` with code `LOCK_INVALID_OPTION`. Its locks, with `LOCK_UNSUITABLE` without the tables of {@link postgresMigration}, with `LOCK_NO_ANSWER`, or what the client throws.
 * @category Postgres
 */
export function postgresLeases(
  source: PostgresSource,
  options: PostgresLeasesOptions = {},
): LockBackend<PostgresLeasesCapabilities> {
  return new LeaseBackend(clientDatabase(source, options.prepare ?? true), resolveLeasesOptions(options))
}
