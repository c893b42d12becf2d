import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLocks, type LockBackend, type Locks } from '../../src/index.ts'
import { fencedKey, redisBackend, type RedisCapabilities, redisServer } from '../../src/redis/index.ts'
import { NO_REDIS, RedisProcess, skipRedis } from '../servers/redis.ts'
import { CLUSTER_CLIENTS } from './clients.ts'

describe.skipIf(skipRedis)(`one Redis server as a backend (${NO_REDIS})`, () => {
  let server: RedisProcess
  let client: Redis
  const backends: LockBackend[] = []
  beforeAll(async () => {
    server = await RedisProcess.start()
    client = new Redis(server.port)
  })
  beforeEach(async () => {
    await client.flushall()
    return async () => {
      for (const backend of backends.splice(0)) await backend.close()
    }
  })
  afterAll(async () => {
    client.disconnect()
    await server[Symbol.asyncDispose]()
  })

  /** A poll that is too rare to matter: what happens soon happens because somebody was woken. */
  function locksOf(options: Parameters<typeof redisBackend>[1] = { poll: 60_000 }): Locks<RedisCapabilities> {
    const backend = redisBackend(client, options)
    backends.push(backend)
    return createLocks(backend, { ttl: 30_000 })
  }

  async function waiting(key: string, count: number): Promise<void> {
    await expect.poll(async () => await client.zcard(`{lock:${key}}:queue`)).toBe(count)
  }

  test('waiters of several processes are served in the order in which they came, each woken by the one before it', async () => {
    const processes = [locksOf(), locksOf(), locksOf(), locksOf()]
    const held = await locksOf().acquire('a')
    const served: number[] = []
    const all = processes.map(async (locks, index) => {
      await waiting('a', index)
      const lock = await locks.acquire('a')
      served.push(index)
      await lock.release()
    })
    await waiting('a', 4)
    await held.release()
    await Promise.all(all)
    expect(served).toEqual([0, 1, 2, 3])
  })

  test('a handover costs few commands, however many wait', async () => {
    const held = await locksOf().acquire('a')
    const all = Array.from({ length: 32 }, async () => {
      const lock = await locksOf().acquire('a')
      await lock.release()
    })
    await waiting('a', 32)
    await client.config('RESETSTAT')
    await held.release()
    await Promise.all(all)
    const calls = /cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats'))?.[1]
    // One that is woken, one that releases, and one more where somebody began to listen late.
    expect(Number(calls) / 32).toBeLessThanOrEqual(4)
  })

  test('a dead waiter is passed when its place is no longer kept, and not before', async () => {
    const held = await locksOf().acquire('a')
    // Somebody who came first, and says nothing any more.
    await client.zadd('{lock:a}:queue', 1, 'dead')
    const keptUntil = Date.now() + 400
    await client.hset('{lock:a}:waiters', 'dead', `${keptUntil}000000010000001nobody`)
    const next = locksOf({ poll: 100 }).acquire('a')
    await waiting('a', 2)
    await held.release()
    await (await next).release()
    expect(Date.now()).toBeGreaterThanOrEqual(keptUntil)
  })

  test('a lease that ends without a word goes to whoever waits, without a poll', async () => {
    await locksOf().acquire('a', { ttl: 200 })
    const lock = await locksOf().acquire('a', { wait: 15_000 })
    expect(lock.isHeld).toBe(true)
  })

  test('whoever gives up leaves the queue, and the next one is woken', async () => {
    const reader = await locksOf().acquire({ key: 'a', mode: 'shared' })
    const writer = new AbortController()
    const givenUp = locksOf().acquire('a', { signal: writer.signal })
    const second = (async () => {
      await waiting('a', 1)
      return await locksOf().acquire({ key: 'a', mode: 'shared' })
    })()
    await waiting('a', 2)
    writer.abort(new Error('enough'))
    await expect(givenUp).rejects.toThrow('enough')
    const lock = await second
    await Promise.all([lock.release(), reader.release()])
    expect(await client.keys('*')).toEqual(['{lock:a}:fence'])
  })

  test('tokens grow when the counter was lost, and when it is ahead of the clock', async () => {
    const locks = locksOf()
    const first = await locks.acquire('a')
    await first.release()
    await client.del('{lock:a}:fence')
    const second = await locks.acquire('a')
    await second.release()
    expect(second.fencingToken).toBeGreaterThan(first.fencingToken)
    const ahead = second.fencingToken + 10n ** 12n
    await client.set('{lock:a}:fence', String(ahead))
    const third = await locks.acquire('a')
    expect(third.fencingToken).toBe(ahead + 1n)
    const several = await locks.acquire(['b', 'c'])
    expect(several.fencingToken).toBeGreaterThan(first.fencingToken)
  })

  test('whoever uses SET NX is excluded, and excludes', async () => {
    const locks = locksOf({ prefix: '' })
    const lock = await locks.acquire('a')
    const shared = await locks.acquire({ key: 'b', mode: 'shared' })
    expect(await client.set('a', 'other', 'PX', 10_000, 'NX')).toBeNull()
    expect(await client.set('b', 'other', 'PX', 10_000, 'NX')).toBeNull()
    await Promise.all([lock.release(), shared.release()])
    expect(await client.set('a', 'other', 'PX', 10_000, 'NX')).toBe('OK')
    expect(await locks.tryAcquire('a')).toBeUndefined()
  })

  test('a key of another type is the trouble of one lock, and not of those asked for with it', async () => {
    await client.hset('lock:hash', 'field', 'value')
    const locks = locksOf()
    const answers = await Promise.allSettled(['a', 'hash', 'b'].map((key) => locks.acquire(key)))
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  test('a command that was sent twice grants once', async () => {
    const plain = redisServer(client)
    const backend = redisBackend({
      isCluster: false,
      run: async (...call) => {
        await plain.run(...call)
        return await plain.run(...call)
      },
      runIfKnown: (...call) => plain.runIfKnown(...call),
      listen: (...call) => plain.listen(...call),
      currentRun: () => plain.currentRun(),
      close: () => plain.close(),
    })
    backends.push(backend)
    const locks = createLocks(backend)
    await locks.acquire('a', { wait: 0 })
    await locks.acquire(['b', 'c'], { wait: 0 })
    await locks.acquire({ key: 'd', of: 2 }, { wait: 0 })
    await locks.acquire({ key: 'd', of: 2 }, { wait: 0 })
    expect(await locks.tryAcquire({ key: 'd', of: 2 })).toBeUndefined()
  })

  test('a turn that came before anybody listened is taken when somebody does', async () => {
    const plain = redisServer(client)
    let listens = (): void => {}
    const released = new Promise<void>((resolve) => (listens = resolve))
    const backend = redisBackend(
      {
        isCluster: false,
        run: (...call) => plain.run(...call),
        runIfKnown: (...call) => plain.runIfKnown(...call),
        listen: async (...call) => {
          await released
          return await plain.listen(...call)
        },
        currentRun: () => plain.currentRun(),
        close: () => plain.close(),
      },
      { poll: 60_000 },
    )
    backends.push(backend)
    const held = await locksOf().acquire('a')
    const next = createLocks(backend, { ttl: 30_000 }).acquire('a')
    await waiting('a', 1)
    await held.release()
    listens()
    expect((await next).isHeld).toBe(true)
  })

  test('a lock whose answer came too late is given back', async () => {
    const locks = locksOf({ timeout: 50 })
    await (await locks.acquire('b')).release()
    server.signal('SIGSTOP')
    await expect(locks.acquire('a')).rejects.toMatchObject({ code: 'LOCK_NO_ANSWER', retryable: true })
    server.signal('SIGCONT')
    await expect.poll(async () => await client.exists('lock:a', '{lock:a}:queue')).toBe(0)
  })

  test('a lease without an end is refused', async () => {
    await expect(locksOf().acquire('a', { ttl: Number.POSITIVE_INFINITY })).rejects.toMatchObject({
      code: 'LOCK_INVALID_OPTION',
    })
  })

  test('a fenced key refuses an older token, also after it was deleted', async () => {
    const key = fencedKey(client, 'resource')
    await key.set(5n, 'five')
    await key.set(5n, 'five again')
    await expect(key.set(4n, 'four')).rejects.toMatchObject({ code: 'LOCK_STALE_TOKEN' })
    expect(await client.get('resource')).toBe('five again')
    await key.delete(7n)
    await expect(key.set(6n, 'six')).rejects.toMatchObject({ code: 'LOCK_STALE_TOKEN' })
    await expect(key.delete(6n)).rejects.toMatchObject({ code: 'LOCK_STALE_TOKEN' })
    expect(await client.get('resource')).toBeNull()
    await expect(key.set(8 as never, 'x')).rejects.toMatchObject({ code: 'LOCK_INVALID_OPTION' })
  })
})

describe.skipIf(skipRedis)(`a Cluster as a backend (${NO_REDIS})`, () => {
  test.each(Object.entries(CLUSTER_CLIENTS))('%s locks, waits and hands over', async (_, make) => {
    await using server = await RedisProcess.start({ cluster: true })
    await using made = await make(server)
    const [backend, another] = [redisBackend(made.client, { poll: 60_000 }), redisBackend(made.client)]
    const [one, other] = [createLocks(backend), createLocks(another)]
    const held = await other.acquire(['{a}:1', '{a}:2'])
    const next = one.acquire('{a}:2')
    await new Promise((resolve) => setTimeout(resolve, 50))
    await held.release()
    await (await next).release()
    const many = await Promise.all(Array.from({ length: 20 }, (__, index) => one.acquire(`key ${index}`)))
    await Promise.all(many.map((lock) => lock.release()))
    await expect(one.acquire(['a', 'b'])).rejects.toMatchObject({ code: 'LOCK_INVALID_OPTION' })
    await expect(one.acquire('a}b')).rejects.toMatchObject({ code: 'LOCK_INVALID_OPTION' })
    await Promise.all([backend.close(), another.close()])
  })
})
