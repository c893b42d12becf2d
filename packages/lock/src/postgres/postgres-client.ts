/**
 * A message of `NOTIFY`.
 * @category Postgres
 */
export interface PostgresNotification {
  /** What was sent with it. */
  readonly payload?: string | undefined
}

/**
 * A statement as clients take it.
 * @category Postgres
 */
export interface PostgresQuery {
  /** Under which the connection remembers it, parsed; absent: it does not. */
  readonly name?: string
  /** SQL, with `$1` for the first value. */
  readonly text: string
  /** What stands for `$1` and so on. */
  readonly values?: unknown[]
}

/**
 * What came of a statement.
 * @category Postgres
 */
export interface PostgresResult {
  /** One object for each row, by column. */
  readonly rows: unknown[]
}

/**
 * One connection, as far as it is needed: the `Client` of `pg` is one, and so is whatever has its methods.
 * @category Postgres
 */
export interface PostgresClient {
  /** Runs a statement, after those that were asked for before. */
  query(query: PostgresQuery): Promise<PostgresResult>
  /** The connection failed. */
  on(event: 'error', listener: (error: Error) => void): unknown
  /** The connection ended. */
  on(event: 'end', listener: () => void): unknown
  /** Something that is listened for was said. */
  on(event: 'notification', listener: (message: PostgresNotification) => void): unknown
}

/**
 * A connection that is still to be made.
 * @category Postgres
 */
export interface PostgresConnection extends PostgresClient {
  /** Connects. */
  connect(): Promise<unknown>
  /** Ends the connection. */
  end(): Promise<void>
}

/**
 * A connection of a pool.
 * @category Postgres
 */
export interface PostgresPoolClient extends PostgresClient {
  /** Gives it back; with `true`, to be ended. */
  release(destroy: boolean): void
}

/**
 * A pool of connections: the `Pool` of `pg` is one.
 * @category Postgres
 */
export interface PostgresPool {
  /** A connection for whoever asks, alone. */
  connect(): Promise<PostgresPoolClient>
}

/**
 * Where connections come from: a pool, of which some are kept for good, or a function that makes them: `() => new Client(url)`.
 * @category Postgres
 */
export type PostgresSource = PostgresPool | (() => PostgresConnection)
