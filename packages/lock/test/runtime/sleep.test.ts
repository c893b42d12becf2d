import { createRandom } from '@colony/host'
import { expect, it } from 'vitest'
import { createLocks, memoryBackend } from '../../src/index.ts'
import type { Grant, GrantRequest, Locks, LocksOptions, MemoryCapabilities } from '../../src/index.ts'
import { ManualClock } from './manual-clock.ts'

/** A host whose monotonic clock stands still while it sleeps, and a backend elsewhere, whose does not. */
class Sleeper {
  readonly clock = new ManualClock()
  slept = 0
  /** What happens before the backend answers. */
  meanwhile = (): void => {}
  readonly #memory = memoryBackend({ clock: this.clock })

  now(): number {
    return this.clock.now() + this.slept
  }

  locks(options: Partial<LocksOptions> = { sleeplessNow: () => this.now() }): Locks<MemoryCapabilities> {
    const backend = {
      ...{ name: 'remote', capabilities: this.#memory.capabilities },
      acquire: async (request: GrantRequest) => {
        // The lease at the server sleeps with nobody: here it does not end, and is given back.
        const grant = await this.#memory.acquire({ ...request, ttlMs: Number.POSITIVE_INFINITY })
        this.meanwhile()
        return grant
      },
      extend: async () => {
        const startedAt = this.clock.now()
        this.meanwhile()
        return startedAt
      },
      release: (grant: Grant) => this.#memory.release(grant),
      close: () => this.#memory.close(),
    }
    return createLocks(backend, { clock: this.clock, random: createRandom(1), ttl: 60_000, ...options })
  }
}

it('a lock is lost to a host that slept longer than its lease, to whoever asks at once, to all others within a second', async () => {
  const host = new Sleeper()
  const lock = await host.locks().acquire('a')
  const listened = await host.locks().acquire('b')
  const { signal } = listened
  await host.clock.run(10_000)
  host.slept += 40_000
  expect([lock.isHeld, Math.round(lock.remaining / 1000)]).toEqual([true, 9])
  host.slept += 40_000
  expect([lock.isHeld, lock.remaining]).toEqual([false, 0])
  expect(() => lock.assertHeld()).toThrow(/LOCK_LOST/)
  expect(signal.aborted).toBe(false)
  await host.clock.run(1000)
  expect(signal.reason).toMatchObject({ because: 'expired' })
  await host.clock.run(1000)
  expect(host.clock.timers).toBe(0)
})

it('a clock that was put back keeps no lock, and one that runs a little apart ends none', async () => {
  const host = new Sleeper()
  const lock = await host.locks().acquire('a')
  host.slept -= 3_600_000
  await host.clock.run(50_000)
  expect(lock.isHeld).toBe(true)
  for (let i = 0; i < 1000; i++) {
    host.slept += 10
    await host.clock.run(10)
    expect(lock.isHeld).toBe(i * 10 < 9390)
    if (!lock.isHeld) break
  }
  expect(lock.isHeld).toBe(false)
})

it('a lock that is extended while the host sleeps lasts no longer than it did at the server', async () => {
  const host = new Sleeper()
  const lock = await host.locks().acquire('a')
  host.meanwhile = () => (host.slept += 30_000)
  expect(await lock.extend(60_000)).toBe(true)
  expect(lock.remaining).toBeLessThan(30_000)
  expect(await lock.extend(20_000)).toBe(false)
  expect(lock.signal.aborted).toBe(true)
  expect(await lock.extend()).toBe(false)
})

it('a lock whose grant came while the host slept is given back and asked for again', async () => {
  const host = new Sleeper()
  let asked = 0
  host.meanwhile = () => (host.slept += asked++ === 0 ? 70_000 : 0)
  const lock = await host.locks().acquire('a')
  expect([asked, lock.isHeld, lock.fencingToken]).toEqual([2, true, 2n])
  expect(lock.remaining).toBeGreaterThan(59_000)
})

it('sleep is looked at with the clock of the system alone, unless it is asked for', async () => {
  const host = new Sleeper()
  const lock = await host.locks({}).acquire('a')
  host.slept += 1e9
  expect(lock.isHeld).toBe(true)
  expect(() => host.locks({ sleeplessNow: 5 as never })).toThrow(/LOCK_INVALID_OPTION\] sleeplessNow/)
})
