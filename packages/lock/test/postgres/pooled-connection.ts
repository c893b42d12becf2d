import { EventEmitter } from 'node:events'
import { Client, type QueryResult } from 'pg'
import type { PostgresConnection, PostgresQuery } from '../../src/postgres/index.ts'

/** A proxy that pools transactions: each finds some connection to the server, the one that was used last if it is free. */
export class TransactionPool {
  readonly #url: string
  readonly #free: Client[] = []
  readonly #all: Client[] = []

  constructor(url: string) {
    this.#url = url
  }

  /** What a client of the proxy has. */
  connection(): PostgresConnection {
    const events = new EventEmitter()
    let own: Client | undefined
    return {
      on: (event: string, listener: (...args: never[]) => void) => events.on(event, listener as () => void),
      connect: async () => undefined,
      end: async () => void events.emit('end'),
      query: async (query: PostgresQuery): Promise<QueryResult> => {
        const client = own ?? (await this.#take())
        const result = await client.query({ ...query, values: query.values ?? [] })
        // A transaction keeps its connection to its end.
        own = query.text === 'begin' || (own !== undefined && query.text !== 'commit') ? client : undefined
        if (own === undefined) this.#free.push(client)
        return result
      },
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((client) => client.end()))
  }

  async #take(): Promise<Client> {
    const free = this.#free.pop()
    if (free !== undefined) return free
    const client = new Client({ connectionString: this.#url })
    this.#all.push(client)
    await client.connect()
    return client
  }
}
