import { type Command, integer, needed, type Reply, slice } from './command.ts'
import { isSorted, type Keyspace, RedisError, SortedSet } from './keyspace.ts'
import { formatNumber } from './lua/value.ts'

type Members = readonly (readonly [member: string, score: number])[]

/** Commands for sorted sets. */
export const SORTED_SET_COMMANDS: Readonly<Record<string, Command>> = {
  ZADD: add,
  ZINCRBY: (keys, key, by, member) => {
    const set = sortedOf(keys, needed(key))
    const sum = (set.get(needed(member)) ?? 0) + scoreOf(by)
    set.set(needed(member), sum)
    keys.keep(needed(key), set)
    return shown(sum)
  },
  ZREM: (keys, key, ...members) => {
    const set = sortedOf(keys, needed(key))
    const removed = members.filter((member) => set.delete(member)).length
    keys.tidy(needed(key))
    return removed
  },
  ZCARD: (keys, key) => sortedOf(keys, needed(key)).size,
  ZSCORE: (keys, key, member) => {
    const score = sortedOf(keys, needed(key)).get(needed(member))
    return score === undefined ? null : shown(score)
  },
  ZRANK: (keys, key, member) => {
    const at = sortedOf(keys, needed(key))
      .inOrder()
      .findIndex(([each]) => each === member)
    return at < 0 ? null : at
  },
  ZCOUNT: (keys, key, from, to) => between(keys, needed(key), from, to).length,
  ZRANGE: range,
  ZRANGEBYSCORE: (keys, key, from, to, ...options) =>
    told(limited(between(keys, needed(key), from, to), options), options),
  ZREMRANGEBYSCORE: (keys, key, from, to) => {
    const set = sortedOf(keys, needed(key))
    const members = between(keys, needed(key), from, to)
    for (const [member] of members) set.delete(member)
    keys.tidy(needed(key))
    return members.length
  },
  ZPOPMIN: (keys, key) => {
    const set = sortedOf(keys, needed(key))
    const first = set.inOrder().slice(0, 1)
    for (const [member] of first) set.delete(member)
    keys.tidy(needed(key))
    return told(first, ['WITHSCORES'])
  },
}

function add(keys: Keyspace, ...args: readonly string[]): Reply {
  const [key, ...rest] = args
  const flags = new Set<string>()
  while (/^(NX|XX|GT|LT|CH)$/i.test(rest[0] ?? '')) flags.add((rest.shift() ?? '').toUpperCase())
  const set = sortedOf(keys, needed(key))
  let [added, changed] = [0, 0]
  for (let at = 0; at < rest.length; at += 2) {
    const [score, member] = [scoreOf(rest[at]), needed(rest[at + 1])]
    const before = set.get(member)
    if (before === undefined ? flags.has('XX') : flags.has('NX')) continue
    if (before !== undefined && flags.has('GT') && score <= before) continue
    if (before !== undefined && flags.has('LT') && score >= before) continue
    if (before === undefined) added += 1
    if (before !== score) changed += 1
    set.set(member, score)
  }
  if (set.size > 0) keys.keep(needed(key), set)
  return flags.has('CH') ? changed : added
}

function range(keys: Keyspace, ...args: readonly string[]): Reply {
  const [key, from, to, ...options] = args
  const names = options.map((option) => option.toUpperCase())
  if (names.includes('BYLEX')) throw new RedisError('ERR BYLEX is not played')
  const isReversed = names.includes('REV')
  if (names.includes('BYSCORE')) {
    const found = isReversed
      ? between(keys, needed(key), to, from).toReversed()
      : between(keys, needed(key), from, to)
    return told(limited(found, options), options)
  }
  const all = sortedOf(keys, needed(key)).inOrder()
  return told(slice(isReversed ? all.toReversed() : all, integer(from), integer(to)), options)
}

function sortedOf(keys: Keyspace, key: string): SortedSet {
  return keys.of(key, isSorted) ?? new SortedSet()
}

function between(keys: Keyspace, key: string, from: string | undefined, to: string | undefined): Members {
  const [least, most] = [boundOf(from), boundOf(to)]
  return sortedOf(keys, key)
    .inOrder()
    .filter(([, score]) => {
      const isAbove = least.isOpen ? score > least.value : score >= least.value
      return isAbove && (most.isOpen ? score < most.value : score <= most.value)
    })
}

function boundOf(text: string | undefined): { readonly value: number; readonly isOpen: boolean } {
  const isOpen = text?.startsWith('(') === true
  return { value: scoreOf(isOpen ? text?.slice(1) : text), isOpen }
}

function scoreOf(text: string | undefined): number {
  if (text === '-inf') return Number.NEGATIVE_INFINITY
  if (text === 'inf' || text === '+inf') return Number.POSITIVE_INFINITY
  const score = Number(text)
  if (text === undefined || text === '' || Number.isNaN(score))
    throw new RedisError('ERR value is not a valid float')
  return score
}

function limited(members: Members, options: readonly string[]): Members {
  const at = options.findIndex((option) => option.toUpperCase() === 'LIMIT')
  if (at < 0) return members
  const [offset, count] = [integer(options[at + 1]), integer(options[at + 2])]
  return count < 0 ? members.slice(offset) : members.slice(offset, offset + count)
}

function told(members: Members, options: readonly string[]): Reply {
  const withScores = options.some((option) => option.toUpperCase() === 'WITHSCORES')
  return members.flatMap(([member, score]) => (withScores ? [member, shown(score)] : [member]))
}

function shown(score: number): string {
  return formatNumber(score, 17)
}
