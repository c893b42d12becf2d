import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocks, type LockError } from '../../src/index.ts'
import {
  postgresAdvisory,
  type PostgresAdvisoryOptions,
  postgresMigration,
} from '../../src/postgres/index.ts'
import { NO_POSTGRES, PostgresServer, skipPostgres } from '../servers/postgres.ts'

const needs = skipPostgres ? ` (${NO_POSTGRES})` : ''

describe.skipIf(skipPostgres)(`advisory locks of PostgreSQL${needs}`, () => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await PostgresServer.start()
    await server.query(postgresMigration())
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  function makeLocks(options: PostgresAdvisoryOptions = {}, ttl = 5000) {
    return createLocks(
      postgresAdvisory(() => new Client(server.url()), options),
      { ttl },
    )
  }

  async function held(): Promise<number> {
    const [row] = await server.query(
      "select count(*)::int as n from pg_locks where locktype = 'advisory' and granted",
    )
    return Number(row?.['n'])
  }

  async function waiting(atLeast: number): Promise<void> {
    for (;;) {
      const [row] = await server.query(
        "select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted",
      )
      if (Number(row?.['n']) >= atLeast) return
    }
  }

  it('excludes another process, and tokens grow', async () => {
    await using one = makeLocks()
    await using other = makeLocks()
    const first = await one.acquire('a')
    expect(await other.tryAcquire('a')).toBeUndefined()
    expect(await first.release()).toEqual({ released: true })
    expect(await first.release()).toEqual({ released: false })
    const second = await other.acquire('a')
    expect(second.fencingToken > first.fencingToken).toBe(true)
    await second.release()
    expect(await held()).toBe(0)
  })

  it('waits in the queue of the server, first come first served', async () => {
    await using one = makeLocks()
    await using other = makeLocks()
    await using third = makeLocks()
    const first = await one.acquire('q')
    const order: string[] = []
    const later = [other, third].map(async (locks, index) => {
      await waiting(index)
      const lock = await locks.acquire('q')
      order.push(String(index))
      await lock.release()
    })
    await waiting(2)
    await first.release()
    await Promise.all(later)
    expect(order).toEqual(['0', '1'])
    expect(await held()).toBe(0)
  })

  it('takes several keys or none, in one process and between two', async () => {
    await using one = makeLocks()
    await using other = makeLocks()
    const b = await one.acquire('b')
    expect(await other.tryAcquire(['a', 'b', 'c'])).toBeUndefined()
    expect(await one.tryAcquire(['a', 'b'])).toBeUndefined()
    expect(await held()).toBe(1)
    const later = other.acquire(['a', 'b', 'c'])
    await waiting(1)
    await b.release()
    const all = await later
    expect(await held()).toBe(3)
    await all.release()
    expect(await held()).toBe(0)
  })

  it('readers share, and do not pass a writer that waits', async () => {
    await using one = makeLocks()
    await using other = makeLocks()
    const reader = await one.acquire({ key: 's', mode: 'shared' })
    const second = await other.acquire({ key: 's', mode: 'shared' })
    const third = await one.acquire({ key: 's', mode: 'shared' })
    const writer = other.acquire('s')
    // Its own readers are in its way here, and those of the other process at the server.
    await second.release()
    await waiting(1)
    expect(await one.tryAcquire({ key: 's', mode: 'shared' })).toBeUndefined()
    const fourth = one.acquire({ key: 's', mode: 'shared' })
    await waiting(2)
    await reader.release()
    await third.release()
    const lock = await writer
    await lock.release()
    await (await fourth).release()
    expect(await held()).toBe(0)
  })

  it('gives up when the time is over or the signal aborts, and leaves nothing in the queue', async () => {
    await using one = makeLocks()
    await using other = makeLocks()
    const first = await one.acquire('g')
    await expect(other.acquire('g', { wait: 30 })).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
    const aborter = new AbortController()
    const aborted = other.acquire('g', { signal: aborter.signal })
    await waiting(1)
    aborter.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    const text = "select from pg_locks where locktype = 'advisory' and not granted"
    await expect.poll(() => server.query(text)).toEqual([])
    await first.release()
    const next = await other.acquire('g')
    await next.release()
    expect(await held()).toBe(0)
  })

  it('tells holders that their session was ended, at once', async () => {
    await using one = makeLocks()
    await using other = makeLocks()
    const first = await one.acquire('k')
    const waiter = other.acquire('k')
    await waiting(1)
    const told = new Promise<unknown>((resolve) => {
      first.signal.addEventListener('abort', () => resolve(first.signal.reason))
    })
    await server.query(
      "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted",
    )
    expect(await told).toMatchObject({ code: 'LOCK_LOST', because: 'backend' })
    await (await waiter).release()
    const again = await one.acquire('k')
    await again.release()
  })

  it('a lease that is over ends at the server, too', async () => {
    await using one = makeLocks({}, 60)
    await using other = makeLocks()
    const first = await one.acquire('l')
    const second = await other.acquire('l')
    expect(first.isHeld).toBe(false)
    await second.release()
    expect(await held()).toBe(0)
  })

  it('an extended lock lasts', async () => {
    await using one = makeLocks({}, 300)
    const lock = await one.acquire('e')
    expect(await lock.extend(60_000)).toBe(true)
    expect(lock.remaining).toBeGreaterThan(50_000)
    await lock.release()
  })

  it('says what is missing where there are no tables, and makes them if it may', async () => {
    await server.query('create schema if not exists other')
    await using without = makeLocks({ schema: 'other' })
    const error = await without.acquire('t').catch((reason: unknown) => reason as LockError)
    expect(error).toMatchObject({ code: 'LOCK_UNSUITABLE' })
    await using some = makeLocks({ schema: 'other', migrate: true })
    await using more = makeLocks({ schema: 'other', migrate: true })
    const locks = await Promise.all([some.acquire('t'), more.acquire('u')])
    await Promise.all(locks.map((lock) => lock.release()))
  })

  it('counts by optimistic updates from two processes', async () => {
    await using one = makeLocks()
    await using other = makeLocks()
    const step = (count: number | undefined): number => (count ?? 0) + 1
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? one : other).update<number>('n', step)),
    )
    const [row] = await server.query("select value from colony_lock_values where key = 'n'")
    expect(row).toEqual({ value: '40' })
  })
})
