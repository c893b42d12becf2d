import { luaScript } from './lua-script.ts'
import type { RedisScript } from './redis-server.ts'

/*
 * Each claim comes with keys of `keysOfClaim`, and with a text of `claimText`. The lock's own key is a string: the owner's name for a mutex or a writer, else a
 * marker, while its holders are in a sorted set by the end of their leases. Waiters are in a sorted set by their places, and each has a record in a hash: when its lease
 * ends (13 digits), its claim (15), and the channel on which it hears. All times are the server's.
 */
const COMMON = `
local MUTEX = '000000010000001'
local DAY = '86400000'

local read
local function micros()
  if not read then
    local time = redis.call('time')
    read = tonumber(time[1]) * 1000000 + tonumber(time[2])
  end
  return read
end
local function now() return math.floor(micros() / 1000) end
local function digits(number) return string.format('%.0f', number) end

local function isShared(claim) return string.sub(claim, 1, 1) == '1' end
local function permitsOf(claim) return string.sub(claim, 2, 8) end
local function limitOf(claim) return string.sub(claim, 9, 15) end
local function claimOf(record) return string.sub(record, 14, 28) end

-- The keys of a claim, of which not every script has all.
local function keysFrom(first)
  return {
    main = KEYS[first], queue = KEYS[first + 1], waiters = KEYS[first + 2], fence = KEYS[first + 3],
    holders = KEYS[first + 4],
  }
end

local function forgetWaiter(key, waiter)
  if redis.call('zrem', key.queue, waiter) == 1 then redis.call('hdel', key.waiters, waiter) end
end

-- The waiter in a place of the queue, from 0 on, and its record. Those whose lease is over have no place any more.
local function waiterAt(key, place)
  while true do
    local waiter = redis.call('zrange', key.queue, place, place)[1]
    if not waiter then return nil end
    local record = redis.call('hget', key.waiters, waiter)
    if record and tonumber(string.sub(record, 1, 13)) > now() then return waiter, record end
    forgetWaiter(key, waiter)
  end
end

local function markerOf(claim)
  if isShared(claim) then return 'colony:shared' end
  return 'colony:of:' .. limitOf(claim)
end

-- How many permits of a semaphore are taken by leases that run.
local function taken(key)
  redis.call('zremrangebyscore', key.holders, '-inf', now())
  local sum = 0
  for _, holder in ipairs(redis.call('zrange', key.holders, 0, -1)) do
    sum = sum + tonumber(string.sub(holder, 1, 7))
  end
  return sum
end

-- Whether what is held of a key leaves room for a claim: 'yes', 'no', or 'mismatch'.
local function admits(key, claim, held)
  if not held then return 'yes' end
  local ofSemaphore = string.sub(held, 1, 10) == 'colony:of:'
  if ofSemaphore ~= (limitOf(claim) ~= '0000001') then return 'mismatch' end
  if not ofSemaphore then
    if isShared(claim) and held == 'colony:shared' then return 'yes' end
    return 'no'
  end
  if held ~= markerOf(claim) then return 'mismatch' end
  if taken(key) + tonumber(permitsOf(claim)) <= tonumber(limitOf(claim)) then return 'yes' end
  return 'no'
end

-- Tells whoever is next, and nobody else, that it may have the key.
local function wakeNext(key)
  local waiter, record = waiterAt(key, 0)
  if not waiter then return end
  if admits(key, claimOf(record), redis.call('get', key.main)) ~= 'yes' then return end
  redis.call('publish', string.sub(record, 29), waiter)
end
`

/** What only whoever asks needs. */
const ASKING = `
-- Greater than every token before, also when the counter was lost, and when the clock was set back.
local function tokenAfter(fence, token)
  local last = redis.call('get', fence)
  if last and tonumber(last) >= token then return tonumber(last) + 1 end
  return token
end

-- At the end of the queue, whatever the clock says.
local function placeAfter(key, place)
  local last = redis.call('zrange', key.queue, -1, -1, 'withscores')
  if last[1] and tonumber(last[2]) >= place then return tonumber(last[2]) + 1 end
  return place
end

local function wait(key, claim, owner, place, lease, channel)
  if not redis.call('zscore', key.queue, owner) then redis.call('zadd', key.queue, digits(place), owner) end
  redis.call('hset', key.waiters, owner, digits(now() + lease) .. claim .. channel)
  if redis.call('pttl', key.queue) < lease then
    redis.call('pexpire', key.queue, lease)
    redis.call('pexpire', key.waiters, lease)
  end
end
`

/**
 * Asks for mutexes, each for itself: the locks of one turn are asked for together, since most of what a script costs is its call. `KEYS`: the first four of each claim. `ARGV`:
 * channel; owner, lease, and lease of the place in the queue (0: does not wait) of each. Answers for each: its token; 0 or less: in that many
 * milliseconds, the lease in its way ends (0: not known); or a text: what is wrong.
 */
export const ACQUIRE_MUTEXES: RedisScript = luaScript(
  'acquire-mutexes',
  `
-- What nearly every lock is: a key that nobody has or waits for. Before all functions, which cost more to define than this costs to do.
local answers, others, read = {}, false, nil
for index = 1, #KEYS / 4 do
  local first, arg = index * 4 - 3, index * 3 - 1
  if redis.call('exists', KEYS[first + 1]) == 0
    and redis.call('set', KEYS[first], ARGV[arg], 'NX', 'PX', ARGV[arg + 1]) then
    if not read then
      local time = redis.call('time')
      read = tonumber(time[1]) * 1000000 + tonumber(time[2])
    end
    local token = read + 1
    local last = redis.call('get', KEYS[first + 3])
    if last and tonumber(last) >= token then token = tonumber(last) + 1 end
    redis.call('set', KEYS[first + 3], string.format('%.0f', token), 'PX', '86400000')
    answers[index] = token
  else
    answers[index] = 0
    others = true
  end
end
if not others then return answers end
${COMMON}${ASKING}
local function take(key, owner, ttl)
  redis.call('set', key.main, owner, 'PX', ttl)
  forgetWaiter(key, owner)
  local token = tokenAfter(key.fence, micros() + 1)
  redis.call('set', key.fence, digits(token), 'PX', DAY)
  return token
end

local function askInLine(key, owner, ttl, lease)
  -- A key of another type is one lock's trouble, and not that of all.
  local held = redis.pcall('get', key.main)
  if type(held) == 'table' then return held.err end
  if held == owner then return take(key, owner, ttl) end
  local waiter, record = waiterAt(key, 0)
  if admits(key, MUTEX, held) == 'mismatch' or (waiter and limitOf(claimOf(record)) ~= '0000001') then
    return 'mismatch 1'
  end
  local isBehind = waiter and waiter ~= owner
  if not held and not isBehind then return take(key, owner, ttl) end
  if lease > 0 then wait(key, MUTEX, owner, placeAfter(key, micros()), lease, ARGV[1]) end
  if isBehind then return 0 end
  return -redis.call('pttl', key.main)
end

for index = 1, #KEYS / 4 do
  local arg = index * 3 - 1
  if answers[index] == 0 then
    answers[index] = askInLine(keysFrom(index * 4 - 3), ARGV[arg], ARGV[arg + 1], tonumber(ARGV[arg + 2]))
  end
end
return answers
`,
)

/** Gives back mutexes, and places in their queues. `KEYS`: the first three of each claim. `ARGV`: owners. Answers for each 1 if it was held until now, else 0. */
export const RELEASE_MUTEXES: RedisScript = luaScript(
  'release-mutexes',
  `
local answers, waited = {}, false
for index = 1, #ARGV do
  local first = index * 3 - 2
  answers[index] = 0
  if redis.pcall('get', KEYS[first]) == ARGV[index] then answers[index] = redis.call('del', KEYS[first]) end
  if redis.call('exists', KEYS[first + 1]) == 1 then waited = true end
end
if not waited then return answers end
${COMMON}
for index = 1, #ARGV do
  local first = index * 3 - 2
  if redis.call('exists', KEYS[first + 1]) == 1 then
    local key = { main = KEYS[first], queue = KEYS[first + 1], waiters = KEYS[first + 2] }
    forgetWaiter(key, ARGV[index])
    wakeNext(key)
  end
end
return answers
`,
)

/** What readers and semaphores need. */
const HOLDERS = `
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

local function hold(key, claim, owner, ttl)
  redis.call('zadd', key.holders, digits(now() + ttl), permitsOf(claim) .. owner)
  redis.call('set', key.main, markerOf(claim))
  endWithHolders(key)
end

-- Whether an owner has a claim, and its lease runs.
local function holds(key, claim, owner)
  local held = redis.call('get', key.main)
  if claim == MUTEX then return held == owner end
  if held ~= markerOf(claim) then return false end
  local ends = redis.call('zscore', key.holders, permitsOf(claim) .. owner)
  return ends and tonumber(ends) > now()
end
`

/**
 * Asks for all claims of one lock: all or none. `KEYS`: all five of each claim. `ARGV`: channel, owner, lease, lease of the place in the queues (0: does not wait),
 * claims. Answers as above.
 */
export const ACQUIRE: RedisScript = luaScript(
  'acquire',
  `${COMMON}${ASKING}${HOLDERS}
local channel, owner, ttl, lease = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local keys, claims = {}, {}
for index = 1, #KEYS / 5 do
  keys[index], claims[index] = keysFrom(index * 5 - 4), ARGV[4 + index]
end

-- Readers pass readers; nobody else passes anybody.
local function isBehind(key, claim)
  local place = 0
  while true do
    local waiter, record = waiterAt(key, place)
    if not waiter or waiter == owner then return false end
    if not (isShared(claim) and isShared(claimOf(record))) then return true end
    place = place + 1
  end
end

local free, wakesIn = true, 0
for index, key in ipairs(keys) do
  local claim = claims[index]
  -- What is held already was asked for by a command that was sent twice.
  if not holds(key, claim, owner) then
    local answer = admits(key, claim, redis.call('get', key.main))
    local waiter, record = waiterAt(key, 0)
    if answer == 'mismatch' or (waiter and limitOf(claimOf(record)) ~= limitOf(claim)) then
      return 'mismatch ' .. index
    end
    if isBehind(key, claim) then
      free = false
    elseif answer == 'no' then
      free = false
      wakesIn = math.max(wakesIn, redis.call('pttl', key.main))
    end
  end
end

if not free then
  if lease > 0 then
    -- The same place in all queues: they have the same order, so nobody waits for each other.
    local place = micros()
    for _, key in ipairs(keys) do place = placeAfter(key, place) end
    for index, key in ipairs(keys) do wait(key, claims[index], owner, place, lease, channel) end
  end
  return -wakesIn
end

local token = micros() + 1
for _, key in ipairs(keys) do token = tokenAfter(key.fence, token) end
for index, key in ipairs(keys) do
  local claim = claims[index]
  if claim == MUTEX then
    redis.call('set', key.main, owner, 'PX', ttl)
  else
    if redis.call('exists', key.main) == 0 then redis.call('del', key.holders) end
    hold(key, claim, owner, ttl)
  end
  redis.call('set', key.fence, digits(token), 'PX', DAY)
  forgetWaiter(key, owner)
  -- Others may have it at the same time.
  if claim ~= MUTEX then wakeNext(key) end
end
return token
`,
)

/** Gives back a lock, and its places in queues. `KEYS`: all five of each claim. `ARGV`: owner, claims. Answers 1 if all of it was held until now, else 0. */
export const RELEASE: RedisScript = luaScript(
  'release',
  `${COMMON}${HOLDERS}
local owner = ARGV[1]
local released = 1
for index = 1, #KEYS / 5 do
  local key, claim = keysFrom(index * 5 - 4), ARGV[1 + index]
  forgetWaiter(key, owner)
  if not holds(key, claim, owner) then
    released = 0
  elseif claim == MUTEX then
    redis.call('del', key.main)
  else
    redis.call('zrem', key.holders, permitsOf(claim) .. owner)
    endWithHolders(key)
  end
  wakeNext(key)
end
return released
`,
)

/** Lets a lease run for longer. `KEYS`: all five of each claim. `ARGV`: owner, lease, claims. Answers 1; 0 if any of it is gone, and then nothing was changed. */
export const EXTEND: RedisScript = luaScript(
  'extend',
  `${COMMON}${HOLDERS}
local owner, ttl = ARGV[1], tonumber(ARGV[2])
for index = 1, #KEYS / 5 do
  if not holds(keysFrom(index * 5 - 4), ARGV[2 + index], owner) then return 0 end
end
for index = 1, #KEYS / 5 do
  local key, claim = keysFrom(index * 5 - 4), ARGV[2 + index]
  if claim == MUTEX then redis.call('pexpire', key.main, ttl) else hold(key, claim, owner, ttl) end
end
return 1
`,
)
