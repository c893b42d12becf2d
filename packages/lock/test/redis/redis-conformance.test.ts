import { lockConformance, type LockFactory } from '@colony/testing/conformance'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { redisBackend } from '../../src/redis/index.ts'
import { NO_REDIS, RedisProcess, skipRedis } from '../servers/redis.ts'

describe.skipIf(skipRedis)(`locks on a Redis server (${NO_REDIS})`, () => {
  let server: RedisProcess
  let ioredis: Redis
  let nodeRedis: ReturnType<typeof createClient>
  beforeAll(async () => {
    server = await RedisProcess.start()
    ioredis = new Redis(server.port)
    nodeRedis = createClient({ url: server.url })
    await nodeRedis.connect()
  })
  afterAll(async () => {
    ioredis.disconnect()
    nodeRedis.destroy()
    await server[Symbol.asyncDispose]()
  })

  const factory = (client: () => Redis | ReturnType<typeof createClient>): LockFactory => ({
    supports: ['fencing', 'shared', 'semaphore', 'values', 'leases'],
    place: async () => {
      await ioredis.flushall()
      return { backend: () => redisBackend(client(), { poll: 100 }) }
    },
  })

  for (const { name, run } of lockConformance(factory(() => ioredis))) test(`ioredis: ${name}`, run)
  for (const { name, run } of lockConformance(factory(() => nodeRedis))) test(`node-redis: ${name}`, run)
})
