import type { ValueStore, VersionedValue } from '../value-store.ts'
import { Kept } from './kept.ts'
import type { LiveSession } from './live-session.ts'
import type { PostgresRow, PostgresStatement, PostgresValue } from './postgres-session.ts'
import type { Sessions } from './sessions.ts'
import { restored, storable } from './storable.ts'
import type { Tables } from './tables.ts'

/** The statements of values, by what they expect to be there. */
interface ValueStatements {
  readonly read: PostgresStatement
  readonly create: PostgresStatement
  readonly replace: PostgresStatement
  readonly delete: PostgresStatement
}

/** A version is the next number of a sequence: never the same for two writes, whatever is deleted in between. */
export function valueStatements({ values, tokens }: Tables): ValueStatements {
  const next = `nextval('${tokens.replaceAll("'", "''")}')`
  return {
    read: {
      name: 'colony_value_read',
      text: `select value, version::text as version from ${values} where key = $1`,
    },
    create: {
      name: 'colony_value_create',
      text: `insert into ${values} (key, value, version) values ($1, $2, ${next}) on conflict (key) do nothing returning 1 as written`,
    },
    replace: {
      name: 'colony_value_replace',
      text: `update ${values} set value = $2, version = ${next} where key = $1 and version = $3::bigint returning 1 as written`,
    },
    delete: {
      name: 'colony_value_delete',
      text: `delete from ${values} where key = $1 and version = $2::bigint returning 1 as written`,
    },
  }
}

/** Values in a table, on a session of their own: a writer of another transaction may hold them up, and must not hold up locks. */
export class PostgresValues implements ValueStore {
  readonly #session: Kept<LiveSession>
  readonly #statements: ValueStatements

  constructor(sessions: Sessions, tables: Tables) {
    this.#session = new Kept(() => sessions.open())
    this.#statements = valueStatements(tables)
  }

  async read(key: string): Promise<VersionedValue | undefined> {
    const [row] = await this.#run(this.#statements.read, [storable(key)])
    return row === undefined
      ? undefined
      : { text: restored(String(row['value'])), version: String(row['version']) }
  }

  async write(key: string, expected: string | undefined, text: string | undefined): Promise<boolean> {
    return await this.#write(storable(key), expected, text === undefined ? undefined : storable(text))
  }

  async #write(key: string, expected: string | undefined, text: string | undefined): Promise<boolean> {
    const { read, create, replace, delete: remove } = this.#statements
    if (expected === undefined) {
      if (text === undefined) return (await this.#run(read, [key])).length === 0
      return (await this.#run(create, [key, text])).length === 1
    }
    if (text === undefined) return (await this.#run(remove, [key, expected])).length === 1
    return (await this.#run(replace, [key, text, expected])).length === 1
  }

  async #run(
    statement: PostgresStatement,
    values: readonly PostgresValue[],
  ): Promise<readonly PostgresRow[]> {
    const session = await this.#session.get()
    return (await session.run(statement, values)).rows
  }
}
