import { type Command, integer, needed, OK } from './command.ts'
import { isText, type Keyspace, RedisError } from './keyspace.ts'

const NEVER = Number.POSITIVE_INFINITY

/** Commands for keys and strings. */
export const KEY_COMMANDS: Readonly<Record<string, Command>> = {
  GET: (keys, key) => keys.of(needed(key), isText) ?? null,
  SET: set,
  SETNX: (keys, key, value) => {
    if (keys.has(needed(key))) return 0
    keys.set(needed(key), needed(value))
    return 1
  },
  MGET: (keys, ...names) =>
    names.map((key) => {
      const value = keys.get(key)
      return typeof value === 'string' ? value : null
    }),
  DEL: remove,
  UNLINK: remove,
  EXISTS: (keys, ...names) => names.filter((key) => keys.has(key)).length,
  STRLEN: (keys, key) => (keys.of(needed(key), isText) ?? '').length,
  INCR: (keys, key) => add(keys, needed(key), 1),
  DECR: (keys, key) => add(keys, needed(key), -1),
  INCRBY: (keys, key, by) => add(keys, needed(key), integer(by)),
  PEXPIRE: (keys, key, ms, condition) => expire(keys, needed(key), keys.now + integer(ms), condition),
  PEXPIREAT: (keys, key, at, condition) => expire(keys, needed(key), integer(at), condition),
  EXPIRE: (keys, key, s, condition) => expire(keys, needed(key), keys.now + 1000 * integer(s), condition),
  PERSIST: (keys, key) => {
    const value = keys.get(needed(key))
    if (value === undefined || keys.expiryOf(needed(key)) === NEVER) return 0
    keys.set(needed(key), value)
    return 1
  },
  PTTL: (keys, key) => {
    const at = keys.expiryOf(needed(key))
    if (at === undefined) return -2
    return at === NEVER ? -1 : at - keys.now
  },
  TYPE: (keys, key) => ({ ok: typeOf(keys.get(needed(key))) }),
}

function set(keys: Keyspace, ...args: readonly string[]): ReturnType<Command> {
  const [key, value, ...options] = [needed(args[0]), needed(args[1]), ...args.slice(2)]
  const names = options.map((option) => option.toUpperCase())
  const before = keys.get(key)
  const answer = names.includes('GET') ? (keys.of(key, isText) ?? null) : undefined
  const refused =
    (names.includes('NX') && before !== undefined) || (names.includes('XX') && before === undefined)
  if (refused) return answer ?? null
  let expiresAt = names.includes('KEEPTTL') ? keys.expiryOf(key) : undefined
  for (const [name, unit] of [['PX', 1] as const, ['EX', 1000] as const]) {
    const at = names.indexOf(name)
    if (at < 0) continue
    const time = integer(options[at + 1])
    if (time <= 0) throw new RedisError("ERR invalid expire time in 'set' command")
    expiresAt = keys.now + time * unit
  }
  keys.set(key, value, expiresAt)
  return answer === undefined ? OK : answer
}

function remove(keys: Keyspace, ...names: readonly string[]): number {
  return names.filter((key) => keys.delete(key)).length
}

function add(keys: Keyspace, key: string, by: number): number {
  const sum = integer(keys.of(key, isText) ?? '0') + by
  keys.keep(key, String(sum))
  return sum
}

function expire(keys: Keyspace, key: string, at: number, condition: string | undefined): number {
  const value = keys.get(key)
  const before = keys.expiryOf(key)
  if (value === undefined || before === undefined) return 0
  const rule = condition?.toUpperCase()
  if (rule === 'NX' && before !== NEVER) return 0
  if (rule === 'XX' && before === NEVER) return 0
  if (rule === 'GT' && at <= before) return 0
  if (rule === 'LT' && at >= before) return 0
  if (at <= keys.now) keys.delete(key)
  else keys.set(key, value, at)
  return 1
}

function typeOf(value: ReturnType<Keyspace['get']>): string {
  if (value === undefined) return 'none'
  if (typeof value === 'string') return 'string'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Set) return 'set'
  return value.constructor === Map ? 'hash' : 'zset'
}
