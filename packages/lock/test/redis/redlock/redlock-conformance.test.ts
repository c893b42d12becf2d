import { lockConformance, type LockFactory } from '@colony/testing/conformance'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { redlockBackend } from '../../../src/redis/index.ts'
import { NO_REDIS, skipRedis } from '../../servers/redis.ts'
import { IndependentServers } from './independent-servers.ts'

describe.skipIf(skipRedis)(`locks by a majority of Redis servers (${NO_REDIS})`, () => {
  let world: IndependentServers
  let ofIoredis: ReturnType<IndependentServers['clients']>
  let ofNodeRedis: ReturnType<typeof createClient>[]
  beforeAll(async () => {
    world = await IndependentServers.start(5)
    ofIoredis = world.clients()
    ofNodeRedis = world.servers.map(({ url }) => createClient({ url }))
    for (const client of ofNodeRedis) await client.connect()
  })
  afterAll(async () => {
    for (const client of ofNodeRedis) client.destroy()
    await world[Symbol.asyncDispose]()
  })

  const factory = (backend: LockFactory['place']): LockFactory => ({ supports: ['leases'], place: backend })
  const emptied = async (): Promise<void> => {
    await Promise.all(ofIoredis.map((client) => client.flushall()))
  }
  const suites = {
    ioredis: factory(async () => {
      await emptied()
      return { backend: () => redlockBackend(ofIoredis, { restartDelay: 0 }) }
    }),
    'node-redis': factory(async () => {
      await emptied()
      return { backend: () => redlockBackend(ofNodeRedis, { restartDelay: 0 }) }
    }),
  }
  for (const [client, suite] of Object.entries(suites)) {
    for (const { name, run } of lockConformance(suite)) test(`five servers, ${client}: ${name}`, run)
  }
})
