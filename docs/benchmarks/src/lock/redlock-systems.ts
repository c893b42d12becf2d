import { redlockBackend } from '@colony/lock/redis'
import { type System, TTL_MS } from './locker.ts'
import { colony, disconnect, redisSemaphore, redlock4, redlock5 } from './lockers.ts'
import { ioredisOn, nodeRedisOn } from './redis-systems.ts'

/** Nobody has a lock for longer. */
const OPTIONS = { restartDelay: TTL_MS }

/** Locks by a majority of independent servers. None of the peers can use node-redis. */
export function redlockSystems(ports: readonly number[]): readonly System[] {
  return [
    {
      name: 'colony, ioredis',
      async open() {
        const clients = ports.map(ioredisOn)
        return colony(redlockBackend(clients, OPTIONS), () => disconnect(clients))
      },
    },
    { name: 'redlock 4', open: async () => redlock4(ports.map(ioredisOn)) },
    { name: 'redlock 5', open: async () => redlock5(ports.map(ioredisOn)) },
    { name: 'redis-semaphore', open: async () => redisSemaphore(ports.map(ioredisOn)) },
    {
      name: 'colony, node-redis',
      async open() {
        const clients = await Promise.all(ports.map(nodeRedisOn))
        return colony(redlockBackend(clients, OPTIONS), () => {
          for (const client of clients) client.destroy()
        })
      },
    },
  ]
}
