import { type Command, integer, needed, slice } from './command.ts'
import { isHash, isList, isSet, type Keyspace } from './keyspace.ts'

/** Commands for lists, hashes and sets. */
export const COLLECTION_COMMANDS: Readonly<Record<string, Command>> = {
  RPUSH: (keys, key, ...values) => push(keys, needed(key), (list) => [...list, ...values]),
  LPUSH: (keys, key, ...values) => push(keys, needed(key), (list) => [...values.toReversed(), ...list]),
  LPOP: (keys, key) => pop(keys, needed(key), (list) => list.shift()),
  RPOP: (keys, key) => pop(keys, needed(key), (list) => list.pop()),
  LLEN: (keys, key) => listOf(keys, needed(key)).length,
  LINDEX: (keys, key, at) => listOf(keys, needed(key)).at(integer(at)) ?? null,
  LRANGE: (keys, key, from, to) => slice(listOf(keys, needed(key)), integer(from), integer(to)),
  LPOS: (keys, key, value) => {
    const at = listOf(keys, needed(key)).indexOf(needed(value))
    return at < 0 ? null : at
  },
  LREM: (keys, key, count, value) => {
    const list = [...listOf(keys, needed(key))]
    const most = integer(count)
    let removed = 0
    if (most < 0) list.reverse()
    const kept = list.filter((each) => {
      if (each !== value || (most !== 0 && removed >= Math.abs(most))) return true
      removed += 1
      return false
    })
    if (most < 0) kept.reverse()
    if (removed > 0) keys.keep(needed(key), kept)
    keys.tidy(needed(key))
    return removed
  },
  HSET: hset,
  HMSET: hset,
  HSETNX: (keys, key, field, value) =>
    hashOf(keys, needed(key)).has(needed(field)) ? 0 : hset(keys, needed(key), needed(field), needed(value)),
  HGET: (keys, key, field) => hashOf(keys, needed(key)).get(needed(field)) ?? null,
  HMGET: (keys, key, ...fields) => fields.map((field) => hashOf(keys, needed(key)).get(field) ?? null),
  HGETALL: (keys, key) => [...hashOf(keys, needed(key))].flat(),
  HKEYS: (keys, key) => [...hashOf(keys, needed(key)).keys()],
  HVALS: (keys, key) => [...hashOf(keys, needed(key)).values()],
  HLEN: (keys, key) => hashOf(keys, needed(key)).size,
  HEXISTS: (keys, key, field) => Number(hashOf(keys, needed(key)).has(needed(field))),
  HDEL: (keys, key, ...fields) => {
    const hash = hashOf(keys, needed(key))
    const removed = fields.filter((field) => hash.delete(field)).length
    keys.tidy(needed(key))
    return removed
  },
  HINCRBY: (keys, key, field, by) => {
    const sum = integer(hashOf(keys, needed(key)).get(needed(field)) ?? '0') + integer(by)
    hset(keys, needed(key), needed(field), String(sum))
    return sum
  },
  SADD: (keys, key, ...members) => {
    const set = keys.of(needed(key), isSet) ?? new Set<string>()
    const before = set.size
    for (const member of members) set.add(member)
    keys.keep(needed(key), set)
    return set.size - before
  },
  SREM: (keys, key, ...members) => {
    const set = keys.of(needed(key), isSet)
    const removed = members.filter((member) => set?.delete(member)).length
    keys.tidy(needed(key))
    return removed
  },
  SMEMBERS: (keys, key) => [...(keys.of(needed(key), isSet) ?? [])],
  SISMEMBER: (keys, key, member) => Number(keys.of(needed(key), isSet)?.has(needed(member)) ?? false),
  SCARD: (keys, key) => keys.of(needed(key), isSet)?.size ?? 0,
}

function listOf(keys: Keyspace, key: string): readonly string[] {
  return keys.of(key, isList) ?? []
}

function hashOf(keys: Keyspace, key: string): Map<string, string> {
  return keys.of(key, isHash) ?? new Map<string, string>()
}

function push(keys: Keyspace, key: string, change: (list: readonly string[]) => string[]): number {
  const list = change(listOf(keys, key))
  keys.keep(key, list)
  return list.length
}

function pop(keys: Keyspace, key: string, take: (list: string[]) => string | undefined): string | null {
  const list = keys.of(key, isList)
  const value = list === undefined ? undefined : take(list)
  keys.tidy(key)
  return value ?? null
}

function hset(keys: Keyspace, ...args: readonly string[]): number {
  const key = needed(args[0])
  const hash = hashOf(keys, key)
  const before = hash.size
  for (let at = 1; at < args.length; at += 2) hash.set(needed(args[at]), needed(args[at + 1]))
  keys.keep(key, hash)
  return hash.size - before
}
