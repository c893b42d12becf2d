import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { createLocks, type Locks } from '../../../src/index.ts'
import { redlockBackend, type RedlockCapabilities, type RedlockOptions } from '../../../src/redis/index.ts'
import { NO_REDIS, skipRedis } from '../../servers/redis.ts'
import { IndependentServers } from './independent-servers.ts'

const NONE = Array<undefined>(5).fill(undefined)

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe.skipIf(skipRedis)(`what goes wrong with five servers (${NO_REDIS})`, () => {
  let world: IndependentServers
  beforeAll(async () => {
    world = await IndependentServers.start(5)
  })
  afterAll(() => world[Symbol.asyncDispose]())
  afterEach(async () => {
    vi.restoreAllMocks()
    await world.reset()
  })

  /** A process with connections of its own. */
  const locksOn = (
    clients: ReturnType<IndependentServers['clients']>,
    options: RedlockOptions = {},
  ): Locks<RedlockCapabilities> => createLocks(redlockBackend(clients, { restartDelay: 0, ...options }))
  const ours = (options?: RedlockOptions): Locks<RedlockCapabilities> => locksOn(world.clients(), options)

  it('P1: a lock that was waited for is valid for its whole time, counted from the attempt that was granted', async () => {
    const holder = await ours().acquire('p1', { ttl: 1300 })
    const lock = await ours().acquire('p1', { ttl: 5000 })
    expect(holder.isHeld).toBe(false)
    expect(lock.remaining).toBeGreaterThan(3000)
    // The servers keep it longer than its holder relies on it.
    const left = await Promise.all(world.clients().map((client) => client.pttl('p1')))
    expect(left.filter((ms) => ms > lock.remaining).length).toBeGreaterThanOrEqual(3)
  })

  it('P2: with two of five servers stalled, one at a time has the lock', async () => {
    const [one, other] = [ours(), ours()]
    world.stop(0, 1)
    const first = await one.acquire('p2', { ttl: 1500 })
    const second = other.acquire('p2', { ttl: 1500, wait: 20_000 })
    await sleep(300)
    world.continue(0, 1)
    const lock = await second
    // Whether it ended by its time or not: the first one does not believe in it any more.
    expect(first.isHeld).toBe(false)
    await lock.release()
  })

  it('P2c: a vote that completes the majority after the lease is over makes no lock', async () => {
    const late = ours({ nodeTimeout: 60_000 })
    await (await late.acquire('warm')).release()
    world.stop(0, 1, 2)
    const asked = expect(late.tryAcquire('p2c', { ttl: 450 })).rejects.toMatchObject({
      code: 'LOCK_NO_QUORUM',
    })
    await sleep(700)
    const other = ours()
    world.continue(0, 1, 2)
    await asked
    const lock = await other.acquire('p2c', { ttl: 5000, wait: 20_000 })
    expect(lock.isHeld).toBe(true)
    await lock.release()
    await expect.poll(() => world.values('p2c'), { timeout: 5000 }).toEqual(NONE)
  })

  it('P3: a holder behind a dead link is told before anybody else is granted', async () => {
    const clients = world.distantClients()
    const locks = locksOn(clients)
    await (await locks.acquire('warm')).release()
    const others = ours()
    await (await others.acquire('warm')).release()
    for (let trial = 0; trial < 3; trial++) {
      const lock = await locks.acquire('p3', { ttl: 600, autoExtend: true })
      let toldAt = Number.POSITIVE_INFINITY
      lock.signal.addEventListener('abort', () => (toldAt = performance.now()))
      for (const proxy of world.proxies) proxy.cut()
      const next = await others.acquire('p3', { ttl: 5000, wait: 20_000 })
      expect(toldAt).toBeLessThanOrEqual(performance.now())
      expect(lock.isHeld).toBe(false)
      expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST', because: 'expired' })
      await next.release()
      for (const proxy of world.proxies) proxy.heal()
      await expect.poll(() => world.values('p3'), { timeout: 10_000 }).toEqual(NONE)
    }
  })

  it('P5: one hung server of five holds up neither acquisition nor release, and keeps nothing', async () => {
    const locks = ours()
    await (await locks.acquire('warm')).release()
    world.stop(4)
    const lock = await locks.acquire('p5', { ttl: 9000, wait: 5000 })
    expect(await lock.extend(9000)).toBe(true)
    expect(await lock.release()).toEqual({ released: true })
    world.continue(4)
    await expect.poll(() => world.values('p5'), { timeout: 5000 }).toEqual(NONE)
  })

  it('P6: one vote each of two servers is a refusal, and leaves only the other one', async () => {
    const [first, second] = world.clients()
    if (first === undefined || second === undefined) throw new Error('no clients')
    await second.set('p6', 'somebody', 'PX', 20_000)
    const locks = locksOn([first, second])
    expect(await locks.tryAcquire('p6')).toBeUndefined()
    await expect.poll(async () => (await world.values('p6')).slice(0, 2)).toEqual([undefined, 'somebody'])
  })

  it('P7: votes of a refused attempt are in nobody’s way', async () => {
    const clients = world.clients()
    for (const client of clients.slice(0, 3)) await client.set('p7', 'somebody', 'PX', 400)
    await clients[0]?.set('p7', 'somebody', 'PX', 60_000)
    const lock = await locksOn(clients).acquire('p7', { wait: 20_000 })
    const [stubborn, ...rest] = await world.values('p7')
    expect(stubborn).toBe('somebody')
    await expect.poll(async () => new Set((await world.values('p7')).slice(1)).size).toBe(1)
    expect(rest.filter((value) => value !== undefined).length).toBeGreaterThanOrEqual(3)
    await lock.release()
    await expect.poll(() => world.values('p7'), { timeout: 5000 }).toEqual(['somebody', ...NONE.slice(1)])
  })

  it('P8: connections that are lost for good while a lock is held end in a signal, and in nothing else', async () => {
    const unhandled = vi.fn<(reason: unknown) => void>()
    process.on('unhandledRejection', unhandled)
    const clients = world.distantClients({ retryStrategy: () => null, maxRetriesPerRequest: 0 })
    const lock = await locksOn(clients).acquire('p8', { ttl: 800, autoExtend: true })
    for (const proxy of world.proxies) proxy.reset()
    await expect.poll(() => lock.signal.aborted, { timeout: 10_000 }).toBe(true)
    expect(lock.signal.reason).toMatchObject({ because: 'expired' })
    expect(await lock.release()).toEqual({ released: false })
    await sleep(100)
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  it('P9: a lock that is extended sends a few commands for each third of its time', async () => {
    const clients = world.clients()
    const locks = locksOn(clients)
    await clients[0]?.config('RESETSTAT')
    await locks.using('p9', () => sleep(1000), { ttl: 1000 })
    const stats = (await clients[0]?.info('commandstats')) ?? ''
    const calls = Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1])
    expect(calls).toBeGreaterThanOrEqual(3)
    expect(calls).toBeLessThan(12)
  })

  it('P10: releasing a lock that is over comes to an end, without a complaint', async () => {
    const locks = ours()
    const lock = await locks.acquire('p10', { ttl: 100 })
    await expect.poll(() => lock.isHeld).toBe(false)
    const other = await ours().acquire('p10', { wait: 10_000 })
    expect(await lock.release()).toEqual({ released: false })
    expect(other.isHeld).toBe(true)
    expect((await world.values('p10')).filter((value) => value !== undefined).length).toBeGreaterThanOrEqual(
      3,
    )
    await other.release()
  })

  it('P17: the time of day of the holder has no influence', async () => {
    const lock = await ours().acquire('p17', { ttl: 9000 })
    const now = Date.now()
    vi.spyOn(Date, 'now').mockReturnValue(now + 3_600_000)
    expect(lock.isHeld).toBe(true)
    expect(await lock.extend()).toBe(true)
    expect(await lock.release()).toEqual({ released: true })
  })

  it('P18: servers that were restarted and have forgotten a lock do not give it to somebody else', async () => {
    const restartDelay = 4000
    const clients = world.clients()
    const locks = locksOn(clients, { restartDelay })
    const others = locksOn(world.clients(), { restartDelay })
    // All have been up for long enough.
    await (await locks.acquire('p18', { ttl: 1000, wait: 20_000 })).release()
    await (await others.acquire('p18', { ttl: 1000, wait: 20_000 })).release()
    const lock = await locks.acquire('p18', { ttl: restartDelay })
    await Promise.all(world.servers.slice(0, 3).map((server) => server.restart()))
    expect((await world.values('p18')).filter((value) => value !== undefined).length).toBeLessThanOrEqual(2)
    await expect(others.tryAcquire('other', { ttl: 1000 })).rejects.toMatchObject({ code: 'LOCK_NO_QUORUM' })
    const next = await others.acquire('p18', { ttl: 1000, wait: 30_000 })
    expect(lock.isHeld).toBe(false)
    await next.release()
  })

  it('P24: what a majority cannot do safely is no option, neither as a type nor at run time', async () => {
    const locks = ours()
    // @ts-expect-error There are no semaphores.
    await expect(locks.acquire({ key: 'p24', of: 2 })).rejects.toMatchObject({ code: 'LOCK_INVALID_OPTION' })
    // @ts-expect-error There are no readers.
    await expect(locks.acquire({ key: 'p24', mode: 'shared' })).rejects.toMatchObject({
      code: 'LOCK_INVALID_OPTION',
    })
    const lock = await locks.acquire('p24')
    expectTypeOf(lock).not.toHaveProperty('fencingToken')
    await lock.release()
  })
})
