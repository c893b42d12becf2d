import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redisServer, type RedisScript } from '../../src/redis/index.ts'
import { NO_REDIS, RedisProcess, skipRedis } from '../servers/redis.ts'
import { CLIENTS, CLUSTER_CLIENTS, type TestClient } from './clients.ts'

function script(name: string, source: string): RedisScript {
  return { name, source, sha1: createHash('sha1').update(source).digest('hex') }
}

const ECHO = script('echo', 'return {KEYS[1], ARGV[1], tonumber(ARGV[2])}')
const FAIL = script('fail', "return redis.error_reply('NOPE that is wrong')")
const PUBLISH = script('publish', "return redis.call('publish', ARGV[1], ARGV[2])")

describe.skipIf(skipRedis)(`clients of a server (${NO_REDIS})`, () => {
  let single: RedisProcess
  let cluster: RedisProcess
  beforeAll(async () => {
    ;[single, cluster] = await Promise.all([RedisProcess.start(), RedisProcess.start({ cluster: true })])
  })
  afterAll(async () => {
    await single[Symbol.asyncDispose]()
    await cluster[Symbol.asyncDispose]()
  })

  const makers: (readonly [string, () => Promise<TestClient>])[] = [
    ...Object.entries(CLIENTS).map(([name, make]) => [name, () => make(single)] as const),
    ...Object.entries(CLUSTER_CLIENTS).map(([name, make]) => [name, () => make(cluster)] as const),
  ]

  test.each(makers)('%s runs scripts that the server does not know', async (name, make) => {
    await using made = await make()
    const server = redisServer(made.client)
    expect(server.isCluster).toBe(name.toLowerCase().includes('cluster'))
    await (server.isCluster ? cluster : single).command('SCRIPT', 'FLUSH')
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) => server.run(ECHO, [`k${index}`], ['täxt', String(index)])),
    )
    expect(replies).toEqual(Array.from({ length: 20 }, (_, index) => [`k${index}`, 'täxt', index]))
    expect(await server.run(ECHO, ['k'], ['a', '1795000000000001'])).toEqual(['k', 'a', 1795000000000001])
    await server.close()
  })

  test.each(makers)('%s tells an error of a script to whom it concerns alone', async (_, make) => {
    await using made = await make()
    const server = redisServer(made.client)
    const [first, second, third] = await Promise.allSettled([
      server.run(ECHO, ['k'], ['a', '1']),
      server.run(FAIL, ['k'], []),
      server.run(ECHO, ['k'], ['b', '2']),
    ])
    expect([first, third].map((settled) => settled?.status)).toEqual(['fulfilled', 'fulfilled'])
    expect(second?.status === 'rejected' && String(second.reason)).toContain('NOPE')
    await server.close()
  })

  test.each(makers)('%s hears messages, and none after it stopped listening', async (_, make) => {
    await using made = await make()
    const server = redisServer(made.client)
    const heard: string[] = []
    const one = await server.listen('channel', (message) => {
      heard.push(`one ${message}`)
    })
    await server.listen('channel', (message) => {
      heard.push(`two ${message}`)
    })
    await server.run(PUBLISH, ['k'], ['channel', 'hello'])
    await expect.poll(() => heard).toHaveLength(2)
    one[Symbol.dispose]()
    one[Symbol.dispose]()
    await server.run(PUBLISH, ['k'], ['channel', 'again'])
    await expect.poll(() => heard).toEqual(['one hello', 'two hello', 'two again'])
    await server.close()
    await server.close()
    await expect(server.listen('channel', () => {})).rejects.toThrow('closed')
  })

  test.each(Object.entries(CLIENTS))('%s says which run of the server it talks to', async (_, make) => {
    await using made = await make(single)
    const server = redisServer(made.client)
    const { runId, uptimeMs } = await server.currentRun()
    expect(runId).toMatch(/^[0-9a-f]{40}$/)
    expect(uptimeMs).toBeGreaterThanOrEqual(0)
    expect((await server.currentRun()).runId).toBe(runId)
  })

  test.each(Object.entries(CLIENTS))(
    '%s goes on listening when its connections were cut',
    async (_, make) => {
      await using made = await make(single)
      const server = redisServer(made.client)
      let heard = 0
      await server.listen('after the cut', () => heard++)
      await single.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await expect
        .poll(
          async () => {
            await server.run(PUBLISH, ['k'], ['after the cut', 'x'])
            return heard
          },
          { timeout: 10_000 },
        )
        .toBeGreaterThan(0)
      await server.close()
    },
  )

  test('what is no client is refused', () => {
    expect(() => redisServer({} as never)).toThrow(expect.objectContaining({ code: 'LOCK_INVALID_OPTION' }))
    expect(() => redisServer(undefined as never)).toThrow(
      expect.objectContaining({ code: 'LOCK_INVALID_OPTION' }),
    )
  })
})
