import { createRandom, type Random } from '@colony/host'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keysOfClaim } from '../../../src/redis/lock-keys.ts'
import {
  ACQUIRE,
  ACQUIRE_MUTEXES,
  EXTEND,
  RELEASE,
  RELEASE_MUTEXES,
} from '../../../src/redis/lock-scripts.ts'
import * as redlock from '../../../src/redis/redlock/scripts.ts'
import type { RedisScript } from '../../../src/redis/redis-server.ts'
import { NO_REDIS, RedisProcess, skipRedis } from '../../servers/redis.ts'
import { Keyspace, RedisError } from './keyspace.ts'
import { runScript } from './redis-scripts.ts'

/** One call of a script: the same is asked of both servers. */
interface Call {
  readonly script: RedisScript
  readonly keys: readonly string[]
  readonly args: readonly string[]
}

const CLAIMS = ['000000010000001', '100000010000001', '000000010000003', '000000020000003', '000000010000004']
const OWNERS = ['o1', 'o2', 'o3', 'o4']
/** Longer than the test takes: what is compared does not depend on when it is asked. */
const LEASE = '600000'

function drawCall(random: Random): Call {
  const of = <Value>(list: readonly Value[]): Value => list[random.integer(0, list.length - 1)] as Value
  const [owner, kind] = [of(OWNERS), random.float()]
  const names = of([['x'], ['x'], ['y'], ['x', 'y']])
  if (kind < 0.3) {
    const keys = names.map((name) => `redlock ${name}`)
    const votes = of([[keys], [keys, keys], keys.map((key) => [key])])
    const argsOf = (args: () => readonly string[]): readonly string[] =>
      votes.flatMap((vote) => [...args(), String(vote.length)])
    return of([
      { script: redlock.ACQUIRE, keys: votes.flat(), args: argsOf(() => [of(OWNERS), LEASE]) },
      { script: redlock.EXTEND, keys, args: [owner, LEASE] },
      { script: redlock.RELEASE, keys: votes.flat(), args: argsOf(() => [of(OWNERS)]) },
    ])
  }
  const keysOf = (count: number): readonly string[] =>
    names.flatMap((key) => keysOfClaim('', { key, shared: false, permits: 1, limit: 1 }).slice(0, count))
  const place = of(['0', LEASE])
  if (kind < 0.5) {
    const args = ['channel', ...names.flatMap(() => [of(OWNERS), LEASE, place])]
    return { script: ACQUIRE_MUTEXES, keys: keysOf(4), args }
  }
  if (kind < 0.65) return { script: RELEASE_MUTEXES, keys: keysOf(3), args: names.map(() => of(OWNERS)) }
  const claims = names.map(() => of(CLAIMS))
  if (kind < 0.8)
    return { script: ACQUIRE, keys: keysOf(5), args: ['channel', owner, LEASE, place, ...claims] }
  return kind < 0.93
    ? { script: RELEASE, keys: keysOf(5), args: [owner, ...claims] }
    : { script: EXTEND, keys: keysOf(5), args: [owner, LEASE, ...claims] }
}

/** What can be compared: tokens and times are of each server's own clock. */
function comparable(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(comparable)
  if (typeof reply !== 'number') return reply
  if (reply > 1e12) return 'a token'
  return reply < -1000 ? 'busy for a while' : reply
}

describe.skipIf(skipRedis)(
  `scripts of locks in the simulated Redis server and the real one (${NO_REDIS})`,
  () => {
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

    test.each([1, 2, 3, 4, 5, 6])('answer alike, and leave the same keys, seed %i', async (seed) => {
      await client.flushall()
      const keyspace = new Keyspace(() => Date.now())
      const random = createRandom(seed)
      const answers = new Map<unknown, number>()
      for (let step = 0; step < 300; step++) {
        const { script, keys, args } = drawCall(random)
        const expected = await real(client, { script, keys, args })
        const found = played(keyspace, { script, keys, args })
        expect([step, script.name, keys[0], args, found]).toEqual([
          step,
          script.name,
          keys[0],
          args,
          expected,
        ])
        const left = (await client.keys('*')).toSorted()
        expect([step, script.name, keyspace.names()]).toEqual([step, script.name, left])
        answers.set(JSON.stringify(expected), (answers.get(JSON.stringify(expected)) ?? 0) + 1)
      }
      // Grants, refusals and releases, and not one of them alone.
      expect(answers.size).toBeGreaterThanOrEqual(4)
    })
  },
)

async function real(client: Redis, { script, keys, args }: Call): Promise<unknown> {
  try {
    return comparable(await client.eval(script.source, keys.length, ...keys, ...args))
  } catch (error) {
    return `an error: ${error instanceof Error}`
  }
}

function played(keyspace: Keyspace, { script, keys, args }: Call): unknown {
  const micros = Date.now() * 1000
  try {
    return comparable(runScript({ keyspace, micros, publish: () => 0 }, script.source, keys, args))
  } catch (error) {
    if (error instanceof RedisError) return `an error: ${error instanceof Error}`
    throw error
  }
}
