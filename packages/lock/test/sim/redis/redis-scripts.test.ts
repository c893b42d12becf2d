import { createRandom, type Random } from '@colony/host'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NO_REDIS, RedisProcess, skipRedis } from '../../servers/redis.ts'
import { Keyspace, RedisError } from './keyspace.ts'
import { runScript } from './redis-scripts.ts'

/** Scripts that use of Lua what there is. */
const LANGUAGE: readonly string[] = [
  'return 1 + 2 * 3 ^ 2 - 7 % 4 / 2',
  'return {1, 2.9, -2.9, "a", true, false}',
  'return {1, nil, 3}',
  'return tostring(1e15) .. " " .. 1790000000123456 .. " " .. 0.1 .. " " .. 100',
  'local x = 5; do local x = 6; x = x + 1 end; return x',
  'local t = {a = 1, ["b"] = 2, 3, 4}; return {t.a, t.b, t[1], t[2], #t}',
  'local sum = 0; for i = 1, 10 do if i == 8 then break end; sum = sum + i end; return sum',
  'local sum = 0; for i = 10, 1, -3 do sum = sum * 10 + i end; return sum',
  'local out = {}; for i, v in ipairs({"x", "y", "z"}) do out[#out + 1] = i .. v end; return out',
  'local i = 0; while i < 5 do i = i + 1 end; return i',
  'local i = 0; repeat local done = i > 3; i = i + 1 until done; return i',
  'local function f(n) if n < 2 then return n else return f(n - 1) + f(n - 2) end end; return f(10)',
  'local a, b = (function() return 1, 2 end)(); return {a, b}',
  'return not nil == true and "yes" or "no"',
  'return "10" + 5',
  'return "a" < "b" and "a" .. 1 .. 2',
  'return 1 < "2"',
  'return nil .. "x"',
  'return unknown',
  'global = 1',
  'return string.sub("hello", 2, -2) .. ("x"):len() .. #"four"',
  'return {string.find("a:b:c", ":", 1, true)}',
  'return string.format("%d %s %.3f %%", 42.7, "x", 1.5)',
  'local t = {1, 2, 3}; table.insert(t, 4); table.insert(t, 1, 0); table.remove(t, 2); return t',
  'return table.concat({"a", "b", 3}, ",")',
  'return {math.floor(-1.5), math.ceil(1.2), math.max(1, 9, 3), math.min(4, 2), math.abs(-3)}',
  'return {tonumber("12") , tonumber("1e3"), tonumber("0x10"), tonumber("x") == nil, tonumber(" 7 ")}',
  'local ok, why = pcall(function() error("broken") end); return {ok == false, type(why)}',
  '-- a comment\nreturn --[[ another\n one ]] [[long\nstring]]',
  'return {redis.call("SET", "k", "v", "NX"), redis.call("SET", "k", "w", "NX"), redis.call("GET", "k")}',
  'return redis.call("GET", "none") == false',
  'return redis.pcall("INCR", "k")',
  'return redis.call("INCR", "k")',
  'return redis.error_reply("MINE no")',
  'return redis.status_reply("FINE")',
  'return redis.call("SET", "n", 1790000000123456) and redis.call("GET", "n")',
  'return redis.call("SET", "n", 0.1) and redis.call("GET", "n")',
  'local t = redis.call("TIME"); return {#t, tonumber(t[1]) > 1e9, #t[1]}',
  'return redis.call("PTTL", "none")',
  'return {unpack({1, 2, 3}, 2)}',
  'return redis.call("NOSUCH")',
  'return {KEYS[1], ARGV[1], ARGV[2] == nil}',
]

const KEYS = ['k1', 'k2', 'k3']
const VALUES = ['a', 'b', '', '7', '-3']

/** Draws a command with arguments that make sense more often than not. */
function drawCommand(random: Random): readonly string[] {
  const of = (list: readonly string[]): string => list[random.integer(0, list.length - 1)] ?? ''
  const [key, value, other] = [of(KEYS), of(VALUES), of(VALUES)]
  const at = (): string => String(random.integer(-4, 4))
  // Two deadlines are never within a millisecond of each other: the clocks of the two servers differ by less, and which of two
  // deadlines is later must not depend on it.
  const inMinutes = (): string => String(random.integer(1, 1_000_000) * 60_000)
  const commands: readonly (readonly string[])[] = [
    ...[
      ['GET', key],
      ['SET', key, value],
      ['SET', key, value, 'NX'],
      ['SET', key, value, 'XX', 'GET'],
    ],
    ...[
      ['SET', key, value, 'PX', inMinutes()],
      ['SET', key, value, 'KEEPTTL'],
      ['SETNX', key, value],
    ],
    ...[
      ['DEL', key],
      ['DEL', key, of(KEYS)],
      ['EXISTS', key, of(KEYS)],
      ['TYPE', key],
      ['STRLEN', key],
    ],
    ...[
      ['INCR', key],
      ['INCRBY', key, at()],
      ['DECR', key],
      ['MGET', key, of(KEYS)],
      ['PERSIST', key],
    ],
    ...[
      ['PEXPIRE', key, of([inMinutes(), '-1', '0'])],
      ['PEXPIRE', key, inMinutes(), of(['NX', 'XX', 'GT', 'LT'])],
    ],
    ...[
      ['RPUSH', key, value, other],
      ['LPUSH', key, value, other],
      ['LPOP', key],
      ['RPOP', key],
    ],
    ...[
      ['LLEN', key],
      ['LINDEX', key, at()],
      ['LRANGE', key, at(), at()],
      ['LREM', key, at(), value],
    ],
    ...[
      ['LPOS', key, value],
      ['HSET', key, value, other],
      ['HGET', key, value],
      ['HDEL', key, value, other],
    ],
    ...[
      ['HLEN', key],
      ['HEXISTS', key, value],
      ['HINCRBY', key, 'n', at()],
      ['HSETNX', key, value, other],
    ],
    ...[
      ['HMGET', key, value, other],
      ['SADD', key, value, other],
      ['SREM', key, value],
      ['SCARD', key],
    ],
    ...[
      ['SISMEMBER', key, value],
      ['ZADD', key, at(), value],
      ['ZADD', key, 'NX', at(), value],
    ],
    ...[
      ['ZADD', key, 'GT', 'CH', at(), value],
      ['ZADD', key, 'XX', at(), value],
      ['ZREM', key, value, other],
    ],
    ...[
      ['ZCARD', key],
      ['ZSCORE', key, value],
      ['ZRANK', key, value],
      ['ZCOUNT', key, at(), '+inf'],
    ],
    ...[
      ['ZRANGE', key, at(), at()],
      ['ZRANGE', key, at(), at(), 'WITHSCORES'],
      ['ZPOPMIN', key],
    ],
    ...[
      ['ZRANGE', key, '-inf', at(), 'BYSCORE', 'LIMIT', '0', '2'],
      ['ZRANGE', key, '0', '1', 'REV'],
    ],
    ...[['ZRANGEBYSCORE', key, `(${at()}`, '+inf', 'LIMIT', '1', '2']],
    ...[
      ['ZREMRANGEBYSCORE', key, '-inf', at()],
      ['ZINCRBY', key, '1.5', value],
    ],
  ]
  return commands[random.integer(0, commands.length - 1)] ?? []
}

const COMMAND =
  'local answer = redis.call(unpack(ARGV)); if type(answer) == "boolean" then return "nil" end; return answer'

describe.skipIf(skipRedis)(`the simulated Redis server does as the real one (${NO_REDIS})`, () => {
  let server: RedisProcess
  let client: Redis
  beforeAll(async () => {
    server = await RedisProcess.start()
    client = new Redis(server.port, '127.0.0.1')
  })
  afterAll(async () => {
    client.disconnect()
    await server[Symbol.asyncDispose]()
  })

  async function real(source: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    try {
      return await client.eval(source, keys.length, ...keys, ...args)
    } catch {
      return 'an error'
    }
  }

  function played(
    keyspace: Keyspace,
    source: string,
    keys: readonly string[],
    args: readonly string[],
  ): unknown {
    try {
      const reply = runScript({ keyspace, micros: Date.now() * 1000, publish: () => 0 }, source, keys, args)
      return plain(reply)
    } catch (error) {
      if (error instanceof RedisError) return 'an error'
      throw error
    }
  }

  test('with scripts that use what there is of Lua', async () => {
    await client.flushall()
    const keyspace = new Keyspace(() => Date.now())
    for (const source of LANGUAGE) {
      const expected = await real(source, ['key'], ['argument'])
      expect([source, played(keyspace, source, ['key'], ['argument'])]).toEqual([source, expected])
    }
  })

  test.each([1, 2, 3, 4])('with commands in any order, seed %i', async (seed) => {
    await client.flushall()
    const keyspace = new Keyspace(() => Date.now())
    const random = createRandom(seed)
    const done: string[] = []
    for (let step = 0; step < 1500; step++) {
      const command = drawCommand(random)
      done.push(command.join(' '))
      const expected = await real(COMMAND, [], command)
      expect([done.slice(-8), played(keyspace, COMMAND, [], command)]).toEqual([done.slice(-8), expected])
    }
  })
})

function plain(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(plain)
  return typeof reply === 'object' && reply !== null && 'ok' in reply ? reply.ok : reply
}
