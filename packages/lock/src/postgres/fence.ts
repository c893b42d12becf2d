import { requireMethods, requireName, showValue } from '@colony/host'
import { LockError } from '../errors.ts'
import { invalidOption } from '../runtime/options.ts'
import type { PostgresSchemaOptions } from './migration.ts'
import type { PostgresQuery, PostgresResult } from './postgres-client.ts'
import { storable } from './storable.ts'
import { tablesOf } from './tables.ts'

/**
 * Whatever runs a statement: a client, a pool's client.
 * @category Fencing
 */
export interface PostgresRunner {
  /** Runs a statement. */
  query(query: PostgresQuery): Promise<PostgresResult>
}

/**
 * The resource's half of a fencing token, where the resource is in PostgreSQL: the greatest token of `resource` is remembered in `colony_lock_fences` ({@link postgresMigration}), and smaller ones are refused. To
 * be called in the transaction that writes, before it writes: the row of the resource stays locked until that ends, so nobody comes between the check and the effect.
 *
 * Where the resource is one row, a column of its own does the same in one statement: `update job set …, fence = $1 where id = $2 and fence <= $1`, and no row that was updated
 * means that the token is stale.
 * @param client The connection of the transaction.
 * @param resource What is protected: 1 to 255 bytes of UTF-8. Whoever writes to it has to use the same name.
 * @param token The lock's `fencingToken`.
 * @throws A {@link LockError} with code `LOCK_STALE_TOKEN` when a greater one was seen; `LOCK_INVALID_OPTION`; whatever the client throws.
 * @category Fencing
 */
export async function checkFence(
  client: PostgresRunner,
  resource: string,
  token: bigint,
  options: PostgresSchemaOptions = {},
): Promise<void> {
  requireMethods(invalidOption, 'the client', client, ['query'])
  requireName(invalidOption, 'resource', resource)
  if (typeof token !== 'bigint') throw invalidOption(`a fencing token is a bigint, not ${showValue(token)}`)
  const { fences } = tablesOf(options.schema ?? 'public')
  const text = `insert into ${fences} as known (resource, token) values ($1, $2)
on conflict (resource) do update set token = excluded.token where known.token <= excluded.token returning 1 as passed`
  const { rows } = await client.query({ text, values: [storable(resource), String(token)] })
  if (rows.length === 0) {
    throw new LockError('LOCK_STALE_TOKEN', `'${resource}' has seen a greater token, and refuses ${token}`)
  }
}
