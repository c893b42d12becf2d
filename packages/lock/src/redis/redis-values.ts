import type { ValueStore, VersionedValue } from '../value-store.ts'
import { luaScript } from './lua-script.ts'
import type { RedisCalls } from './redis-calls.ts'
import { unexpectedReply } from './redis-calls.ts'
import type { RedisScript } from './redis-server.ts'
import { sideKey } from './lock-keys.ts'

/** Answers version and text; nothing where there is no value. */
export const READ_VALUE: RedisScript = luaScript(
  'read-value',
  `
local fields = redis.call('hmget', KEYS[1], 'version', 'text')
if not fields[2] then return {} end
return fields
`,
)

/**
 * `ARGV`: the expected version ('': no value), and the text, which is missing for a deletion. Answers 1 if it was written. Versions grow like tokens; that of a value
 * which was deleted is remembered for a day.
 */
export const WRITE_VALUE: RedisScript = luaScript(
  'write-value',
  `
local fields = redis.call('hmget', KEYS[1], 'version', 'text')
local version = ''
if fields[2] then version = fields[1] end
if version ~= ARGV[1] then return 0 end
local time = redis.call('time')
local next = tonumber(time[1]) * 1000000 + tonumber(time[2])
if fields[1] and tonumber(fields[1]) > next then next = tonumber(fields[1]) end
redis.call('hset', KEYS[1], 'version', string.format('%.0f', next + 1))
if ARGV[2] then
  redis.call('hset', KEYS[1], 'text', ARGV[2])
  redis.call('persist', KEYS[1])
else
  redis.call('hdel', KEYS[1], 'text')
  redis.call('pexpire', KEYS[1], 86400000)
end
return 1
`,
)

/** Values beside the locks. */
export class RedisValues implements ValueStore {
  readonly #calls: RedisCalls
  readonly #prefix: string

  constructor(calls: RedisCalls, prefix: string) {
    this.#calls = calls
    this.#prefix = prefix
  }

  async read(key: string): Promise<VersionedValue | undefined> {
    const reply = await this.#calls.run(READ_VALUE, [this.#keyOf(key)], [])
    if (!Array.isArray(reply)) throw unexpectedReply(READ_VALUE, reply)
    if (reply.length === 0) return undefined
    const [version, text] = reply as readonly unknown[]
    if (typeof version !== 'string' || typeof text !== 'string') throw unexpectedReply(READ_VALUE, reply)
    return { text, version }
  }

  async write(key: string, expected: string | undefined, text: string | undefined): Promise<boolean> {
    const args = text === undefined ? [expected ?? ''] : [expected ?? '', text]
    const reply = await this.#calls.run(WRITE_VALUE, [this.#keyOf(key)], args)
    if (reply !== 0 && reply !== 1) throw unexpectedReply(WRITE_VALUE, reply)
    return reply === 1
  }

  #keyOf(key: string): string {
    return sideKey(this.#prefix + key, 'value')
  }
}
