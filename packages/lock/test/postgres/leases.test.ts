import { createRandom } from '@colony/host'
import { Client, Pool } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createLocks } from '../../src/index.ts'
import {
  checkFence,
  postgresLeases,
  type PostgresLeasesOptions,
  postgresMigration,
  postgresSweep,
} from '../../src/postgres/index.ts'
import { NO_POSTGRES, PostgresServer, skipPostgres } from '../servers/postgres.ts'

const needs = skipPostgres ? ` (${NO_POSTGRES})` : ''

describe.skipIf(skipPostgres)(`leases in a table of PostgreSQL${needs}`, () => {
  let server: PostgresServer
  const pools: Pool[] = []

  beforeAll(async () => {
    server = await PostgresServer.start()
    await server.query(postgresMigration())
  })
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.end()))
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  function makeLocks(options: PostgresLeasesOptions = {}, ttl = 5000) {
    return createLocks(
      postgresLeases(() => new Client(server.url()), options),
      { ttl },
    )
  }

  async function held(): Promise<unknown[]> {
    const rows = await server.query('select key from colony_lock_leases where owner is not null order by key')
    return rows.map(({ key }) => key)
  }

  it('exclude another process, and have tokens that grow', async () => {
    await using one = makeLocks()
    await using other = makeLocks()
    const first = await one.acquire('a')
    expect(await other.tryAcquire('a')).toBeUndefined()
    expect(await first.release()).toEqual({ released: true })
    const second = await other.acquire('a')
    expect(second.fencingToken > first.fencingToken).toBe(true)
    await second.release()
    expect(await held()).toEqual([])
  })

  it('are connections of a pool, as of a function', async () => {
    const pool = new Pool({ connectionString: server.url() })
    pools.push(pool)
    const locks = createLocks(postgresLeases(pool))
    const lock = await locks.acquire('p')
    expect(pool.totalCount).toBe(1)
    await lock.release()
    await locks.close()
    expect(pool.totalCount).toBe(0)
  })

  it('have tokens that grow though the row was deleted', async () => {
    await using locks = makeLocks()
    const first = await locks.acquire('d')
    await first.release()
    await server.query(
      "update colony_lock_leases set expires_at = clock_timestamp() - interval '2 days' where key = 'd'",
    )
    await server.query(postgresSweep())
    expect(await server.query("select from colony_lock_leases where key = 'd'")).toEqual([])
    const second = await locks.acquire('d')
    expect(second.fencingToken > first.fencingToken).toBe(true)
    await second.release()
  })

  it('wake who waits, without waiting for the next look', async () => {
    const drawn = createRandom(1)
    // Pauses of which nobody would see the end.
    const endless = { float: () => 1e6, integer: drawn.integer.bind(drawn), fork: drawn.fork.bind(drawn) }
    await using one = makeLocks()
    await using other = makeLocks({ random: endless })
    const first = await one.acquire('w')
    await other.using('w2', () => undefined)
    const later = other.acquire('w')
    await other.using('w2', () => undefined)
    await first.release()
    const second = await later
    await second.release()
  })

  it('are taken over when their time is over, by the clock of the database', async () => {
    await using one = makeLocks({}, 80)
    await using other = makeLocks({ poll: 20 })
    const first = await one.acquire('t')
    const second = await other.acquire('t')
    expect(first.isHeld).toBe(false)
    expect(second.fencingToken > first.fencingToken).toBe(true)
    await second.release()
    const own = await one.acquire('u')
    await own.extend(30_000)
    expect(own.remaining).toBeGreaterThan(20_000)
    await own.release()
  })

  it('of several keys are taken together or not at all, whoever wants them', async () => {
    await using one = makeLocks({ poll: 20 })
    await using other = makeLocks({ poll: 20 })
    const b = await one.acquire('b')
    expect(await other.tryAcquire(['a', 'b', 'c'])).toBeUndefined()
    expect(await held()).toEqual(['b'])
    await b.release()
    let inside = 0
    const enter = async (index: number): Promise<void> => {
      const keys = ['a', 'b', 'c', 'd'].filter((_, place) => place !== index % 4)
      await (index % 2 === 0 ? one : other).using(keys, async () => {
        // Any two sets of three keys of four share one.
        expect((inside += 1)).toBe(1)
        await Promise.resolve()
        inside -= 1
      })
    }
    await Promise.all(Array.from({ length: 24 }, (_, index) => enter(index)))
    expect(await held()).toEqual([])
  })

  it('leave nothing behind when the waiting is ended', async () => {
    await using one = makeLocks()
    await using other = makeLocks({ poll: 5 })
    const first = await one.acquire('n')
    await expect(other.acquire('n', { wait: 30 })).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
    await expect(other.acquire('n', { signal: AbortSignal.timeout(30) })).rejects.toThrow()
    await first.release()
    await expect.poll(held).toEqual([])
    await expect(one.acquire('n', { ttl: Number.POSITIVE_INFINITY })).rejects.toMatchObject({
      code: 'LOCK_INVALID_OPTION',
    })
  })

  it('that are granted when nobody waits for them any more are given back', async () => {
    await using locks = makeLocks()
    await locks.using('late', () => undefined)
    const blocker = new Client(server.url())
    await blocker.connect()
    await blocker.query('begin')
    await blocker.query("select from colony_lock_leases where key = 'late' for update")
    await expect(locks.acquire('late', { wait: 50, ttl: 60_000 })).rejects.toMatchObject({
      code: 'LOCK_TIMEOUT',
    })
    await blocker.query('commit')
    await blocker.end()
    // Its statement has taken it by now, or will: whoever wants it has it long before that lease ends.
    await using others = makeLocks({ poll: 20 })
    await (await others.acquire('late', { wait: 10_000 })).release()
    await expect.poll(held).toEqual([])
  })

  it('outlive the connection that took them', async () => {
    await using one = makeLocks()
    await using other = makeLocks()
    const first = await one.acquire('o')
    await server.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'",
    )
    expect(first.isHeld).toBe(true)
    expect(await other.tryAcquire('o')).toBeUndefined()
    await expect.poll(() => first.extend()).toBe(true)
    expect(await first.release()).toEqual({ released: true })
  })

  it('are refused at the resource when a newer one was there', async () => {
    await using locks = makeLocks()
    await server.query('create table account (id text primary key, balance int)')
    await server.query("insert into account values ('1', 0)")
    const client = new Client(server.url())
    await client.connect()
    const pay = async (token: bigint, amount: number): Promise<void> => {
      await client.query('begin')
      try {
        await checkFence(client, 'account:1', token)
        await client.query('update account set balance = balance + $1', [amount])
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        throw error
      }
    }
    const stale = await locks.acquire('account:1')
    await stale.release()
    const newer = await locks.acquire('account:1')
    await pay(newer.fencingToken, 1)
    await pay(newer.fencingToken, 10)
    await expect(pay(stale.fencingToken, 100)).rejects.toMatchObject({ code: 'LOCK_STALE_TOKEN' })
    expect(await server.query('select balance from account')).toEqual([{ balance: 11 }])
    await client.end()
  })
})
