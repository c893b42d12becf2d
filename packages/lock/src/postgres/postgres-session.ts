/** A statement that has a name, for messages, for connections that remember it, and for whoever plays a server. */
export interface PostgresStatement {
  readonly name: string
  readonly text: string
}

/** What stands for a parameter. */
export type PostgresValue = string | number | null | readonly (string | number | null)[]

/** A row of an answer, by column. Nothing is known of its values before they were looked at. */
export type PostgresRow = Readonly<Record<string, unknown>>

/** One connection to the server, and what the server keeps of it: its session. */
export interface PostgresSession {
  /** Runs a statement in a transaction of its own, after those that were asked for before. Rejects with the server's error (`code`: its SQLSTATE), or when the connection is lost. */
  run(statement: PostgresStatement, values: readonly PostgresValue[]): Promise<readonly PostgresRow[]>
  /** Ends the connection at once, whatever is under way, and by that the session: as soon as the server knows. Idempotent. */
  close(): void
}

/** Who hears of a session. */
export interface SessionListener {
  /** The connection is lost. Not called after `close`. */
  ended(cause: unknown): void
  /** A message of a channel that the session listens to. */
  notified(payload: string): void
}

/** The database as the backends speak to it, whichever client is behind it. */
export interface PostgresDatabase {
  /** Opens a session of its own. */
  open(listener: SessionListener): Promise<PostgresSession>
}

/** The server's code of an error (SQLSTATE), if it is one of the server's. */
export function sqlState(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}
