import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import type { Capabilities, GrantRequest, LockBackend } from '../../src/index.ts'
import { createLocks, localQueue, type Locks, memoryBackend } from '../../src/index.ts'
import { ManualClock } from '../runtime/manual-clock.ts'

const CAPABILITIES = { fencing: true, shared: true, semaphore: true, owners: false, values: false } as const
type Plain = typeof CAPABILITIES

/** A server without owners, each of whose answers takes 5 ms; what is asked of it is written down. */
class Server implements LockBackend<Plain> {
  readonly name = 'server'
  readonly capabilities: Plain = CAPABILITIES
  readonly driftRate = 0
  readonly clock: ManualClock
  readonly requests: GrantRequest[] = []
  readonly #memory: LockBackend
  asking = 0
  mostAsking = 0
  isDown = false

  constructor(clock: ManualClock) {
    this.clock = clock
    this.#memory = memoryBackend({ clock })
  }

  async acquire(request: GrantRequest): ReturnType<typeof this.answer> {
    this.requests.push(request)
    this.mostAsking = Math.max(this.mostAsking, ++this.asking)
    try {
      return await this.answer(request)
    } finally {
      this.asking--
    }
  }

  async answer(request: GrantRequest): Promise<Awaited<ReturnType<LockBackend['acquire']>>> {
    await this.#way()
    return await this.#memory.acquire(request)
  }

  async extend(...asked: Parameters<LockBackend['extend']>): Promise<number | undefined> {
    await this.#way()
    return await this.#memory.extend(...asked)
  }

  async release(...asked: Parameters<LockBackend['release']>): Promise<boolean> {
    await this.#way()
    return await this.#memory.release(...asked)
  }

  async close(): Promise<void> {}

  async #way(): Promise<void> {
    await new Promise<void>((resolve) => this.clock.after(5, resolve))
    if (this.isDown) throw new Error('no connection')
  }
}

type Queued = Locks<Capabilities & { owners: true; fencing: true; choosesVictims: true }>

function setting(): { clock: ManualClock; server: Server; one: Queued; two: Queued } {
  const clock = new ManualClock()
  const server = new Server(clock)
  const process = (): Queued => {
    const options = { clock, random: createRandom(1), ttl: 1000 }
    return createLocks(localQueue(server, { clock }), options) as unknown as Queued
  }
  return { clock, server, one: process(), two: process() }
}

/** What a promise has come to by the time that `ms` are over. */
async function after<Value>(clock: ManualClock, ms: number, promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined)
  await clock.run(ms)
  const pending = Symbol('pending')
  const first = await Promise.race([promise, Promise.resolve(pending)])
  if (first === pending) throw new Error('pending')
  return first as Value
}

describe('a local queue', () => {
  it('asks the backend for one of its tasks at a time, in their order, and lets other processes in between', async () => {
    const { clock, server, one, two } = setting()
    const order: string[] = []
    const task = async (locks: Queued, name: string): Promise<void> => {
      const lock = await locks.acquire('a')
      order.push(`${name} ${lock.fencingToken}`)
      await lock.release()
    }
    const tasks = ['1a', '1b', '1c'].map((name) => task(one, name))
    await clock.run(0)
    expect(server.mostAsking).toBe(1)
    tasks.push(task(two, '2a'))
    await clock.run(200)
    await Promise.all(tasks)
    expect(order).toEqual(['1a 1', '2a 2', '1b 3', '1c 4'])
    expect(server.mostAsking).toBe(2)
    expect(clock.timers).toBe(0)
  })

  it('ends waiting in the queue and at the backend by one time, and by the signal', async () => {
    const { clock, server, one, two } = setting()
    const held = await after(clock, 5, one.acquire('a', { ttl: 10_000 }))
    const elsewhere = two.acquire('a', { wait: 100 })
    const queued = one.acquire('a', { wait: 100 })
    await expect(after(clock, 105, elsewhere)).rejects.toThrow(/LOCK_TIMEOUT/)
    await expect(queued).rejects.toThrow(/LOCK_TIMEOUT/)
    expect(server.requests).toHaveLength(2)
    const aborter = new AbortController()
    const aborted = two.acquire('a', { signal: aborter.signal }).catch((reason: unknown) => reason)
    await clock.run(50)
    aborter.abort('enough')
    await clock.run(5)
    expect(await aborted).toBe('enough')
    // What is left of the time to wait is all that the backend is given.
    const late = two.acquire('a', { wait: 400 })
    const later = two.acquire('a', { wait: 700 })
    await expect(after(clock, 410, late)).rejects.toThrow(/LOCK_TIMEOUT/)
    expect(server.requests.at(-1)?.waitMs).toBeGreaterThan(250)
    expect(server.requests.at(-1)?.waitMs).toBeLessThan(310)
    await after(clock, 5, held.release())
    expect((await after(clock, 5, later)).isHeld).toBe(true)
    expect(await after(clock, 10, two.tryAcquire('a'))).toBeUndefined()
    expect(await after(clock, 10, one.tryAcquire('a'))).toBeUndefined()
  })

  it('lets the next one ask when a lock expires, is lost, or trouble ends its request', async () => {
    const { clock, server, one } = setting()
    const first = await after(clock, 5, one.acquire('a', { ttl: 100 }))
    const second = await after(clock, 110, one.acquire('a', { ttl: 500 }))
    expect([first.isHeld, second.isHeld]).toEqual([false, true])
    const third = one.acquire('a')
    server.requests.at(-1)?.lost('backend')
    expect(second.signal.reason).toMatchObject({ because: 'backend' })
    // The backend itself has it for as long as its lease.
    expect((await after(clock, 520, third)).isHeld).toBe(true)
    server.isDown = true
    await expect(after(clock, 5, one.acquire('b'))).rejects.toThrow('no connection')
    server.isDown = false
    expect((await after(clock, 5, one.acquire('b'))).isHeld).toBe(true)
  })

  it('extends what is held, and knows when that is gone', async () => {
    const { clock, one } = setting()
    const lock = await after(clock, 5, one.acquire('a', { ttl: 100 }))
    const next = one.acquire('a', { ttl: 100 })
    await clock.run(50)
    expect(await after(clock, 5, lock.extend(200))).toBe(true)
    await clock.run(150)
    expect(lock.isHeld).toBe(true)
    const other = await after(clock, 60, next)
    expect(await after(clock, 5, lock.extend())).toBe(false)
    expect(await after(clock, 5, other.release())).toEqual({ released: true })
    expect(clock.timers).toBe(0)
  })
})

describe('owners in front of a backend that has none', () => {
  it('are told of a deadlock at once, and the victim gives back what the backend granted', async () => {
    const { clock, one, two } = setting()
    const rich = one.owner({ name: 'rich' })
    const poor = one.owner({ name: 'poor' })
    await after(clock, 5, rich.acquire('a'))
    const b = await after(clock, 5, poor.acquire('b'))
    const waiting = rich.acquire('b')
    await clock.run(1)
    const error: unknown = await poor.acquire('a').catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'LOCK_DEADLOCK',
      cycle: [
        { owner: 'poor', waitsFor: 'a' },
        { owner: 'rich', waitsFor: 'b' },
      ],
    })
    expect(b.signal.reason).toMatchObject({ because: 'wounded' })
    expect((await after(clock, 20, waiting)).isHeld).toBe(true)
    expect(await after(clock, 20, two.tryAcquire('b'))).toBeUndefined()
  })

  it('give way while they wait at the backend, and leave nothing there', async () => {
    const { clock, server, one, two } = setting()
    const elsewhere = await after(clock, 5, two.acquire('b', { ttl: 10_000 }))
    const old = one.owner({ name: 'old' })
    const young = one.owner({ name: 'young' })
    await after(clock, 5, old.acquire('a'))
    await after(clock, 5, young.acquire('c'))
    // In front of all others of its process, behind another process.
    const atBackend = young.acquire('b').catch((reason: unknown) => reason)
    await clock.run(10)
    const behind = old.acquire('b')
    await clock.run(1)
    const closing = young.acquire('a').catch((reason: unknown) => reason)
    await clock.run(1)
    expect(await atBackend).toMatchObject({ code: 'LOCK_DEADLOCK' })
    expect(await closing).toMatchObject({ code: 'LOCK_DEADLOCK' })
    expect(server.requests.filter(({ signal }) => signal?.aborted)).toHaveLength(1)
    await after(clock, 5, elsewhere.release())
    expect((await after(clock, 20, behind)).isHeld).toBe(true)
    expect((await after(clock, 20, two.acquire('c'))).isHeld).toBe(true)
  })

  it('give back what the backend grants them after they gave way', async () => {
    const { clock, server, one, two } = setting()
    const old = one.owner({ name: 'old' })
    const young = one.owner({ name: 'young' })
    await after(clock, 5, old.acquire('a'))
    const granting = young.acquire('b').catch((reason: unknown) => reason)
    await clock.run(1)
    // The backend has been asked, and does not look at signals any more.
    Object.defineProperty(server.requests.at(-1), 'signal', { value: undefined })
    const behind = old.acquire('b')
    const closing = young.acquire('a').catch((reason: unknown) => reason)
    await clock.run(1)
    expect(await closing).toMatchObject({ code: 'LOCK_DEADLOCK' })
    await clock.run(30)
    expect(await granting).toMatchObject({ code: 'LOCK_DEADLOCK' })
    const lock = await behind
    await after(clock, 5, lock.release())
    expect((await after(clock, 10, two.acquire('b'))).isHeld).toBe(true)
  })

  it('ask the backend for nothing when they had to give way as their turn came', async () => {
    const { clock, server, one } = setting()
    const old = one.owner({ name: 'old' })
    const young = one.owner({ name: 'young' })
    await after(clock, 5, old.acquire('a'))
    await after(clock, 5, one.acquire('b'))
    const asked = server.requests.length
    const waits = ['b', 'a'].map((key) => young.acquire(key).catch((reason: unknown) => reason))
    await clock.run(1)
    // In one step: `b` becomes free and is given to `young`, and `old` wants it, too.
    server.requests.at(-1)?.lost('stolen')
    void old.acquire('b', { wait: 50 }).catch(() => undefined)
    await clock.run(1)
    expect(await Promise.all(waits)).toMatchObject([{ code: 'LOCK_DEADLOCK' }, { code: 'LOCK_DEADLOCK' }])
    // That of `old`.
    expect(server.requests).toHaveLength(asked + 1)
  })

  it('are refused in front of a backend that has owners', () => {
    // @ts-expect-error: the type says so
    const wrong = (): unknown => localQueue(memoryBackend())
    expect(wrong).toThrow(/'memory' has owners of its own/)
    expect(() => localQueue({} as never)).toThrow(/LOCK_INVALID_OPTION\] backend has no method acquire/)
  })
})
