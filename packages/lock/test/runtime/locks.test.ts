import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import {
  createLocks,
  type Locks,
  LockError,
  memoryBackend,
  type MemoryCapabilities,
} from '../../src/index.ts'
import { ManualClock } from './manual-clock.ts'

interface Setting {
  readonly clock: ManualClock
  readonly locks: Locks<MemoryCapabilities>
  readonly seen: string[]
}

function setting(): Setting {
  const clock = new ManualClock()
  const seen: string[] = []
  const locks = createLocks(memoryBackend({ clock }), {
    clock,
    random: createRandom(1),
    observer: ({ type }) => seen.push(type),
  })
  return { clock, locks, seen }
}

/** What a promise has come to. */
function watch(promise: Promise<unknown>): { state: string } {
  const watched = { state: 'pending' }
  promise.then(
    (value) => (watched.state = value === undefined ? 'nothing' : 'done'),
    (error: unknown) => (watched.state = error instanceof LockError ? error.code : String(error)),
  )
  return watched
}

describe('a lock', () => {
  it('is had by one at a time, first come first served, with tokens that grow', async () => {
    const { locks } = setting()
    const first = await locks.acquire('a')
    const order: number[] = []
    const second = locks.acquire('a').then((lock) => (order.push(2), lock))
    const third = locks.acquire('a').then((lock) => (order.push(3), lock))
    expect(await locks.tryAcquire('a')).toBeUndefined()
    expect(await first.release()).toEqual({ released: true })
    const two = await second
    expect(order).toEqual([2])
    await two.release()
    const three = await third
    expect([first, two, three].map((lock) => lock.fencingToken)).toEqual([1n, 2n, 3n])
  })

  it('ends at its deadline: whoever asks is told, whoever listens is, and the next one has it', async () => {
    const { clock, locks, seen } = setting()
    const lock = await locks.acquire('a', { ttl: 100 })
    const { signal } = lock
    const next = watch(locks.acquire('a'))
    expect([lock.isHeld, lock.remaining]).toEqual([true, 100])
    await clock.run(99)
    expect([lock.isHeld, lock.remaining, signal.aborted, next.state]).toEqual([true, 1, false, 'pending'])
    await clock.run(1)
    expect([lock.isHeld, lock.remaining, signal.aborted, next.state]).toEqual([false, 0, true, 'done'])
    expect(signal.reason).toMatchObject({ code: 'LOCK_LOST', because: 'expired' })
    expect(() => lock.assertHeld()).toThrow(/LOCK_LOST\] the lock of 'a' was lost \(expired\)/)
    expect(await lock.release()).toEqual({ released: false })
    expect(seen).toEqual(['lock.lost'])
    // Also for who looks for the signal only now.
    const late = await locks.acquire('b', { ttl: 100 })
    await clock.run(100)
    expect(late.signal.aborted).toBe(true)
  })

  it('is lost to a process that was paused before any timer has run', async () => {
    const { clock, locks } = setting()
    const lock = await locks.acquire('a', { ttl: 100 })
    lock.assertHeld()
    clock.pause(100)
    expect(() => lock.assertHeld()).toThrow(/LOCK_LOST/)
    expect(lock.signal.aborted).toBe(true)
  })

  it('lasts longer when it is extended, from then on', async () => {
    const { clock, locks } = setting()
    const lock = await locks.acquire('a', { ttl: 100 })
    await clock.run(60)
    expect(await lock.extend()).toBe(true)
    await clock.run(60)
    expect(lock.remaining).toBe(40)
    expect(await lock.extend(1000)).toBe(true)
    expect(lock.remaining).toBe(1000)
    await clock.run(1000)
    expect(await lock.extend()).toBe(false)
  })

  it('is extended for as long as a task runs, and released when that has settled', async () => {
    const { clock, locks } = setting()
    let finish = (): void => {}
    const done = watch(
      locks.using('a', () => new Promise<number>((resolve) => (finish = () => resolve(1))), { ttl: 300 }),
    )
    await clock.run(10_000)
    expect(await locks.tryAcquire('a')).toBeUndefined()
    finish()
    await clock.run(1)
    expect(done.state).toBe('done')
    expect(clock.timers).toBe(0)
    expect(await locks.tryAcquire('a')).toBeDefined()
    await expect(locks.using('b', () => Promise.reject(new Error('task')))).rejects.toThrow('task')
    expect(await locks.tryAcquire('b')).toBeDefined()
  })

  it('is not extended beyond maxHold, and a task that goes on is told', async () => {
    const { clock, locks } = setting()
    let lostAt = 0
    const startedAt = clock.now()
    void locks.using(
      'a',
      ({ signal }) => {
        signal.addEventListener('abort', () => (lostAt = clock.now() - startedAt))
        return new Promise(() => {})
      },
      { ttl: 300, maxHold: 2000 },
    )
    await clock.run(10_000)
    expect(lostAt).toBeGreaterThan(1900)
    expect(lostAt).toBeLessThanOrEqual(2000)
  })

  it('sets no timer for what is given back at once, and leaves none behind', async () => {
    const { clock, locks } = setting()
    for (let i = 0; i < 100; i++) await (await locks.acquire(`k${i}`)).release()
    await clock.run(0)
    expect(clock.timers).toBe(0)
    const lock = await locks.acquire('a')
    await clock.run(0)
    expect(clock.timers).toBeGreaterThan(0)
    await lock.release()
    await clock.run(0)
    expect(clock.timers).toBe(0)
  })

  it('of several keys is taken whole, in one order, each key once', async () => {
    const { locks } = setting()
    const lock = await locks.acquire(['b', 'a', 'b'])
    expect(lock.keys).toEqual(['a', 'b'])
    expect(await locks.tryAcquire('a')).toBeUndefined()
    expect(await locks.tryAcquire(['c', 'b'])).toBeUndefined()
    expect(await locks.tryAcquire('c')).toBeDefined()
  })

  it('is given back at the end of a block', async () => {
    const { locks } = setting()
    {
      await using lock = await locks.acquire('a')
      expect(lock.isHeld).toBe(true)
    }
    expect(await locks.tryAcquire('a')).toBeDefined()
  })
})

describe('waiting for a lock', () => {
  it('ends when its time is over', async () => {
    const { clock, locks } = setting()
    const holder = await locks.acquire('a')
    const waiting = watch(locks.acquire('a', { wait: 50 }))
    await clock.run(49)
    expect(waiting.state).toBe('pending')
    await clock.run(1)
    expect(waiting.state).toBe('LOCK_TIMEOUT')
    await holder.release()
    expect(await locks.tryAcquire('a')).toBeDefined()
  })

  it('ends with its signal, and leaves nothing behind', async () => {
    const { clock, locks } = setting()
    const holder = await locks.acquire('a')
    const aborter = new AbortController()
    const waiting = watch(locks.acquire('a', { signal: aborter.signal }))
    await clock.run(10)
    aborter.abort(new Error('enough'))
    await clock.run(1)
    expect(waiting.state).toBe('Error: enough')
    await holder.release()
    expect(await locks.tryAcquire('a', { signal: new AbortController().signal })).toBeDefined()
    expect(watch(locks.acquire('b', { signal: aborter.signal }))).toEqual({ state: 'pending' })
    await clock.run(1)
    expect(await locks.tryAcquire('b')).toBeDefined()
  })
})

describe('readers, writers, semaphores', () => {
  it('share what may be shared', async () => {
    const { locks } = setting()
    const one = await locks.acquire({ key: 'a', mode: 'shared' })
    const two = await locks.acquire({ key: 'a', mode: 'shared' })
    expect(await locks.tryAcquire('a')).toBeUndefined()
    await Promise.all([one.release(), two.release()])
    expect(await locks.tryAcquire('a')).toBeDefined()
    await locks.acquire({ key: 's', permits: 2, of: 3 })
    expect(await locks.tryAcquire({ key: 's', permits: 2, of: 3 })).toBeUndefined()
    expect(await locks.tryAcquire({ key: 's', of: 3 })).toBeDefined()
    await expect(locks.acquire('s')).rejects.toThrow(/LOCK_MISMATCH\] 's'/)
  })

  it('say what is wrong with a key', async () => {
    const { locks } = setting()
    const refused = async (keys: never): Promise<string> => {
      return await locks.acquire(keys).then(
        () => 'granted',
        (error: unknown) => String(error),
      )
    }
    expect(await refused('' as never)).toMatch(/LOCK_INVALID_OPTION\] key/)
    expect(await refused([] as never)).toMatch(/1 to 1000 keys/)
    expect(await refused({ key: 'a', permits: 3, of: 2 } as never)).toMatch(/permits/)
    expect(await refused({ key: 'a', mode: 'shared', of: 2 } as never)).toMatch(/semaphore has no shared/)
    expect(await refused(['a', { key: 'a', mode: 'shared' }] as never)).toMatch(/asked for twice/)
    expect(await refused(5 as never)).toMatch(/a string or an object/)
    await expect(locks.acquire('a', { ttl: 5 })).rejects.toThrow(/ttl is 10 to/)
    await expect(locks.acquire('a', { wait: -1 })).rejects.toThrow(/wait is/)
  })
})

describe('owners', () => {
  it('in a deadlock: the victim is told who waited for whom and loses everything, the other goes on', async () => {
    const { clock, locks } = setting()
    const one = locks.owner({ name: 'one' })
    const two = locks.owner({ name: 'two' })
    await one.acquire('a')
    const b = await two.acquire('b')
    const waiting = watch(one.acquire('b'))
    await clock.run(1)
    const error: unknown = await two.acquire('a').catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'LOCK_DEADLOCK',
      cycle: [
        { owner: 'two', waitsFor: 'a' },
        { owner: 'one', waitsFor: 'b' },
      ],
    })
    await clock.run(1)
    expect([b.isHeld, two.signal.aborted, b.signal.aborted, waiting.state]).toEqual([
      false,
      true,
      true,
      'done',
    ])
  })

  it('may let another be the victim, who learns of it by its signal', async () => {
    const { clock, locks } = setting()
    const one = locks.owner({ name: 'one', priority: 1 })
    const two = locks.owner({ name: 'two', priority: 2, victim: 'lowest-priority' })
    const a = await one.acquire('a')
    await two.acquire('b')
    const waiting = watch(one.acquire('b'))
    const won = await two.acquire('a')
    expect(won.isHeld).toBe(true)
    expect(a.signal.reason).toMatchObject({ because: 'wounded' })
    expect(one.signal.aborted).toBe(true)
    await clock.run(0)
    expect(waiting.state).toBe('LOCK_DEADLOCK')
  })

  it('may not wait for themselves', async () => {
    const { locks } = setting()
    const owner = locks.owner()
    await owner.acquire('a')
    await expect(owner.acquire('a')).rejects.toThrow(/LOCK_REENTRANT\] 'a'/)
    await expect(owner.tryAcquire('a')).rejects.toThrow(/LOCK_REENTRANT/)
  })

  it('give back all their locks together', async () => {
    const { locks } = setting()
    {
      await using owner = locks.owner()
      await owner.acquire('a')
      await owner.acquire('b')
    }
    expect(await locks.tryAcquire(['a', 'b'])).toBeDefined()
  })

  it('that would wait for older ones give way, where no deadlock is to come about at all', async () => {
    const { clock, locks } = setting()
    const old = locks.owner({ deadlock: 'wait-die' })
    const young = locks.owner({ deadlock: 'wait-die' })
    const a = await old.acquire('a')
    const b = await young.acquire('b')
    const waiting = watch(old.acquire('b'))
    await expect(young.acquire('a')).rejects.toThrow(/LOCK_DEADLOCK\] .*wait-die/)
    await clock.run(1)
    expect([a.isHeld, b.isHeld, waiting.state]).toEqual([true, false, 'done'])
  })
})

describe('an election', () => {
  it('has one leader at a time, whose term ends when it returns, loses the lock or stops', async () => {
    const { clock, locks } = setting()
    const leading: string[] = []
    const take = (name: string): ReturnType<typeof locks.elect> =>
      locks.elect('boss', async ({ signal, lock }) => {
        leading.push(`${name} ${lock.fencingToken}`)
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        leading.push(`${name} ends`)
      })
    const one = take('one')
    const two = take('two')
    await clock.run(60_000)
    expect(leading).toEqual(['one 1'])
    expect([one.leads, two.leads]).toEqual([true, false])
    await one.stop()
    await clock.run(1)
    expect(leading).toEqual(['one 1', 'one ends', 'two 2'])
    await locks.close()
    expect(leading.at(-1)).toBe('two ends')
    await expect(locks.acquire('a')).rejects.toThrow(/LOCK_CLOSED/)
  })
})
