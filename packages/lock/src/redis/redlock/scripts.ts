import type { RedisScript } from '../redis-server.ts'

/**
 * Takes all keys or none: 1 or 0. The key is the resource's name, the value a random string, a plain `SET … PX`: npm redlock and others see such a lock and are seen.
 *
 * A key that has this very value already is had: a client that sends again what was not answered must not be told that somebody else was faster. Without keys it does nothing, which is
 * how a server gets to know it.
 */
export const ACQUIRE: RedisScript = {
  name: 'redlock.acquire',
  source: `for _, key in ipairs(KEYS) do
  if redis.call('exists', key) == 1 and redis.pcall('get', key) ~= ARGV[1] then return 0 end
end
for _, key in ipairs(KEYS) do
  redis.call('set', key, ARGV[1], 'px', ARGV[2])
end
return 1
`,
  sha1: 'b1843d633494d7d60eda1dfd1094a5de3f0c87af',
}

/** Lets the lease run anew if all keys have this value: 1 or 0. What is missing stays missing: a vote that was lost is no vote. */
export const EXTEND: RedisScript = {
  name: 'redlock.extend',
  source: `for _, key in ipairs(KEYS) do
  if redis.pcall('get', key) ~= ARGV[1] then return 0 end
end
for _, key in ipairs(KEYS) do
  redis.call('pexpire', key, ARGV[2])
end
return 1
`,
  sha1: '7a9f0c2b0327c5495d34adca5e13fb5d8f3e7ffd',
}

/** Deletes the keys that have this value: whether all had. */
export const RELEASE: RedisScript = {
  name: 'redlock.release',
  source: `local all = 1
for _, key in ipairs(KEYS) do
  if redis.pcall('get', key) == ARGV[1] then redis.call('del', key) else all = 0 end
end
return all
`,
  sha1: 'f44bb207345081eae766df3462b83e8820dd6512',
}
