import { requireMethods, showValue } from '@colony/host'
import { invalidOption } from '../runtime/options.ts'
import type { PostgresClient, PostgresQuery, PostgresSource } from './postgres-client.ts'
import type {
  PostgresDatabase,
  PostgresRow,
  PostgresSession,
  PostgresStatement,
  PostgresValue,
  SessionListener,
} from './postgres-session.ts'

/**
 * The database behind a client.
 * @param prepare Whether connections are to remember statements: not, where a proxy gives each transaction another connection.
 * @throws A `LockError` with code `LOCK_INVALID_OPTION`.
 */
export function clientDatabase(source: PostgresSource, prepare: boolean): PostgresDatabase {
  if (typeof source === 'function') {
    return {
      async open(listener) {
        const client = requireMethods(invalidOption, 'the client', source(), [
          'connect',
          'query',
          'on',
          'end',
        ])
        // Whoever ends a connection does not wait for it, and a failure is no news of one that is at its end.
        const session = new ClientSession(client, prepare, listener, () => void client.end().catch(ignore))
        await client.connect()
        return session
      },
    }
  }
  if (typeof source !== 'object' || source === null) {
    throw invalidOption(`connections come from a pool or a function, not from ${showValue(source)}`)
  }
  requireMethods(invalidOption, 'the pool', source, ['connect'])
  return {
    async open(listener) {
      const client = await source.connect()
      requireMethods(invalidOption, 'a client of the pool', client, ['query', 'on', 'release'])
      return new ClientSession(client, prepare, listener, () => client.release(true))
    },
  }
}

class ClientSession implements PostgresSession {
  readonly #client: PostgresClient
  readonly #prepare: boolean
  readonly #end: () => void
  #listener: SessionListener | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(client: PostgresClient, prepare: boolean, listener: SessionListener, end: () => void) {
    this.#client = client
    this.#prepare = prepare
    this.#end = end
    this.#listener = listener
    client.on('error', (error) => this.#ended(error))
    client.on('end', () => this.#ended(new Error('the connection to PostgreSQL ended')))
    client.on('notification', ({ payload }) => this.#listener?.notified(payload ?? ''))
  }

  async run(
    { name, text }: PostgresStatement,
    values: readonly PostgresValue[],
  ): Promise<readonly PostgresRow[]> {
    // Clients are to be asked for one statement at a time.
    const answer = this.#last.then(async () => await this.#client.query(this.#query(name, text, values)))
    this.#last = answer.catch(ignore)
    const { rows } = await answer
    // Several statements in one have several answers, which nobody reads.
    return (rows as PostgresRow[] | undefined) ?? []
  }

  close(): void {
    if (this.#listener === undefined) return
    this.#listener = undefined
    this.#end()
  }

  #query(name: string, text: string, values: readonly PostgresValue[]): PostgresQuery {
    if (values.length === 0) return { text }
    return this.#prepare ? { name, text, values: [...values] } : { text, values: [...values] }
  }

  #ended(cause: unknown): void {
    const listener = this.#listener
    this.close()
    listener?.ended(cause)
  }
}

function ignore(): void {}
