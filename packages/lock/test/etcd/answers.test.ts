import { expect, test } from 'vitest'
import {
  etcdBackend,
  type EtcdBackendOptions,
  type EtcdCapabilities,
  etcdGateway,
} from '../../src/etcd/index.ts'
import { createLocks, type LockBackend, type Locks } from '../../src/index.ts'
import { ManualClock } from '../runtime/manual-clock.ts'
import { type Asked, playedClient } from './played-client.ts'
import { PlayedEtcd } from './played-etcd.ts'

interface Bench {
  readonly clock: ManualClock
  readonly mute: Set<Asked>
  readonly backend: LockBackend<EtcdCapabilities>
  readonly locks: Locks<EtcdCapabilities>
  readonly told: string[]
}

function bench(options: EtcdBackendOptions = {}): Bench {
  const clock = new ManualClock()
  const mute = new Set<Asked>()
  const backend = etcdBackend(playedClient(mute, clock), { clock, requestTimeout: 500, ...options })
  const told: string[] = []
  const observer = (event: { readonly type: string; readonly reason?: unknown }): void => {
    if (event.type === 'lock.trouble') told.push(String(event.reason))
  }
  return { clock, mute, backend, told, locks: createLocks(backend, { ttl: 1000, clock, observer }) }
}

const NO_ANSWER = { code: 'LOCK_NO_ANSWER', retryable: true }

async function failure(clock: ManualClock, work: Promise<unknown> | undefined): Promise<unknown> {
  const failed = work?.then(
    () => 'no failure',
    (error: unknown) => error,
  )
  await clock.run(500)
  return await failed
}

test.each(['grantLease', 'txn'] as const)(
  'a lock of etcd whose %s is not answered is refused as other backends do it',
  async (asked) => {
    const { clock, mute, locks } = bench()
    mute.add(asked)
    expect(await failure(clock, locks.acquire('a'))).toMatchObject(NO_ANSWER)
    expect(clock.now()).toBe(1500)
  },
)

test('a lease of etcd that is there and cannot be kept alive refuses a new lock in the same way', async () => {
  const { clock, mute, locks } = bench()
  const held = await locks.acquire('a')
  mute.add('keepAlive')
  await clock.run(990)
  expect(await failure(clock, locks.acquire('b'))).toMatchObject(NO_ANSWER)
  expect(held.isHeld).toBe(false)
})

test('values of etcd that are not answered are refused in the same way', async () => {
  const { clock, mute, backend } = bench()
  mute.add('txn')
  expect(await failure(clock, backend.values?.read('v'))).toMatchObject(NO_ANSWER)
  expect(await failure(clock, backend.values?.write('v', undefined, 'one'))).toMatchObject(NO_ANSWER)
})

test('an extension and a release that etcd does not answer are told as that', async () => {
  const { clock, mute, locks, told } = bench()
  const lock = await locks.acquire('a', { ttl: 2000 })
  mute.add('txn').add('delete')
  const extended = lock.extend()
  await clock.run(500)
  expect(await extended).toBe(false)
  const released = lock.release()
  await clock.run(500)
  expect(await released).toEqual({ released: false })
  expect(told).toEqual([expect.stringContaining('LOCK_NO_ANSWER'), expect.stringContaining('LOCK_NO_ANSWER')])
})

test.each([
  ['no object', '[]'],
  ['too few operations', '{"header":{"revision":"2"},"succeeded":true}'],
  ['no number', '{"header":{"revision":"x"}}'],
])('an answer of the gateway that makes no sense is one: %s', async (_, body) => {
  const gateway = etcdGateway('http://etcd', {
    fetch: async () => new Response(body),
  })
  const { values } = etcdBackend(gateway)
  await expect(values?.read('v')).rejects.toMatchObject({ code: 'LOCK_NO_ANSWER', retryable: false })
})

test('what is no place in a queue of etcd is no answer either', async () => {
  const store = new PlayedEtcd()
  store.txn({ compare: [], success: [{ type: 'put', key: 'colony/lock/a/w/1', value: 'foreign' }] })
  const backend = etcdBackend(playedClient(new Set(), new ManualClock(), store))
  await expect(createLocks(backend).acquire('a')).rejects.toMatchObject({
    code: 'LOCK_NO_ANSWER',
    retryable: false,
  })
})

test('an etcd that cannot be reached, or says what is wrong, is told as the client has told it', async () => {
  const gone = etcdGateway('http://etcd', { fetch: () => Promise.reject(new Error('ECONNREFUSED')) })
  await expect(etcdBackend(gone).values?.read('v')).rejects.toMatchObject({ name: 'EtcdError', code: 14 })
  const refused = (): Response => new Response('{"code":7,"message":"denied"}', { status: 403 })
  const denied = etcdGateway('http://etcd', { fetch: async () => refused() })
  await expect(etcdBackend(denied).values?.read('v')).rejects.toMatchObject({ name: 'EtcdError', code: 7 })
})
