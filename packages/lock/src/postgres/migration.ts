import { tablesOf } from './tables.ts'

/**
 * Where the tables are.
 * @category Postgres
 */
export interface PostgresSchemaOptions {
  /** The schema of the tables, which has to be there: 1 to 255 bytes of UTF-8. Default: `public`. */
  readonly schema?: string
}

/**
 * SQL that makes what the backends need: a sequence and three tables, all of them named `colony_lock_…`. Can be run again and again, and by several at once. To be run
 * by your migrations, or by the backends with the option `migrate`.
 *
 * - `colony_lock_tokens`: the sequence of the fencing tokens of advisory locks and of the versions of values;
 * - `colony_lock_leases`: a row for each key of {@link postgresLeases};
 * - `colony_lock_values`: the values of `locks.update`;
 * - `colony_lock_fences`: the greatest token of each resource, for {@link checkFence}.
 * @throws A `LockError` with code `LOCK_INVALID_OPTION`.
 * @category Postgres
 */
export function postgresMigration(options: PostgresSchemaOptions = {}): string {
  const { tokens, leases, values, fences } = tablesOf(options.schema ?? 'public')
  // `if not exists` alone fails for one of two who make the same at one moment.
  return `select pg_advisory_xact_lock(hashtextextended('colony_lock_migration', 0));
create sequence if not exists ${tokens} as bigint no cycle;
create table if not exists ${leases} (
  key text collate "C" primary key,
  owner text,
  token bigint not null,
  expires_at timestamptz not null
) with (fillfactor = 50);
create table if not exists ${values} (
  key text collate "C" primary key,
  value text not null,
  version bigint not null
) with (fillfactor = 80);
create table if not exists ${fences} (
  resource text collate "C" primary key,
  token bigint not null
) with (fillfactor = 80);
`
}

/**
 * SQL that deletes the rows of leases that ended more than a day ago, to be run now and then where keys come and go. Tokens go on to grow: they are at least the time of the
 * database's clock in microseconds, which must not be set back by a day.
 * @throws A `LockError` with code `LOCK_INVALID_OPTION`.
 * @category Postgres
 */
export function postgresSweep(options: PostgresSchemaOptions = {}): string {
  const { leases } = tablesOf(options.schema ?? 'public')
  return `delete from ${leases} where expires_at < clock_timestamp() - interval '1 day'`
}
