import { luaScript } from '../lua-script.ts'
import type { RedisScript } from '../redis-server.ts'

/**
 * Asks for the votes of one turn, each for itself: all of its keys or none. `KEYS`: those of each vote. `ARGV`: value, lease, and number of keys of each. Answers 1 or 0 for each. A key is the resource's
 * name, its value a random string, a plain `SET … PX`: npm redlock and others see such a lock and are seen.
 *
 * A key that has this very value already is had: a client that sends again what was not answered must not be told that somebody else was faster. Without votes it does nothing, which is
 * how a server gets to know it.
 */
export const ACQUIRE: RedisScript = luaScript(
  'redlock.acquire',
  `local function take(first, last, value, ttl)
  -- What nearly every vote is for: one key that nobody has.
  if first == last and redis.call('set', KEYS[first], value, 'NX', 'PX', ttl) then return 1 end
  for at = first, last do
    local key = KEYS[at]
    if redis.call('exists', key) == 1 and redis.pcall('get', key) ~= value then return 0 end
  end
  for at = first, last do redis.call('set', KEYS[at], value, 'PX', ttl) end
  return 1
end

local answers, first = {}, 1
for index = 1, #ARGV / 3 do
  local arg = index * 3 - 2
  local last = first + tonumber(ARGV[arg + 2]) - 1
  answers[index] = take(first, last, ARGV[arg], ARGV[arg + 1])
  first = last + 1
end
return answers
`,
)

/** Lets the lease run anew if all keys have this value: 1 or 0. What is missing stays missing: a vote that was lost is no vote. */
export const EXTEND: RedisScript = luaScript(
  'redlock.extend',
  `for _, key in ipairs(KEYS) do
  if redis.pcall('get', key) ~= ARGV[1] then return 0 end
end
for _, key in ipairs(KEYS) do
  redis.call('pexpire', key, ARGV[2])
end
return 1
`,
)

/** Gives back the votes of one turn: deletes the keys that have their values. `KEYS`: those of each vote. `ARGV`: value, and number of keys of each. Answers for each whether all had: 1 or 0. */
export const RELEASE: RedisScript = luaScript(
  'redlock.release',
  `local answers, first = {}, 1
for index = 1, #ARGV / 2 do
  local value, last = ARGV[index * 2 - 1], first + tonumber(ARGV[index * 2]) - 1
  answers[index] = 1
  for at = first, last do
    local key = KEYS[at]
    if redis.pcall('get', key) == value then redis.call('del', key) else answers[index] = 0 end
  end
  first = last + 1
end
return answers
`,
)
