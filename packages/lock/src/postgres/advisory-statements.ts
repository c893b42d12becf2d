import type { PostgresStatement } from './postgres-session.ts'
import type { Tables } from './tables.ts'

/**
 * What one row of a batch asks for.
 *
 * - `take`, `share`: a lock, alone or with other readers, with the next token; `join`: the same as `share` for a session that reads already, and would pass a writer that waits;
 * - `give`, `unshare`: gives one back;
 * - `token`: the next token; `look`: nothing, but that the session is alive.
 */
export type AdvisoryVerb = 'take' | 'share' | 'join' | 'give' | 'unshare' | 'token' | 'look'

/** The statements of advisory locks. */
export interface AdvisoryStatements {
  /** `(pid, seed, verbs, keys)`: rows `at`, `pid`, `answer`. */
  readonly batch: PostgresStatement
  /** `(pid, seed, keys, shared as 0 or 1)`: all of these locks or none; a row `pid`, `answer`. */
  readonly takeAll: PostgresStatement
  /** `(pid, seed, key)`: waits for the lock; a row `pid`. */
  readonly wait: PostgresStatement
  /** The same, for a reader. */
  readonly waitShared: PostgresStatement
  /** `(pid)`: gives back all that the session has; a row `pid`. */
  readonly giveAll: PostgresStatement
  /** `(names, values)`: settings of the session; a row `pid`. Those that the server does not know are left out. */
  readonly settings: PostgresStatement
  /** `(pid)`: which session this is; a row `pid`. */
  readonly who: PostgresStatement
  /** `(pids)`: a row `pid` for each of these sessions that waits for an advisory lock. */
  readonly waiting: PostgresStatement
  /** `(pid)`: ends what that session waits for. */
  readonly cancel: PostgresStatement
  /** `(pid)`: ends that session. */
  readonly terminate: PostgresStatement
  /** A transaction that lasts: only behind a proxy does it take another's connection. */
  readonly begin: PostgresStatement
  readonly commit: PostgresStatement
}

/**
 * A statement that comes to another session than the one it was meant for does nothing there: a lock that a proxy has put into a connection of its own would be nobody's. Conditions are in `case`, since only
 * that fixes the order in which functions are called: no token before the lock.
 */
export function advisoryStatements({ tokens }: Tables): AdvisoryStatements {
  const next = `nextval('${tokens.replaceAll("'", "''")}')::text`
  const hash = 'hashtextextended(a.key, $2::bigint)'
  const own = 'pg_backend_pid() = $1::int'
  return {
    batch: {
      name: 'colony_advisory_batch',
      text: `select a.at::int as at, pg_backend_pid() as pid, case when ${own} then case a.verb
  when 'take' then case when pg_try_advisory_lock(${hash}) then ${next} end
  when 'share' then case when pg_try_advisory_lock_shared(${hash}) then ${next} end
  when 'join' then case when not exists (${waitersOf(hash)}) then
    case when pg_try_advisory_lock_shared(${hash}) then ${next} end end
  when 'give' then case when pg_advisory_unlock(${hash}) then 'given' end
  when 'unshare' then case when pg_advisory_unlock_shared(${hash}) then 'given' end
  when 'token' then ${next}
  when 'look' then 'here'
end end as answer
from unnest($3::text[], $4::text[]) with ordinality as a(verb, key, at)`,
    },
    takeAll: {
      name: 'colony_advisory_take_all',
      // Rows are made one after the other, and none after one that failed.
      text: `with recursive tried(at, taken) as (
  select 0, ${own}
  union all
  select at + 1, case when ($4::int[])[at + 1] = 1
    then pg_try_advisory_lock_shared(hashtextextended(($3::text[])[at + 1], $2::bigint))
    else pg_try_advisory_lock(hashtextextended(($3::text[])[at + 1], $2::bigint)) end
  from tried where taken and at < cardinality($3::text[])
), outcome as materialized (select bool_and(taken) as complete from tried)
select pg_backend_pid() as pid, case when outcome.complete then ${next} else (
  select count(case when ($4::int[])[at] = 1
    then pg_advisory_unlock_shared(hashtextextended(($3::text[])[at], $2::bigint))
    else pg_advisory_unlock(hashtextextended(($3::text[])[at], $2::bigint)) end)::text || ' given back'
  from tried where taken and at > 0) end as answer, outcome.complete as complete
from outcome`,
    },
    wait: waitWith('colony_advisory_wait', 'pg_advisory_lock'),
    waitShared: waitWith('colony_advisory_wait_shared', 'pg_advisory_lock_shared'),
    giveAll: {
      name: 'colony_advisory_give_all',
      text: `select pg_backend_pid() as pid, case when ${own} then pg_advisory_unlock_all()::text end as given`,
    },
    settings: {
      name: 'colony_settings',
      text: `select pg_backend_pid() as pid, set_config(known.name, a.value, false) as value
from unnest($1::text[], $2::text[]) as a(name, value) join pg_settings as known using (name)`,
    },
    who: { name: 'colony_who', text: 'select pg_backend_pid() as pid, $1::int as asked' },
    waiting: {
      name: 'colony_advisory_waiting',
      text: `select pid from pg_locks where locktype = 'advisory' and not granted and pid = any($1::int[])`,
    },
    cancel: { name: 'colony_cancel', text: 'select pg_cancel_backend($1::int) as done' },
    terminate: { name: 'colony_terminate', text: 'select pg_terminate_backend($1::int) as done' },
    begin: { name: 'colony_begin', text: 'begin' },
    commit: { name: 'colony_commit', text: 'commit' },
  }
}

function waitWith(name: string, lock: string): PostgresStatement {
  const call = `${lock}(hashtextextended($3::text, $2::bigint))`
  return {
    name,
    text: `select pg_backend_pid() as pid, case when pg_backend_pid() = $1::int then ${call}::text end as waited`,
  }
}

function waitersOf(hash: string): string {
  return `select from pg_locks as other where other.locktype = 'advisory' and other.objsubid = 1 and not other.granted
    and (other.classid::bigint << 32 | other.objid::bigint) = ${hash}`
}
