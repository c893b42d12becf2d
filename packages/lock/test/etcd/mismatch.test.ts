import { expect, test, vi } from 'vitest'
import { etcdBackend, type EtcdCapabilities } from '../../src/etcd/index.ts'
import { createLocks, type Locks } from '../../src/index.ts'
import { ManualClock } from '../runtime/manual-clock.ts'
import { type Asked, playedClient } from './played-client.ts'
import { PlayedEtcd } from './played-etcd.ts'

/** Processes on one played etcd, each with what it cannot get through. */
class Processes {
  readonly clock = new ManualClock()
  readonly store = new PlayedEtcd()

  make(mute: ReadonlySet<Asked> = new Set()): Locks<EtcdCapabilities> {
    const { clock, store } = this
    const client = playedClient(mute, clock, store)
    const backend = etcdBackend(client, { clock, requestTimeout: 500, pollInterval: 100 })
    return createLocks(backend, { ttl: 10_000, clock })
  }

  /** What comes of it within a second. */
  async outcome(work: Promise<unknown>): Promise<unknown> {
    const done = work.then(
      (lock) => (lock === undefined ? 'busy' : 'granted'),
      (error: { readonly code?: string }) => error.code,
    )
    await this.clock.run(1000)
    return await Promise.race([done, this.clock.run(1).then(() => 'waits')])
  }
}

const THREE = { key: 's', of: 3 }
const FOUR = { key: 's', of: 4 }

test('who was refused for its number of permits refuses nobody, though its withdrawal was lost', async () => {
  const processes = new Processes()
  const [one, other] = [processes.make(), processes.make(new Set(['delete']))]
  const held = await one.acquire(THREE)
  expect(await processes.outcome(other.acquire(FOUR))).toBe('LOCK_MISMATCH')
  const waiting = one.acquire({ ...THREE, permits: 3 })
  expect(await processes.outcome(waiting)).toBe('waits')
  await held.release()
  expect(await processes.outcome(waiting)).toBe('granted')
})

test('who was refused a semaphore where a mutex is refuses no mutex', async () => {
  const processes = new Processes()
  const [one, other] = [processes.make(), processes.make(new Set(['delete']))]
  const held = await one.acquire('s')
  expect(await processes.outcome(other.acquire(THREE))).toBe('LOCK_MISMATCH')
  const waiting = one.acquire('s', { wait: 60_000 })
  expect(await processes.outcome(waiting)).toBe('waits')
  await held.release()
  expect(await processes.outcome(waiting)).toBe('granted')
})

test('what this process waits for no more refuses nobody in it, though its withdrawal is still under way', async () => {
  const processes = new Processes()
  const mute = new Set<Asked>()
  const one = processes.make(mute)
  const held = await one.acquire('s')
  mute.add('delete')
  expect(await processes.outcome(one.acquire('s', { wait: 50 }))).toBe('LOCK_TIMEOUT')
  mute.clear()
  await held.release()
  expect(processes.store.keys()).toHaveLength(1)
  expect(await processes.outcome(one.acquire(THREE))).toBe('granted')
})

test.each([
  ['a semaphore by one of more permits', THREE, { key: 's', of: 30 }],
  ['a semaphore by one of less permits', { key: 's', of: 30 }, THREE],
  ['a semaphore by a mutex', THREE, { key: 's' }],
  ['a semaphore by a reader', THREE, { key: 's', mode: 'shared' }],
  ['a mutex by a semaphore', { key: 's' }, THREE],
  ['a reader by a semaphore', { key: 's', mode: 'shared' }, THREE],
] as const)('the other use is refused: %s', async (_, held, wanted) => {
  const processes = new Processes()
  const [one, other] = [processes.make(), processes.make()]
  const lock = await one.acquire(held)
  const keys = processes.store.keys()
  expect(await processes.outcome(other.acquire(['a', wanted]))).toBe('LOCK_MISMATCH')
  // Nothing is left of it, nor of the key that it could have had.
  expect(processes.store.keys()).toEqual(keys)
  await lock.release()
  expect(await processes.outcome(other.acquire(wanted))).toBe('granted')
})

test('who tries a semaphore is told of another number of permits, and not of one that is free', async () => {
  const processes = new Processes()
  const locks = processes.make()
  await locks.acquire({ ...THREE, permits: 3 })
  expect(await processes.outcome(locks.tryAcquire(FOUR))).toBe('LOCK_MISMATCH')
  expect(await processes.outcome(locks.tryAcquire(THREE))).toBe('busy')
  await locks.acquire('m')
  expect(await processes.outcome(locks.tryAcquire(['m', { ...THREE, key: 't' }]))).toBe('busy')
})

test.each([
  ['a reader, of a semaphore', THREE, { key: 's', mode: 'shared' }, 1],
  ['a reader, of a writer', { key: 's' }, { key: 's', mode: 'shared' }, 1],
  ['a writer, of a semaphore', THREE, { key: 's' }, 1],
  ['a writer, of a reader', { key: 's', mode: 'shared' }, { key: 's' }, 1],
  ['a mutex and a semaphore, of a mutex', { key: 's' }, ['s', { ...THREE, key: 't' }], 2],
] as const)(
  'who tries goes without a trace where somebody is in the way: %s',
  async (_, held, wanted, questions) => {
    const processes = new Processes()
    const [one, other] = [processes.make(), processes.make()]
    await one.acquire(held)
    await other.acquire('elsewhere')
    const { revision } = processes.store
    const asked = vi.spyOn(processes.store, 'txn')
    expect(await processes.outcome(other.tryAcquire(wanted))).toBe('busy')
    expect(processes.store.revision).toBe(revision)
    expect(asked).toHaveBeenCalledTimes(questions)
  },
)
