import { redisBackend } from '@colony/lock/redis'
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { lock as lockSimply } from 'simple-redis-mutex'
import { type Locker, lockerOf, sleep, type System, TTL_MS } from './locker.ts'
import { colony, redisSemaphore, redlock4, redlock5 } from './lockers.ts'

/** A lock on one Redis server. */
export interface RedisSystem {
  readonly name: string
  /** Commands that it sends itself; others that the server counts are run by its scripts. */
  readonly sends: readonly string[]
  /** Opens a client on a port. */
  open(port: number): Promise<Locker>
}

/** The least that a lock costs through each client: SET NX PX, and a script that compares and deletes. It knows no waiting. */
export const FLOORS = { ioredis: 'floor, ioredis', 'node-redis': 'floor, node-redis' } as const

const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
const SUBSCRIBER_END_MS = 300
const SCRIPTS = ['evalsha', 'eval', 'subscribe', 'unsubscribe', 'info']

/** Everything on one server. Ours, its floor and peers take turns. */
export const REDIS_SYSTEMS: readonly RedisSystem[] = [
  {
    ...{ name: 'colony, ioredis', sends: SCRIPTS },
    async open(port) {
      const client = ioredisOn(port)
      return colony(redisBackend(client), () => client.disconnect())
    },
  },
  { name: FLOORS.ioredis, sends: ['set', 'evalsha'], open: ioredisFloor },
  { name: 'redlock 4', sends: SCRIPTS, open: async (port) => redlock4([ioredisOn(port)]) },
  { name: 'redlock 5', sends: SCRIPTS, open: async (port) => redlock5([ioredisOn(port)]) },
  {
    ...{ name: 'redis-semaphore', sends: ['set', 'evalsha', 'eval'] },
    open: async (port) => redisSemaphore([ioredisOn(port)]),
  },
  {
    ...{ name: 'colony, node-redis', sends: SCRIPTS },
    async open(port) {
      const client = await nodeRedisOn(port)
      return colony(redisBackend(client), () => client.destroy())
    },
  },
  { name: FLOORS['node-redis'], sends: ['set', 'evalsha'], open: nodeRedisFloor },
  {
    ...{ name: 'simple-redis-mutex', sends: ['set', 'incr', 'evalsha', 'script', 'subscribe'] },
    async open(port) {
      const client = await nodeRedisOn(port)
      return lockerOf(
        (key) => lockSimply(client, key, { timeout: TTL_MS }),
        async () => {
          await client.close()
          // Its subscriber ends after that, and would end the process if the server were gone before.
          await sleep(SUBSCRIBER_END_MS)
        },
      )
    },
  },
]

/** Those that can wait, on a port. */
export function waitingSystems(port: number): readonly System[] {
  const floors: readonly string[] = Object.values(FLOORS)
  return systemsOn(port).filter(({ name }) => !floors.includes(name))
}

/** All on a port. */
export function systemsOn(port: number): readonly System[] {
  return REDIS_SYSTEMS.map(({ name, open }) => ({ name, open: () => open(port) }))
}

/** A connection of ioredis with its defaults. */
export function ioredisOn(port: number): Redis {
  return new Redis({ port, host: '127.0.0.1' })
}

/** A connection of node-redis with its defaults. */
export async function nodeRedisOn(port: number): Promise<ReturnType<typeof createClient>> {
  const client = createClient({ url: `redis://127.0.0.1:${port}` })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

async function ioredisFloor(port: number): Promise<Locker> {
  const client = ioredisOn(port)
  const sha = String(await client.script('LOAD', RELEASE))
  return lockerOf(
    async (key) => {
      const owner = randomUUID()
      if ((await client.set(key, owner, 'PX', TTL_MS, 'NX')) !== 'OK') throw new Error(`${key} is held`)
      return () => client.evalsha(sha, 1, key, owner)
    },
    () => client.disconnect(),
  )
}

async function nodeRedisFloor(port: number): Promise<Locker> {
  const client = await nodeRedisOn(port)
  const sha = await client.scriptLoad(RELEASE)
  return lockerOf(
    async (key) => {
      const owner = randomUUID()
      const options = { expiration: { type: 'PX', value: TTL_MS }, condition: 'NX' } as const
      if ((await client.set(key, owner, options)) !== 'OK') throw new Error(`${key} is held`)
      return () => client.evalSha(sha, { keys: [key], arguments: [owner] })
    },
    () => client.destroy(),
  )
}
