import { createLocks, memoryBackend } from '@colony/lock'
import AsyncLock from 'async-lock'
import { Mutex } from 'async-mutex'
import { lockerOf, type Release, type System, TTL_MS } from './locker.ts'

/** Locks of one process whose clients share them. */
export function memorySystems(): readonly System[] {
  const mutex = new Mutex()
  const asyncLock = new AsyncLock()
  const locks = createLocks(memoryBackend(), { ttl: TTL_MS })
  const nothing = (): void => undefined
  return [
    {
      name: 'colony, memory',
      open: async () =>
        lockerOf(async (key) => {
          const lock = await locks.acquire(key)
          return () => lock.release()
        }, nothing),
    },
    {
      name: 'async-mutex',
      open: async () =>
        lockerOf(async () => {
          const release = await mutex.acquire()
          return async () => release()
        }, nothing),
    },
    { name: 'async-lock', open: async () => lockerOf((key) => takeAsyncLock(asyncLock, key), nothing) },
  ]
}

/** The package holds a lock for as long as a task runs. */
function takeAsyncLock(locks: AsyncLock, key: string): Promise<Release> {
  return new Promise((resolve) => {
    void locks.acquire(key, (done) => resolve(async () => done()))
  })
}
