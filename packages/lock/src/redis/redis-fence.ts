import { type Clock, requireInteger, requireMethods, requireName, showValue, systemClock } from '@colony/host'
import { LockError } from '../errors.ts'
import { invalidOption } from '../runtime/options.ts'
import type { RedisClient } from './clients.ts'
import { sideKey } from './lock-keys.ts'
import { luaScript } from './lua-script.ts'
import { RedisCalls } from './redis-calls.ts'
import type { RedisReply, RedisScript, RedisServer } from './redis-server.ts'
import { redisServer } from './server-of-client.ts'

/** The last key remembers the greatest token, the last argument is the token of whoever writes: a script's own keys and arguments keep their numbers. */
const CHECK = `
local seen = redis.call('get', KEYS[#KEYS])
if seen and tonumber(ARGV[#ARGV]) < tonumber(seen) then return { 'stale', seen } end
redis.call('set', KEYS[#KEYS], ARGV[#ARGV])
`

const SET: RedisScript = luaScript(
  'fenced-set',
  `${CHECK}redis.call('set', KEYS[1], ARGV[1]) return { 'done' }`,
)
const DELETE: RedisScript = luaScript('fenced-delete', `${CHECK}redis.call('del', KEYS[1]) return { 'done' }`)

/**
 * What {@link fencedKey} takes.
 * @category Fencing
 */
export interface FencedKeyOptions {
  /** How long an answer may take, in milliseconds: 10 to 60 000. Default: 2000. */
  readonly timeout?: number
  /** Monotonic time. Default: the system's. */
  readonly clock?: Clock
}

/**
 * A key of Redis that refuses whoever's lock is not the newest that it has seen. Each method rejects with `LOCK_STALE_TOKEN` then, and with `LOCK_NO_ANSWER` when it is not
 * known whether it was done.
 * @category Fencing
 */
export interface FencedKey {
  /** Writes a text. */
  set(token: bigint, text: string): Promise<void>
  /** Deletes it. What was the greatest token is remembered. */
  delete(token: bigint): Promise<void>
}

/**
 * The check of fencing tokens where the resource is a key of Redis: check and write are one script, so a holder that was paused beyond its time cannot overwrite what the
 * next one wrote. The greatest token is remembered beside the key (`{key}:token`), for as long as that server keeps it.
 * @throws A `LockError` with code `LOCK_INVALID_OPTION`.
 * @category Fencing
 */
export function fencedKey(
  client: RedisClient | RedisServer,
  key: string,
  { timeout = 2000, clock = systemClock }: FencedKeyOptions = {},
): FencedKey {
  requireName(invalidOption, 'key', key)
  requireInteger(invalidOption, 'timeout', timeout, 10, 60_000)
  requireMethods(invalidOption, 'clock', clock, ['now', 'after', 'afterInput'])
  const calls = new RedisCalls(redisServer(client), clock, timeout)
  const keys = [key, sideKey(key, 'token')]
  return {
    set: async (token, text) => judge(key, token, await calls.run(SET, keys, [text, textOf(token)])),
    delete: async (token) => judge(key, token, await calls.run(DELETE, keys, [textOf(token)])),
  }
}

function textOf(token: bigint): string {
  if (typeof token === 'bigint' && token >= 0n) return String(token)
  throw invalidOption(`a fencing token is a bigint from 0 on, not ${showValue(token)}`)
}

function judge(key: string, token: bigint, reply: RedisReply): void {
  const [verdict, seen] = Array.isArray(reply) ? (reply as readonly RedisReply[]) : []
  if (verdict === 'done') return
  if (verdict !== 'stale') {
    throw new LockError('LOCK_NO_ANSWER', `Redis answered with ${showValue(reply)}`)
  }
  throw new LockError('LOCK_STALE_TOKEN', `'${key}' has seen token ${String(seen)}, and refuses ${token}`)
}
