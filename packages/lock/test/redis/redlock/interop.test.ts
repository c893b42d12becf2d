import { Mutex, RedlockMutex } from 'redis-semaphore'
import Redlock4 from 'redlock-4'
import Redlock5 from 'redlock-5'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLocks, type Locks } from '../../../src/index.ts'
import { redlockBackend, type RedlockCapabilities, type RedlockOptions } from '../../../src/redis/index.ts'
import { NO_REDIS, skipRedis } from '../../servers/redis.ts'
import { IndependentServers } from './independent-servers.ts'

const TTL = 8000

/** A lock of another package: `undefined` when somebody else has it. */
interface Peer {
  readonly dialect: NonNullable<RedlockOptions['dialect']>
  readonly tryAcquire: (key: string) => Promise<(() => Promise<unknown>) | undefined>
}

describe.skipIf(skipRedis)(`locks of other packages (${NO_REDIS})`, () => {
  let world: IndependentServers
  let clients: ReturnType<IndependentServers['clients']>
  beforeAll(async () => {
    world = await IndependentServers.start(3)
    clients = world.clients()
  })
  afterAll(() => world[Symbol.asyncDispose]())
  beforeEach(async () => {
    await Promise.all(clients.map((client) => client.flushall()))
  })

  const ours = (dialect: Peer['dialect']): Locks<RedlockCapabilities> =>
    createLocks(redlockBackend(clients, { dialect, restartDelay: 0 }), { ttl: TTL })

  const peers: Readonly<Record<string, () => Peer>> = {
    'redlock 4': () => {
      const redlock = new Redlock4(clients, { retryCount: 0 })
      redlock.on('error', () => {})
      return {
        dialect: 'redlock',
        tryAcquire: async (key) => {
          const lock = await redlock.acquire([key], TTL).catch(() => undefined)
          return lock && (async () => await lock.unlock())
        },
      }
    },
    'redlock 5': () => {
      const redlock = new Redlock5(clients, { retryCount: 0 })
      return {
        dialect: 'redlock',
        tryAcquire: async (key) => {
          const lock = await redlock.acquire([key], TTL).catch(() => undefined)
          return lock && (async () => await lock.release())
        },
      }
    },
    'RedlockMutex of redis-semaphore': () => ({
      dialect: 'redis-semaphore',
      tryAcquire: async (key) => {
        const mutex = new RedlockMutex(clients, key, { lockTimeout: TTL, acquireAttemptsLimit: 1 })
        return (await mutex.tryAcquire()) ? async () => await mutex.release() : undefined
      },
    }),
  }

  for (const [name, make] of Object.entries(peers)) {
    it(`${name} excludes ours, and ours excludes it`, async () => {
      const peer = make()
      const locks = ours(peer.dialect)
      const release = await peer.tryAcquire('shared')
      expect(release).toBeDefined()
      expect(await locks.tryAcquire('shared')).toBeUndefined()
      await release?.()
      // Some say that they have released as soon as a majority of the servers did.
      const lock = await locks.acquire('shared', { wait: TTL })
      expect(lock.isHeld).toBe(true)
      expect(await peer.tryAcquire('shared')).toBeUndefined()
      expect(await lock.release()).toEqual({ released: true })
      // Nothing stays behind, on no server.
      const after = await peer.tryAcquire('shared')
      expect(after).toBeDefined()
      await after?.()
      await expect
        .poll(async () => (await Promise.all(clients.map((client) => client.dbsize()))).join())
        .toBe('0,0,0')
    })

    it(`${name} and ours take turns in counting, and lose nothing`, async () => {
      const peer = make()
      const locks = ours(peer.dialect)
      let inside = 0
      let count = 0
      const count20 = async (enter: () => Promise<(() => Promise<unknown>) | undefined>): Promise<void> => {
        for (let turn = 0; turn < 20;) {
          const leave = await enter()
          if (leave === undefined) {
            await new Promise((resolve) => setTimeout(resolve, Math.random() * 10))
            continue
          }
          inside += 1
          const read = count
          await new Promise((resolve) => setTimeout(resolve, 1))
          if (inside !== 1) throw new Error('two at once')
          count = read + 1
          inside -= 1
          turn += 1
          await leave()
        }
      }
      await Promise.all([
        count20(() => peer.tryAcquire('counter')),
        count20(async () => {
          const lock = await locks.acquire('counter')
          return () => lock.release()
        }),
      ])
      expect(count).toBe(40)
    })
  }

  it('a Mutex of redis-semaphore on one server and ours on the same exclude each other', async () => {
    const [client] = clients
    if (client === undefined) throw new Error('no client')
    const locks = createLocks(redlockBackend([client], { dialect: 'redis-semaphore', restartDelay: 0 }))
    const mutex = new Mutex(client, 'one', { lockTimeout: TTL, acquireAttemptsLimit: 1 })
    const lock = await locks.acquire('one')
    expect(await mutex.tryAcquire()).toBe(false)
    await lock.release()
    expect(await mutex.tryAcquire()).toBe(true)
    expect(await locks.tryAcquire('one')).toBeUndefined()
    await mutex.release()
  })

  it('several keys at once meet locks of single keys, both ways', async () => {
    const redlock = new Redlock5(clients, { retryCount: 0 })
    const locks = ours('redlock')
    const pair = await locks.acquire(['a', 'b'])
    await expect(redlock.acquire(['b'], TTL)).rejects.toThrow()
    await pair.release()
    const theirs = await redlock.acquire(['b', 'c'], TTL)
    expect(await locks.tryAcquire(['a', 'b'])).toBeUndefined()
    // None of the keys that were free is left behind.
    expect(await world.values('a')).toEqual([undefined, undefined, undefined])
    await theirs.release()
  })
})
