import { LockError } from '../errors.ts'
import type { RedisRun } from './redis-server.ts'

/** What `INFO server` says of the run of a server. */
export function parseRun(info: string): RedisRun {
  const runId = /^run_id:([0-9a-f]+)\s*$/m.exec(info)?.[1]
  const seconds = /^uptime_in_seconds:(\d+)\s*$/m.exec(info)?.[1]
  if (runId === undefined || seconds === undefined) {
    throw new LockError('LOCK_INVALID_OPTION', 'INFO of this server says neither its run_id nor its uptime')
  }
  // The difference of two times that were each rounded down to a second: the server may run for one second less.
  return { runId, uptimeMs: Math.max(0, Number(seconds) - 1) * 1000 }
}
