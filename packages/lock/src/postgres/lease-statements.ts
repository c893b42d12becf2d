import type { PostgresStatement } from './postgres-session.ts'
import type { Tables } from './tables.ts'

/** The statements of leases. An owner is one attempt: nobody has its name twice. */
export interface LeaseStatements {
  /** `(keys, owners, ttls)`: a row `key`, `owner`, `token` for each that was taken. An owner whose keys are not all free takes none, and all tokens of one owner are the same, unless somebody comes between. */
  readonly take: PostgresStatement
  /** `(keys, owner, ttl)`: a row for each that is extended. */
  readonly extend: PostgresStatement
  /** `(keys, owners, channel)`: a row `key`, `owner`, `live` for each that was that owner's. */
  readonly give: PostgresStatement
  /** Listens. */
  readonly listen: PostgresStatement
}

/** What is said to those who wait: the key that became free. */
export const LEASE_CHANNEL = 'colony_lock_leases'

/**
 * The time is that of the database at the moment when it is looked at (`clock_timestamp()`): a transaction's `now()` is that of its beginning, and a statement may have waited since. Rows stay when leases end, and so do
 * their tokens: the next one is greater than those of all the keys that are taken together, and at least the time in microseconds, in case a row was deleted.
 */
export function leaseStatements({ leases }: Tables): LeaseStatements {
  const free = 'held.owner is null or held.expires_at <= clock_timestamp()'
  return {
    take: {
      name: 'colony_lease_take',
      // Looking first spares a write for what is busy; the condition of the update decides. All take rows in one order, so that nobody closes a circle.
      text: `with asked as materialized (
  select a.*, bool_and(${free}) over (partition by a.wanter) as is_free,
    greatest((extract(epoch from statement_timestamp()) * 1000000)::bigint, max(held.token) over (partition by a.wanter) + 1) as token
  from unnest($1::text[], $2::text[], $3::float8[]) as a(key, wanter, ttl) left join ${leases} as held using (key)
)
insert into ${leases} as held (key, owner, token, expires_at)
select key, wanter, token, clock_timestamp() + ttl * interval '1 millisecond'
from asked where is_free order by key collate "C"
on conflict (key) do update
  set owner = excluded.owner, token = greatest(held.token + 1, excluded.token), expires_at = excluded.expires_at
  where ${free}
returning key, owner, token::text as token`,
    },
    extend: {
      name: 'colony_lease_extend',
      text: `update ${leases} set expires_at = clock_timestamp() + $3::float8 * interval '1 millisecond'
where key = any($1::text[]) and owner = $2 and expires_at > clock_timestamp() returning key`,
    },
    give: {
      name: 'colony_lease_give',
      // Its loss in a crash costs the rest of the lease, and no exclusion: nobody need wait for the disk.
      text: `with mine as materialized (
  select held.key, held.owner, held.expires_at > clock_timestamp() as live
  from unnest($1::text[], $2::text[]) as a(key, wanter) join ${leases} as held on held.key = a.key and held.owner = a.wanter
  order by held.key collate "C" for update of held
), given as (
  update ${leases} as held set owner = null from mine where held.key = mine.key
  returning held.key, mine.owner, mine.live
)
select key, owner, live, pg_notify($3::text, key) as told, set_config('synchronous_commit', 'off', true) as sync from given`,
    },
    listen: { name: 'colony_lease_listen', text: `listen ${LEASE_CHANNEL}` },
  }
}
