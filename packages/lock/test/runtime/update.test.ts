import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { createLocks, type Locks, memoryBackend, type MemoryCapabilities } from '../../src/index.ts'
import type { ValueStore } from '../../src/index.ts'
import { ManualClock } from './manual-clock.ts'

interface Counter {
  n: number
}

interface Setting {
  readonly clock: ManualClock
  readonly locks: Locks<MemoryCapabilities>
  readonly store: ValueStore
}

/** Locks whose values pass through `wrap`, where things go wrong. */
function setting(wrap: (store: ValueStore) => ValueStore = (store) => store): Setting {
  const clock = new ManualClock()
  const memory = memoryBackend({ clock })
  const store = memory.values
  if (store === undefined) throw new Error('the memory backend keeps values')
  const backend: typeof memory = {
    ...{ name: 'wrapped', capabilities: memory.capabilities, driftRate: 0, values: wrap(store) },
    acquire: (request) => memory.acquire(request),
    extend: (grant, ttlMs) => memory.extend(grant, ttlMs),
    release: (grant) => memory.release(grant),
    close: () => memory.close(),
  }
  return { clock, locks: createLocks(backend, { clock, random: createRandom(7) }), store }
}

async function outcome(clock: ManualClock, promise: Promise<unknown>): Promise<unknown> {
  const settled = promise.catch((reason: unknown) => reason)
  await clock.run(60_000)
  return await settled
}

const increment = (current: Counter | undefined): Counter => ({ n: (current?.n ?? 0) + 1 })

describe('an update', () => {
  it('creates, changes, leaves alone and deletes, and tells what is so afterwards', async () => {
    const { locks, store } = setting()
    expect(await locks.update<Counter>('c', increment)).toEqual({ n: 1 })
    expect(await locks.update<Counter>('c', (now) => ({ n: (now?.n ?? 0) + 10 }))).toEqual({ n: 11 })
    expect(await locks.update<Counter>('c', () => undefined)).toEqual({ n: 11 })
    expect(await store.read('c')).toMatchObject({ text: '{"n":11}' })
    expect(await locks.update<Counter>('c', () => null)).toBeUndefined()
    expect(await store.read('c')).toBeUndefined()
    expect(await locks.update<Counter>('c', () => null)).toBeUndefined()
    expect(await locks.update<Counter>('c', () => undefined)).toBeUndefined()
  })

  it('loses none of many that are made at once, each tried until it is the first', async () => {
    const { clock, locks } = setting()
    let tries = 0
    const all = Array.from({ length: 50 }, () =>
      locks.update<Counter>('c', (current) => {
        tries++
        return increment(current)
      }),
    )
    await clock.run(10_000)
    const values = (await Promise.all(all)).map((value) => value?.n)
    expect(values.toSorted((one, other) => (one ?? 0) - (other ?? 0))).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 1),
    )
    expect(tries).toBeGreaterThan(50)
    expect(clock.timers).toBe(0)
  })

  it('sees a version once only, also when a key was deleted in between', async () => {
    const { locks, store } = setting()
    await locks.update<Counter>('c', increment)
    const before = await store.read('c')
    await locks.update<Counter>('c', () => null)
    await locks.update<Counter>('c', increment)
    expect(await store.write('c', before?.version, '{"n":7}')).toBe(false)
  })
})

/** Somebody who is always faster. */
function rival(store: ValueStore, times = Number.POSITIVE_INFINITY): ValueStore {
  let left = times
  return {
    read: (key) => store.read(key),
    write: async (key, expected, text) => {
      if (left-- > 0) await store.write(key, (await store.read(key))?.version, '{"n":100}')
      return await store.write(key, expected, text)
    },
  }
}

describe('an update that meets others', () => {
  it('gives up after its attempts with a conflict that says how many there were', async () => {
    const { clock, locks } = setting(rival)
    const seen: number[] = []
    const updating = locks.update<Counter>('c', (now, attempt) => (seen.push(attempt), increment(now)), {
      attempts: 3,
    })
    expect(await outcome(clock, updating)).toMatchObject({
      code: 'LOCK_CONFLICT',
      attempts: 3,
      retryable: true,
    })
    expect(seen).toEqual([1, 2, 3])
  })

  it('gives up when its time is over, and tries once without any', async () => {
    const { clock, locks } = setting(rival)
    const startedAt = clock.now()
    let lastAt = 0
    const change = (): Counter => ({ n: (lastAt = clock.now()) })
    expect(await outcome(clock, locks.update('c', change, { wait: 1000 }))).toMatchObject({
      code: 'LOCK_CONFLICT',
    })
    expect(lastAt - startedAt).toBeGreaterThan(500)
    expect(lastAt - startedAt).toBeLessThanOrEqual(1000)
    expect(await outcome(clock, locks.update('c', change, { wait: 0 }))).toMatchObject({ attempts: 1 })
  })

  it('pauses longer and longer, up to a bound, and never alike', async () => {
    const { clock, locks } = setting(rival)
    const times: number[] = []
    const change = (): Counter => ({ n: times.push(clock.now()) })
    await outcome(
      clock,
      locks.update('c', change, { attempts: 400, pause: 8, longestPause: 64, wait: 60_000 }),
    )
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    expect(pauses).toHaveLength(399)
    expect(pauses[0]).toBeLessThan(8)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(64)
    const late = pauses.slice(10)
    expect(late.reduce((sum, each) => sum + each, 0) / late.length).toBeCloseTo(32, -1)
    expect(new Set(late.map(Math.round)).size).toBeGreaterThan(30)
  })
})

describe('an update and its signal', () => {
  it('ends in a pause, with the reason, whatever that is', async () => {
    const { clock, locks } = setting(rival)
    const aborter = new AbortController()
    const updating = locks.update<Counter>('c', increment, { signal: aborter.signal, pause: 50_000 })
    const settled = updating.catch((reason: unknown) => reason)
    await clock.run(1)
    aborter.abort('enough')
    await clock.run(1)
    expect(await settled).toBe('enough')
    expect(clock.timers).toBe(0)
  })

  it('does not write what was computed after the abort, nor ask when it aborted before', async () => {
    const { clock, locks, store } = setting()
    const aborter = new AbortController()
    const change = (now: Counter | undefined): Counter => {
      aborter.abort(new Error('enough'))
      return increment(now)
    }
    expect(await outcome(clock, locks.update('c', change, { signal: aborter.signal }))).toMatchObject({
      message: 'enough',
    })
    expect(await store.read('c')).toBeUndefined()
    let called = false
    const never = (): null => ((called = true), null)
    await outcome(clock, locks.update('c', never, { signal: aborter.signal }))
    expect(called).toBe(false)
  })

  it('is a success when it aborted while the write was under way', async () => {
    const aborter = new AbortController()
    const { clock, locks } = setting((store) => ({
      read: (key) => store.read(key),
      write: async (...written) => {
        aborter.abort()
        return await store.write(...written)
      },
    }))
    expect(await outcome(clock, locks.update('c', increment, { signal: aborter.signal }))).toEqual({ n: 1 })
  })
})

/** The first writes' answers are lost: done or not, as said; in between, `meanwhile`. */
function losing(done: boolean, meanwhile?: (store: ValueStore) => Promise<unknown>) {
  let lost = false
  return (store: ValueStore): ValueStore => ({
    read: (key) => store.read(key),
    write: async (key, expected, text) => {
      if (lost) return await store.write(key, expected, text)
      lost = true
      if (done) await store.write(key, expected, text)
      await meanwhile?.(store)
      throw new Error('connection lost')
    },
  })
}

describe('an update whose answer is lost', () => {
  it('is written again when nothing has changed: one of the two came to pass, and only one', async () => {
    const { clock, locks } = setting(losing(false))
    let calls = 0
    const change = (now: Counter | undefined): Counter => (calls++, increment(now))
    expect(await outcome(clock, locks.update('c', change))).toEqual({ n: 1 })
    expect(calls).toBe(1)
  })

  it('is called uncertain when the value has changed, be it by that write or by another', async () => {
    const other = async (store: ValueStore): Promise<boolean> => await store.write('c', undefined, '{"n":1}')
    for (const wrap of [losing(true), losing(false, other)]) {
      const { clock, locks } = setting(wrap)
      expect(await outcome(clock, locks.update('c', increment))).toMatchObject({
        code: 'LOCK_UNCERTAIN',
        attempts: 2,
        cause: { message: 'connection lost' },
      })
    }
  })

  it('is uncertain when the lost write comes to pass right before the second', async () => {
    let writes = 0
    const { clock, locks } = setting((store) => ({
      read: (key) => store.read(key),
      write: async (key, expected, text) => {
        if (++writes === 1) throw new Error('connection lost')
        await store.write(key, expected, text)
        return await store.write(key, expected, text)
      },
    }))
    expect(await outcome(clock, locks.update('c', increment))).toMatchObject({ code: 'LOCK_UNCERTAIN' })
  })

  it('is uncertain, and not aborted or a conflict, when there is no second attempt', async () => {
    for (const limit of [{ attempts: 1 }, { wait: 0 }, {}]) {
      const aborter = new AbortController()
      const options = { ...limit, signal: aborter.signal }
      const { clock, locks } = setting(losing(true, async () => aborter.abort()))
      expect(await outcome(clock, locks.update('c', increment, options))).toMatchObject({
        code: 'LOCK_UNCERTAIN',
      })
    }
  })
})

describe('an update that is wrong', () => {
  it('rejects with what its change throws, after one attempt, whatever that is', async () => {
    const { clock, locks } = setting()
    for (const thrown of [new TypeError('mine'), 'text', undefined]) {
      let calls = 0
      const change = (): Promise<null> => {
        calls++
        return Promise.reject(thrown)
      }
      const caught = await outcome(
        clock,
        locks.update('c', change).then(() => 'done'),
      )
      expect([caught, calls]).toEqual([thrown, 1])
    }
  })

  it('says so of its options, its value, what is there, and of closed locks', async () => {
    const { clock, locks, store } = setting()
    const refused = async (promise: Promise<unknown>): Promise<string> =>
      String(await outcome(clock, promise))
    expect(await refused(locks.update('', () => null))).toMatch(/LOCK_INVALID_OPTION\] key/)
    expect(await refused(locks.update('c', 5 as never))).toMatch(/change must be a function/)
    expect(await refused(locks.update('c', () => null, { attempts: 0 }))).toMatch(/attempts must be/)
    expect(await refused(locks.update('c', () => null, { pause: -1 }))).toMatch(/pause must be/)
    expect(await refused(locks.update('c', () => null, { longestPause: 1e9 }))).toMatch(
      /longestPause must be/,
    )
    expect(await refused(locks.update('c', () => null, { wait: -1 }))).toMatch(/wait is/)
    expect(await refused(locks.update('c', () => () => 1))).toMatch(/cannot be written as JSON/)
    await store.write('foreign', undefined, 'not JSON')
    expect(await refused(locks.update('foreign', () => 1))).toMatch(/LOCK_MISMATCH\] the value of 'foreign'/)
    await locks.close()
    expect(await refused(locks.update('c', () => 1))).toMatch(/LOCK_CLOSED/)
  })

  it('does not exist where the backend keeps no values', async () => {
    const memory = memoryBackend()
    const none = {
      ...{ name: 'none', capabilities: { ...memory.capabilities, values: false as const } },
      ...{ acquire: () => ({ refused: 'busy' as const }), extend: () => undefined, release: () => false },
      close: async () => {},
    }
    const locks = createLocks(none)
    // @ts-expect-error: the type says so
    await expect(locks.update('c', () => 1)).rejects.toThrow(/'none' keeps no values/)
  })
})
