import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { etcdBackend, type EtcdCapabilities, etcdGateway } from '../../src/etcd/index.ts'
import { createLocks, type LockError, type Locks } from '../../src/index.ts'
import { EtcdProcess, NO_ETCD, skipEtcd } from '../servers/etcd.ts'

const NAME = skipEtcd ? `locks on etcd (${NO_ETCD})` : 'locks on etcd'

describe.skipIf(skipEtcd)(NAME, { timeout: 60_000 }, () => {
  let server: EtcdProcess
  const made: Locks<EtcdCapabilities>[] = []
  let lastPrefix = 0

  beforeAll(async () => {
    server = await EtcdProcess.start()
  }, 90_000)
  afterAll(async () => {
    await Promise.all(made.map((locks) => locks.close()))
    await server[Symbol.asyncDispose]()
  })

  /** Locks of another process, as etcd sees it. */
  function process(prefix: string, ttl = 10_000): Locks<EtcdCapabilities> {
    const locks = createLocks(etcdBackend(etcdGateway(server.url), { prefix }), { ttl })
    made.push(locks)
    return locks
  }

  function freshPrefix(): string {
    return `test-${(lastPrefix += 1)}/`
  }

  async function keysOf(prefix: string): Promise<string[]> {
    return (await server.keys()).filter((key) => key.startsWith(prefix))
  }

  async function untilEmpty(prefix: string): Promise<void> {
    await expect.poll(() => keysOf(prefix), { timeout: 20_000 }).toEqual([])
  }

  it('gives a key of etcd to one process at a time, in their order, with growing tokens', async () => {
    const prefix = freshPrefix()
    const [one, two] = [process(prefix), process(prefix)]
    const first = await one.acquire('a/b')
    expect(await two.tryAcquire('a/b')).toBeUndefined()
    expect(await two.tryAcquire('a')).toBeDefined()
    const waiting = [two.acquire('a/b'), one.acquire('a/b')]
    await expect.poll(() => keysOf(`${prefix}lock/a%2Fb/`)).toHaveLength(3)
    expect(await first.release()).toEqual({ released: true })
    const next = await Promise.race(waiting)
    expect(next.fencingToken > first.fencingToken).toBe(true)
    await next.release()
    for (const lock of await Promise.all(waiting)) await lock.release()
    await two.close()
    await untilEmpty(`${prefix}lock/a%2Fb/`)
  })

  it('lets many wait for several keys of etcd at once, each in another order, and nobody overlaps', async () => {
    const prefix = freshPrefix()
    const processes = [process(prefix), process(prefix), process(prefix)]
    const holders = new Map<string, number>()
    const pairs = [
      ['x', 'y'],
      ['y', 'z'],
      ['z', 'x'],
    ]
    const use = async (index: number): Promise<void> => {
      const keys = pairs[index % pairs.length] ?? []
      await processes[index % 3]?.using(keys, async ({ signal }) => {
        for (const key of keys) {
          expect(holders.get(key)).toBeUndefined()
          holders.set(key, index)
        }
        await new Promise((resolve) => setTimeout(resolve, 2))
        expect(signal.aborted).toBe(false)
        for (const key of keys) holders.delete(key)
      })
    }
    await Promise.all(Array.from({ length: 30 }, (_, index) => use(index)))
    await untilEmpty(prefix)
  })

  it('lets readers of etcd in together, and a writer after them', async () => {
    const prefix = freshPrefix()
    const [one, two] = [process(prefix), process(prefix)]
    const readers = [
      await one.acquire({ key: 'r', mode: 'shared' }),
      await two.acquire({ key: 'r', mode: 'shared' }),
    ]
    expect(await two.tryAcquire('r')).toBeUndefined()
    let isWritten = false
    const writer = one.acquire('r').then((lock) => {
      isWritten = true
      return lock
    })
    await expect.poll(() => keysOf(`${prefix}lock/r/w/`)).toHaveLength(1)
    expect(await two.tryAcquire({ key: 'r', mode: 'shared' })).toBeUndefined()
    await readers[0]?.release()
    expect(isWritten).toBe(false)
    await readers[1]?.release()
    await (await writer).release()
    await untilEmpty(prefix)
  })

  it('counts the permits of a semaphore on etcd, and refuses another number of them', async () => {
    const prefix = freshPrefix()
    const [one, two] = [process(prefix), process(prefix)]
    const two1 = await one.acquire({ key: 's', permits: 2, of: 3 })
    const one1 = await two.acquire({ key: 's', of: 3 })
    expect(await one.tryAcquire({ key: 's', of: 3 })).toBeUndefined()
    const waiting = two.acquire({ key: 's', permits: 2, of: 3 })
    await expect(one.acquire({ key: 's', of: 4 })).rejects.toMatchObject({ code: 'LOCK_MISMATCH' })
    await two1.release()
    await (await waiting).release()
    await one1.release()
    await untilEmpty(prefix)
  })

  it('extends a lock on etcd, also to a time that needs another lease', async () => {
    const prefix = freshPrefix()
    const locks = process(prefix, 2_000)
    const lock = await locks.acquire('e')
    expect(await lock.extend(60_000)).toBe(true)
    expect(lock.remaining).toBeGreaterThan(50_000)
    const [name = ''] = await keysOf(prefix)
    const { kvs } = (await server.ask('kv/range', { key: Buffer.from(name).toString('base64') })) as {
      kvs: [{ lease: string; value: string; create_revision: string }]
    }
    const lease = (await server.ask('kv/lease/timetolive', { ID: kvs[0].lease })) as { grantedTTL: string }
    expect(Number(lease.grantedTTL)).toBe(90)
    expect(kvs[0].create_revision).toBe(String(lock.fencingToken))
    expect(Buffer.from(kvs[0].value, 'base64').toString()).toBe('1/1')
    await lock.release()
    await untilEmpty(prefix)
  })

  it('tells a holder on etcd whose key was deleted, and one whose lease was revoked', async () => {
    const prefix = freshPrefix()
    const locks = process(prefix, 1_500)
    const stolen = await locks.acquire('stolen')
    const [name = ''] = await keysOf(prefix)
    await server.ask('kv/deleterange', { key: Buffer.from(name).toString('base64') })
    expect(await stolen.extend()).toBe(false)
    expect(stolen.signal.reason).toMatchObject({ code: 'LOCK_LOST', because: 'stolen' })
    const lost = await locks.acquire('lost', { autoExtend: true })
    const { leases } = (await server.ask('kv/lease/leases', {})) as { leases: { ID: string }[] }
    const ended = new Promise((resolve) => lost.signal.addEventListener('abort', resolve))
    for (const { ID } of leases) await server.ask('lease/revoke', { ID })
    await ended
    expect((lost.signal.reason as LockError).because).toMatch(/backend|stolen/)
    await (await locks.acquire('lost')).release()
  })

  it('frees a lock on etcd when its time is over, and when its waiter gives up', async () => {
    const prefix = freshPrefix()
    const [one, two] = [process(prefix), process(prefix)]
    const held = await one.acquire('t', { ttl: 400 })
    const next = await two.acquire('t')
    expect(held.isHeld).toBe(false)
    await expect(one.acquire('t', { wait: 50 })).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
    const aborter = new AbortController()
    const waiting = one.acquire('t', { signal: aborter.signal })
    setTimeout(() => aborter.abort(new Error('enough')), 30)
    await expect(waiting).rejects.toThrow('enough')
    await next.release()
    await untilEmpty(prefix)
  })

  it('lines up again on etcd when its place in the queue was deleted', async () => {
    const prefix = freshPrefix()
    const [one, two] = [process(prefix), process(prefix)]
    const held = await one.acquire('p')
    const waiting = two.acquire('p')
    await expect.poll(() => keysOf(prefix)).toHaveLength(2)
    // Both in one step: else the second one would be a lock in between.
    const [from, to] = [prefix, prefix.replace('/', '0')].map((path) => Buffer.from(path).toString('base64'))
    await server.ask('kv/deleterange', { key: from, range_end: to })
    const lock = await waiting
    expect(await keysOf(prefix)).toHaveLength(1)
    expect(await lock.release()).toEqual({ released: true })
    await held.release()
  })

  it('keeps values on etcd that only the newest reader can write', async () => {
    const prefix = freshPrefix()
    const { values } = etcdBackend(etcdGateway(server.url), { prefix })
    expect(await values?.read('v')).toBeUndefined()
    expect(await values?.write('v', undefined, '\uFEFFone ☃')).toBe(true)
    expect(await values?.write('v', undefined, 'two')).toBe(false)
    const read = await values?.read('v')
    expect(read?.text).toBe('\uFEFFone ☃')
    expect(await values?.write('v', read?.version, undefined)).toBe(true)
    expect(await values?.write('v', undefined, 'one ☃')).toBe(true)
    expect(await values?.write('v', read?.version, 'late')).toBe(false)
  })
})
