import { luaScript } from './lua-script.ts'
import type { RedisScript } from './redis-server.ts'

/*
 * Each claim comes with the keys of `keysOfClaim`, and with a text of `claimText`. The lock's own key is a string: the owner's name for a mutex or a writer, else a
 * marker, while its holders are in a sorted set by the end of their leases. Waiters are in a sorted set by their places, and each has a record in a hash: when its lease
 * ends (13 digits), its claim (15), and the channel on which it hears. All times are the server's.
 */
const COMMON = `
local id = ARGV[1]
local time = redis.call('time')
local micros = tonumber(time[1]) * 1000000 + tonumber(time[2])
local now = math.floor(micros / 1000)

local function digits(number)
  return string.format('%.0f', number)
end

local function keyAt(index)
  local first = (index - 1) * 5
  return {
    main = KEYS[first + 1], fence = KEYS[first + 2], queue = KEYS[first + 3],
    waiters = KEYS[first + 4], holders = KEYS[first + 5],
  }
end

local function isShared(claim) return string.sub(claim, 1, 1) == '1' end
local function permitsOf(claim) return string.sub(claim, 2, 8) end
local function limitOf(claim) return string.sub(claim, 9, 15) end
local function isAlone(claim) return claim == '000000010000001' end

local function markerOf(claim)
  if isShared(claim) then return 'colony:shared' end
  return 'colony:of:' .. limitOf(claim)
end

local function forgetWaiter(key, waiter)
  if redis.call('zrem', key.queue, waiter) == 0 then return false end
  redis.call('hdel', key.waiters, waiter)
  return true
end

-- The waiter in a place of the queue, from 0 on, and its record. Those whose lease is over have no place any more.
local function waiterAt(key, place)
  while true do
    local waiter = redis.call('zrange', key.queue, place, place)[1]
    if not waiter then return nil end
    local record = redis.call('hget', key.waiters, waiter)
    if record and tonumber(string.sub(record, 1, 13)) > now then return waiter, record end
    forgetWaiter(key, waiter)
  end
end

-- How many permits of a semaphore are taken by leases that run.
local function taken(key)
  redis.call('zremrangebyscore', key.holders, '-inf', now)
  local sum = 0
  for _, holder in ipairs(redis.call('zrange', key.holders, 0, -1)) do
    sum = sum + tonumber(string.sub(holder, 1, 7))
  end
  return sum
end

-- Whether those who hold a key leave room for a claim of somebody: 'yes', 'no' or 'mismatch'; 'mine' when it is held with this claim already (a command that
-- was sent twice).
local function admits(key, claim, who)
  local held = redis.call('get', key.main)
  if not held then return 'yes' end
  local ofSemaphore = string.sub(held, 1, 10) == 'colony:of:'
  if ofSemaphore ~= (limitOf(claim) ~= '0000001') then return 'mismatch' end
  if isAlone(claim) then
    if held == who then return 'mine' end
    return 'no'
  end
  if held ~= markerOf(claim) then
    if ofSemaphore then return 'mismatch' end
    return 'no'
  end
  if redis.call('zscore', key.holders, permitsOf(claim) .. who) then return 'mine' end
  if isShared(claim) then return 'yes' end
  if taken(key) + tonumber(permitsOf(claim)) <= tonumber(limitOf(claim)) then return 'yes' end
  return 'no'
end

-- Tells whoever is next, and nobody else, that it may have the key.
local function wakeNext(key)
  local waiter, record = waiterAt(key, 0)
  if not waiter then return end
  if admits(key, string.sub(record, 14, 28), waiter) ~= 'yes' then return end
  redis.call('publish', string.sub(record, 29), waiter)
end

-- The key is there until the last of its holders' leases ends.
local function endWithHolders(key)
  local last = redis.call('zrange', key.holders, -1, -1, 'withscores')
  if last[1] then
    redis.call('pexpireat', key.main, last[2])
    redis.call('pexpireat', key.holders, last[2])
  else
    redis.call('del', key.main, key.holders)
  end
end
`

/**
 * Asks for a lock, and for a place in the queues of its keys. `ARGV`: owner, lease, lease of the place (0: does not wait), channel, claims. Answers the token;
 * or 0 or less: in that many milliseconds, the lease of whoever is in the way ends (0: not known); or the place of a key that has other permits, in a list.
 */
export const ACQUIRE: RedisScript = luaScript(
  'acquire',
  `
-- What nearly every lock is: one key, which nobody has or waits for.
if #KEYS == 5 and ARGV[5] == '000000010000001' and redis.call('exists', KEYS[3]) == 0 then
  if redis.call('set', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
    local time = redis.call('time')
    local token = tonumber(time[1]) * 1000000 + tonumber(time[2])
    local last = redis.call('get', KEYS[2])
    if last and tonumber(last) > token then token = tonumber(last) end
    redis.call('set', KEYS[2], string.format('%.0f', token + 1), 'PX', 86400000)
    return token + 1
  end
end
${COMMON}
local ttl, lease, channel = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local count = #KEYS / 5

local function isBehind(key, claim)
  local place = 0
  while true do
    local waiter, record = waiterAt(key, place)
    if not waiter or waiter == id then return false end
    if not (isShared(claim) and string.sub(record, 14, 14) == '1') then return true end
    place = place + 1
  end
end

-- At the end of every queue, whatever the clock says: all queues have the same order.
local function takePlaces()
  local place = micros
  for index = 1, count do
    local last = redis.call('zrange', keyAt(index).queue, -1, -1, 'withscores')
    if last[1] and tonumber(last[2]) >= place then place = tonumber(last[2]) + 1 end
  end
  for index = 1, count do
    local key = keyAt(index)
    if not redis.call('zscore', key.queue, id) then redis.call('zadd', key.queue, digits(place), id) end
    redis.call('hset', key.waiters, id, digits(now + lease) .. ARGV[4 + index] .. channel)
    if redis.call('pttl', key.queue) < lease then
      redis.call('pexpire', key.queue, lease)
      redis.call('pexpire', key.waiters, lease)
    end
  end
end

local function hold(key, claim)
  if isAlone(claim) then
    redis.call('set', key.main, id, 'PX', ttl)
    return
  end
  if redis.call('exists', key.main) == 0 then redis.call('del', key.holders) end
  redis.call('zadd', key.holders, digits(now + ttl), permitsOf(claim) .. id)
  redis.call('set', key.main, markerOf(claim))
  endWithHolders(key)
end

local free, wakesIn = true, 0
for index = 1, count do
  local key, claim = keyAt(index), ARGV[4 + index]
  local answer = admits(key, claim, id)
  local waiter, record = waiterAt(key, 0)
  if answer == 'mismatch' or (waiter and string.sub(record, 22, 28) ~= limitOf(claim)) then return { index } end
  if answer ~= 'mine' and isBehind(key, claim) then
    free = false
  elseif answer == 'no' then
    free = false
    wakesIn = math.max(wakesIn, redis.call('pttl', key.main))
  end
end

if not free then
  if lease > 0 then takePlaces() end
  return -wakesIn
end

local token = micros
for index = 1, count do
  local last = redis.call('get', KEYS[index * 5 - 3])
  if last and tonumber(last) > token then token = tonumber(last) end
end
token = token + 1
for index = 1, count do
  local key, claim = keyAt(index), ARGV[4 + index]
  hold(key, claim)
  redis.call('set', key.fence, digits(token), 'PX', 86400000)
  forgetWaiter(key, id)
  -- Others may have it at the same time.
  if not isAlone(claim) then wakeNext(key) end
end
return token
`,
)

/** Gives back a lock, and places in queues. `ARGV`: owner, claims. Answers 1 if all of it was held until now, else 0. */
export const RELEASE: RedisScript = luaScript(
  'release',
  `
if #KEYS == 5 and ARGV[2] == '000000010000001' and redis.call('exists', KEYS[3]) == 0 then
  if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
  return redis.call('del', KEYS[1])
end
${COMMON}
local released = 1
for index = 1, #KEYS / 5 do
  local key, claim = keyAt(index), ARGV[1 + index]
  forgetWaiter(key, id)
  if isAlone(claim) then
    if redis.call('get', key.main) == id then redis.call('del', key.main) else released = 0 end
  elseif redis.call('get', key.main) == markerOf(claim) then
    local ends = redis.call('zscore', key.holders, permitsOf(claim) .. id)
    if not ends or tonumber(ends) <= now then released = 0 end
    redis.call('zrem', key.holders, permitsOf(claim) .. id)
    endWithHolders(key)
  else
    released = 0
  end
  wakeNext(key)
end
return released
`,
)

/** Lets a lease run for longer. `ARGV`: owner, lease, claims. Answers 1; 0 if any of it is gone, and then nothing was changed. */
export const EXTEND: RedisScript = luaScript(
  'extend',
  `
if #KEYS == 5 and ARGV[3] == '000000010000001' then
  if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
  return redis.call('pexpire', KEYS[1], ARGV[2])
end
${COMMON}
local ttl = tonumber(ARGV[2])
for index = 1, #KEYS / 5 do
  local key, claim = keyAt(index), ARGV[2 + index]
  local held = redis.call('get', key.main)
  if isAlone(claim) then
    if held ~= id then return 0 end
  else
    local ends = redis.call('zscore', key.holders, permitsOf(claim) .. id)
    if held ~= markerOf(claim) or not ends or tonumber(ends) <= now then return 0 end
  end
end
for index = 1, #KEYS / 5 do
  local key, claim = keyAt(index), ARGV[2 + index]
  if isAlone(claim) then
    redis.call('pexpire', key.main, ttl)
  else
    redis.call('zadd', key.holders, digits(now + ttl), permitsOf(claim) .. id)
    endWithHolders(key)
  end
end
return 1
`,
)
