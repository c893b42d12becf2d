import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import {
  createLocks,
  type DeadlockParty,
  type LockBackend,
  type LockError,
  type Locks,
  memoryBackend,
  type MemoryCapabilities,
} from '../../src/index.ts'
import { ManualClock } from './manual-clock.ts'

function setting(): { clock: ManualClock; locks: Locks<MemoryCapabilities>; seen: string[] } {
  const clock = new ManualClock()
  const seen: string[] = []
  const observer = ({ type }: { type: string }): number => seen.push(type)
  return {
    clock,
    locks: createLocks(memoryBackend({ clock }), { clock, random: createRandom(1), observer }),
    seen,
  }
}

describe('a victim that a function chooses', () => {
  /** `one` (with two keys, important) waits for `two`, which closes the cycle with `choose`. Who lost its locks. */
  async function deadlock(
    choose: (cycle: readonly DeadlockParty[]) => DeadlockParty,
    isOldest = false,
  ): Promise<{ victim: string; seen: string[] }> {
    const { clock, locks, seen } = setting()
    const one = locks.owner({ name: 'one', priority: 5 })
    const two = locks.owner({ name: 'two', victim: choose })
    if (isOldest) await (await two.acquire('z')).release()
    await one.acquire(['a', 'c'])
    await two.acquire('b')
    const waiting = one.acquire('b').catch(() => undefined)
    const closing = two.acquire('a').catch(() => undefined)
    await clock.run(1)
    await Promise.all([waiting, closing])
    return { victim: one.signal.aborted ? 'one' : 'two', seen }
  }

  it('knows who waits for what, how much each matters, and what it would lose', async () => {
    let told: readonly DeadlockParty[] = []
    const { victim } = await deadlock((cycle) => {
      told = cycle
      return cycle.reduce((most, party) => (party.locks > most.locks ? party : most))
    })
    expect(told).toEqual([
      { owner: 'two', waitsFor: 'a', priority: 0, locks: 1 },
      { owner: 'one', waitsFor: 'b', priority: 5, locks: 2 },
    ])
    expect(victim).toBe('one')
    expect((await deadlock(([first]) => first as DeadlockParty)).victim).toBe('two')
  })

  it('is the youngest when the function fails or chooses nobody, and the failure is told', async () => {
    const failed = await deadlock(() => {
      throw new Error('no idea')
    })
    expect(failed.victim).toBe('two')
    expect(failed.seen).toContain('lock.trouble')
    expect((await deadlock(() => undefined as never)).victim).toBe('two')
    expect((await deadlock(() => undefined as never, true)).victim).toBe('one')
  })

  it('may not be chosen by one that asks for locks meanwhile and so spoils the table', async () => {
    const { clock, locks } = setting()
    const one = locks.owner({ name: 'one' })
    const two = locks.owner({
      name: 'two',
      victim: ([first]) => {
        void locks.acquire('a', { wait: 5 }).catch(() => undefined)
        return first as DeadlockParty
      },
    })
    await one.acquire('a')
    await two.acquire('b')
    const waiting = one.acquire('b')
    const error: unknown = await two.acquire('a').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'LOCK_DEADLOCK', cycle: [{ owner: 'two' }, { owner: 'one' }] })
    await clock.run(10)
    expect((await waiting).isHeld).toBe(true)
  })

  it('is refused where the backend cannot let a function choose', () => {
    const memory = memoryBackend()
    const { acquire, extend, release, close } = memory
    const capabilities = { ...memory.capabilities, choosesVictims: false as const }
    const backend: LockBackend<typeof capabilities> = {
      ...{ name: 'replicated', capabilities },
      ...{ acquire, extend, release, close },
    }
    const locks = createLocks(backend)
    const choose = ([first]: readonly DeadlockParty[]): DeadlockParty => first as DeadlockParty
    // @ts-expect-error: the type says so
    expect(() => locks.owner({ victim: choose })).toThrow(/'replicated', victim is one of the/)
    expect(() => locks.owner({ victim: 'oldest' as never })).toThrow(/LOCK_INVALID_OPTION\] victim/)
  })
})

describe('a ring of fifty owners with a thousand waiters around it', () => {
  it('is found by the request that closes it, before any time has passed', async () => {
    const { clock, locks } = setting()
    const ring = Array.from({ length: 50 }, (_, at) => locks.owner({ name: `ring-${at}` }))
    for (const [at, owner] of ring.entries()) await owner.acquire(`key-${at}`)
    const waiters = Array.from({ length: 1000 }, (_, at) => locks.owner({ name: `waiter-${at}` }))
    for (const [at, owner] of waiters.entries()) await owner.acquire(`own-${at}`)
    const granted: string[] = []
    const note = (name: string): number => granted.push(name)
    for (const [at, owner] of ring.slice(0, -1).entries()) {
      void owner.acquire(`key-${at + 1}`).then(() => note(owner.name))
    }
    for (const [at, owner] of waiters.entries()) {
      void owner.acquire(`key-${at % 50}`).then(() => note(owner.name))
    }
    const before = clock.now()
    const error: unknown = await ring[49]?.acquire('key-0').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'LOCK_DEADLOCK' })
    expect((error as LockError).cycle).toHaveLength(50)
    await Promise.resolve()
    expect(granted).toEqual(['ring-48'])
    expect(clock.now()).toBe(before)
  })
})

describe('an owner that may take its locks again', () => {
  it('gives a lock back with the last of its handles, whichever that is', async () => {
    const { locks } = setting()
    const owner = locks.owner({ reentrant: true })
    const outer = await owner.acquire('a')
    const inner = await owner.acquire('a')
    expect(inner.fencingToken).toBe(outer.fencingToken)
    expect(await outer.release()).toEqual({ released: true })
    expect([outer.isHeld, outer.remaining, inner.isHeld]).toEqual([false, 0, true])
    expect(() => outer.assertHeld()).toThrow(/was released/)
    expect(await outer.release()).toEqual({ released: false })
    expect(await outer.extend()).toBe(false)
    expect(await locks.tryAcquire('a')).toBeUndefined()
    expect(await inner.release()).toEqual({ released: true })
    expect(await locks.tryAcquire('a')).toBeDefined()
    expect((await owner.acquire('b')).keys).toEqual(['b'])
  })

  it('has what one of its locks covers, and no more', async () => {
    const { locks } = setting()
    const owner = locks.owner({ reentrant: true })
    await owner.acquire(['a', 'b'])
    expect(await owner.tryAcquire({ key: 'a', mode: 'shared' })).toBeDefined()
    expect(await owner.tryAcquire(['b', 'a'])).toBeDefined()
    await expect(owner.acquire(['a', 'c'])).rejects.toThrow(/LOCK_REENTRANT/)
    const reader = await owner.acquire({ key: 'r', mode: 'shared' })
    await expect(owner.acquire('r')).rejects.toThrow(/LOCK_REENTRANT/)
    await owner.acquire({ key: 's', permits: 2, of: 3 })
    expect(await owner.tryAcquire({ key: 's', permits: 2, of: 3 })).toBeDefined()
    expect(await locks.tryAcquire({ key: 's', of: 3 })).toBeDefined()
    await owner.release()
    expect(reader.isHeld).toBe(false)
    expect(await locks.tryAcquire(['a', 'b', 'r'])).toBeDefined()
  })

  it('has it again for as long as it asked for', async () => {
    const { clock, locks } = setting()
    const owner = locks.owner({ reentrant: true })
    const outer = await owner.acquire('a', { ttl: 100 })
    await clock.run(60)
    await owner.acquire('a', { ttl: 30 })
    expect(outer.remaining).toBe(40)
    const inner = await owner.acquire('a', { ttl: 500 })
    expect([outer.remaining, inner.remaining]).toEqual([500, 500])
    await clock.run(500)
    expect([outer.signal.aborted, inner.signal.aborted]).toEqual([true, true])
    const anew = await owner.acquire('a', { ttl: 100 })
    expect(anew.fencingToken).toBeGreaterThan(inner.fencingToken)
  })

  it('in a deadlock loses all handles at once', async () => {
    const { clock, locks } = setting()
    const one = locks.owner({ reentrant: true })
    const two = locks.owner({ reentrant: true })
    await one.acquire('a')
    const handles = [await two.acquire('b'), await two.acquire('b')]
    const waiting = one.acquire('b')
    await expect(two.acquire('a')).rejects.toThrow(/LOCK_DEADLOCK/)
    await clock.run(1)
    expect(handles.map(({ isHeld, signal }) => [isHeld, signal.aborted])).toEqual([
      [false, true],
      [false, true],
    ])
    expect((await waiting).isHeld).toBe(true)
  })
})
