import { createLocks, type LockBackend } from '@colony/lock'
import { Mutex, RedlockMutex } from 'redis-semaphore'
import type { Redis } from 'ioredis'
import Redlock4 from 'redlock-4'
import Redlock5 from 'redlock-5'
import { type Locker, lockerOf, TTL_MS } from './locker.ts'

/** Peers that give up after some refusals are to wait here as long as it takes. */
const RETRIES = 1_000_000
const HOUR_MS = 3_600_000

/** Ours, with the defaults. */
export function colony(backend: LockBackend, close: () => unknown = () => undefined): Locker {
  const locks = createLocks(backend, { ttl: TTL_MS })
  return lockerOf(
    async (key) => {
      const lock = await locks.acquire(key)
      return () => lock.release()
    },
    async () => {
      await backend.close()
      await close()
    },
  )
}

/** npm `redlock` 4, with its pauses between attempts. */
export function redlock4(clients: readonly Redis[]): Locker {
  const redlock = new Redlock4(clients, { retryCount: RETRIES })
  redlock.on('error', () => undefined)
  return lockerOf(
    async (key) => {
      const lock = await redlock.acquire([key], TTL_MS)
      return () => lock.unlock()
    },
    () => disconnect(clients),
  )
}

/** npm `redlock` 5, with its pauses between attempts. */
export function redlock5(clients: readonly Redis[]): Locker {
  const redlock = new Redlock5(clients, { retryCount: RETRIES })
  redlock.on('error', () => undefined)
  return lockerOf(
    async (key) => {
      const lock = await redlock.acquire([key], TTL_MS)
      return () => lock.release()
    },
    () => disconnect(clients),
  )
}

/** npm `redis-semaphore` with its pauses between attempts: `Mutex` on one server, `RedlockMutex` on several. */
export function redisSemaphore(clients: readonly Redis[]): Locker {
  const [first] = clients
  const options = { lockTimeout: TTL_MS, acquireTimeout: HOUR_MS }
  return lockerOf(
    async (key) => {
      const mutex =
        clients.length === 1 && first !== undefined
          ? new Mutex(first, key, options)
          : new RedlockMutex([...clients], key, options)
      await mutex.acquire()
      return () => mutex.release()
    },
    () => disconnect(clients),
  )
}

/** Ends connections at once. */
export function disconnect(clients: readonly Redis[]): void {
  for (const client of clients) client.disconnect()
}
