import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket, connect } from 'node:net'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocks } from '../../src/index.ts'
import { postgresAdvisory, postgresLeases, postgresMigration } from '../../src/postgres/index.ts'
import { NO_POSTGRES, PostgresServer, skipPostgres } from '../servers/postgres.ts'
import { TransactionPool } from './pooled-connection.ts'

const needs = skipPostgres ? ` (${NO_POSTGRES})` : ''

/** Something between a client and the server that can stop to pass anything on, without a word. */
class BlackHole implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets: Socket[] = []
  #isOpen = true

  private constructor(server: Server) {
    this.#server = server
  }

  static async before(port: number): Promise<BlackHole> {
    const server = createServer()
    const hole = new BlackHole(server)
    server.on('connection', (near) => {
      const far = connect(port, '127.0.0.1')
      hole.#sockets.push(near, far)
      near.on('data', (bytes) => hole.#isOpen && far.write(bytes))
      far.on('data', (bytes) => hole.#isOpen && near.write(bytes))
      near.on('close', () => hole.#isOpen && far.destroy())
      far.on('close', () => hole.#isOpen && near.destroy())
      for (const socket of [near, far]) socket.on('error', () => undefined)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return hole
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  cut(): void {
    this.#isOpen = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

describe.skipIf(skipPostgres)(`what is between PostgreSQL and its locks${needs}`, () => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await PostgresServer.start()
    await server.query(postgresMigration())
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  it('advisory locks refuse a proxy that pools transactions, and leave nothing in its sessions', async () => {
    const proxy = new TransactionPool(server.url())
    await using locks = createLocks(postgresAdvisory(() => proxy.connection()))
    await expect(locks.acquire('a')).rejects.toMatchObject({ code: 'LOCK_UNSUITABLE' })
    expect(await server.query("select from pg_locks where locktype = 'advisory'")).toEqual([])
    await proxy.close()
  })

  it('leases go through a proxy that pools transactions', async () => {
    const proxy = new TransactionPool(server.url())
    const options = { prepare: false, poll: 20 }
    await using one = createLocks(postgresLeases(() => proxy.connection(), options))
    await using other = createLocks(postgresLeases(() => proxy.connection(), options))
    let inside = 0
    const enter = async (locks: typeof one): Promise<void> => {
      await locks.using('b', async () => {
        expect((inside += 1)).toBe(1)
        await Promise.resolve()
        inside -= 1
      })
    }
    await Promise.all(Array.from({ length: 20 }, (_, index) => enter(index % 2 === 0 ? one : other)))
    await proxy.close()
  })

  it('a holder that cannot reach the server knows before the server frees its advisory lock', async () => {
    await using hole = await BlackHole.before(server.port)
    const options = { sessionTimeout: 1000 }
    await using locks = createLocks(postgresAdvisory(() => new Client(server.url(hole.port)), options))
    await using others = createLocks(postgresAdvisory(() => new Client(server.url())))
    const lock = await locks.acquire('c', { ttl: 60_000 })
    const told = new Promise<unknown>((resolve) => {
      lock.signal.addEventListener('abort', () => resolve(lock.signal.reason))
    })
    hole.cut()
    // The server's end of the connection is alive: only the deadline of the session says that this one is not.
    expect(await told).toMatchObject({ code: 'LOCK_LOST', because: 'backend' })
    expect(await others.tryAcquire('c')).toBeUndefined()
  })

  it('a holder that cannot reach the server knows before its lease ends there', async () => {
    await using hole = await BlackHole.before(server.port)
    await using locks = createLocks(postgresLeases(() => new Client(server.url(hole.port))))
    const keys = Array.from({ length: 1000 }, (_, trial) => `d${trial}`)
    const held = new Map(
      await Promise.all(
        keys.map(async (key, trial) => {
          return [key, await locks.acquire(key, { ttl: 2000 + (trial % 500) })] as const
        }),
      ),
    )
    const signals = [...held.values()].map(({ signal }) => signal)
    hole.cut()
    for (let over = 0; over < keys.length;) {
      const text =
        "select key from colony_lock_leases where key like 'd%' and expires_at <= clock_timestamp()"
      const ended = await server.query(text)
      expect(ended.filter(({ key }) => held.get(String(key))?.isHeld === true)).toEqual([])
      over = ended.length
    }
    await expect.poll(() => signals.filter(({ aborted }) => !aborted)).toEqual([])
  })

  it('an acquisition that is not answered comes to an end', async () => {
    await using hole = await BlackHole.before(server.port)
    await using locks = createLocks(
      postgresAdvisory(() => new Client(server.url(hole.port)), { sessionTimeout: 1000 }),
    )
    await using others = createLocks(postgresAdvisory(() => new Client(server.url())))
    const held = await others.acquire('e')
    const waiter = locks.acquire('e')
    await expect
      .poll(() => server.query("select from pg_locks where locktype = 'advisory' and not granted"))
      .toHaveLength(1)
    hole.cut()
    await expect(waiter).rejects.toMatchObject({ code: 'LOCK_NO_ANSWER', retryable: true })
    await held.release()
  })
})
