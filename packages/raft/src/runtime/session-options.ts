import { requireDuration, requireInteger, type Fail } from '@colony/host'
import type { RememberLimits } from './command-entry.ts'

/**
 * How long and how much is remembered so that a command that comes twice is applied once. The leader's options count: they travel in the log, so that all nodes
 * forget alike. Time is log time: what the group has spent with a leader, see {@link ApplyContext.time}. Given, even empty, the group makes itself ready for sessions
 * as soon as all members are up; else when the first one is opened.
 * @category Node
 */
export interface SessionOptions {
  /** How long a session may go unused before it expires. Milliseconds of log time, 100 to 2^31 - 1; default 3,600,000, an hour. */
  readonly expireAfterMs?: number
  /** How long an idempotency key is remembered. Milliseconds of log time, 100 to 2^31 - 1; default 3,600,000, an hour. */
  readonly keysExpireAfterMs?: number
  /**
   * Most bytes that remembered results may take: those of all sessions, and as much again those of keys. Above it the session that was unused longest expires, and
   * the oldest key is forgotten. Each counts 64 bytes and its result. 1,024 to 4 GiB, default 64 MiB.
   */
  readonly maxRememberedBytes?: number
}

const HOUR_MS = 3_600_000
const MAX_MS = 2 ** 31 - 1

/** Checks options and fills in the defaults. */
export function resolveSessionOptions(fail: Fail, options: SessionOptions = {}): RememberLimits {
  const {
    expireAfterMs = HOUR_MS,
    keysExpireAfterMs = HOUR_MS,
    maxRememberedBytes = 64 * 1024 ** 2,
  } = options
  const duration = (name: string, value: unknown): number =>
    Math.ceil(requireDuration(fail, `sessions.${name}`, value, 100, MAX_MS))
  return {
    sessionsExpireAfterMs: duration('expireAfterMs', expireAfterMs),
    keysExpireAfterMs: duration('keysExpireAfterMs', keysExpireAfterMs),
    maxBytes: requireInteger(fail, 'sessions.maxRememberedBytes', maxRememberedBytes, 1024, 4 * 1024 ** 3),
  }
}
