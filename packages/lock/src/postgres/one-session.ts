import { notOneSession, whoIs } from './advisory-session.ts'
import type { AdvisoryStatements } from './advisory-statements.ts'
import type { LiveSession } from './live-session.ts'

/**
 * Refuses a connection that is not one session of the server, but whichever a proxy finds for each transaction: locks would stay in sessions that others get. Such a proxy gives a second
 * connection the session that the first has just used, and the first another one while the second is in a transaction; a server does neither.
 * @throws A `LockError` with code `LOCK_UNSUITABLE`.
 */
export async function requireOneSession(
  session: LiveSession,
  statements: AdvisoryStatements,
  open: () => Promise<LiveSession>,
): Promise<void> {
  const other = await open()
  try {
    const before = await whoIs(session, statements)
    await other.run(statements.begin, [])
    const another = await whoIs(other, statements)
    const after = await whoIs(session, statements)
    await other.run(statements.commit, [])
    if (before === another || before !== after) throw notOneSession()
  } finally {
    other.end(undefined)
  }
}
