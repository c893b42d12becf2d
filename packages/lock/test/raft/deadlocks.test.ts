import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { LockError, type OwnerOptions } from '../../src/index.ts'
import { on, startGroup } from './simulated-group.ts'

/** Whose owner has what it wants, and whose has lost everything. */
interface Outcome {
  readonly winner: string
  readonly victim: string
  readonly cycle: unknown
}

/** Owners on three nodes, each with one lock, who want each other's in turn: what comes of it. */
async function closeCycle(seed: number, options: readonly OwnerOptions[]): Promise<Outcome[]> {
  const { world } = await startGroup(seed)
  const owners = options.map((given, at) => on(world.nodes[at]).locks.owner(given))
  for (const [at, owner] of owners.entries()) {
    await world.finish(owner.acquire(`k${at}`))
    await world.run(50)
  }
  const outcomes: { owner: string; error?: LockError }[] = []
  const waits = owners.map(async (owner, at) => {
    await world.sleep(100 * at)
    try {
      await owner.acquire(`k${(at + 1) % owners.length}`)
      outcomes.push({ owner: owner.name })
      await owner.release()
    } catch (error) {
      outcomes.push({ owner: owner.name, error: error as LockError })
    }
  })
  await world.finish(Promise.all(waits))
  const victims = outcomes.filter(({ error }) => error !== undefined)
  expect(victims).toHaveLength(1)
  expect(victims[0]?.error).toBeInstanceOf(LockError)
  return victims.map(({ owner, error }) => ({
    ...{ winner: outcomes.find((other) => other.error === undefined)?.owner ?? '', victim: owner },
    cycle: error?.cycle,
  }))
}

describe('deadlocks across processes', () => {
  it('the youngest gives way, the others go on, and the victim is told the cycle', async () => {
    const names = ['one', 'two', 'three']
    const [outcome] = await closeCycle(
      1,
      names.map((name) => ({ name })),
    )
    expect(outcome?.victim).toBe('three')
    expect(outcome?.winner).toBe('two')
    expect(outcome?.cycle).toEqual([
      { owner: 'three', waitsFor: 'k0' },
      { owner: 'one', waitsFor: 'k1' },
      { owner: 'two', waitsFor: 'k2' },
    ])
  })

  it('a victim on another node is told: its wait ends, its lock is lost, and the next holder has a greater token', async () => {
    const { world } = await startGroup(3)
    const one = on(world.nodes[0]).locks.owner({ name: 'one', victim: 'lowest-priority', priority: 0 })
    const two = on(world.nodes[1]).locks.owner({ name: 'two', victim: 'lowest-priority', priority: 1 })
    const held = await world.finish(one.acquire('a', { ttl: 60_000 }))
    await world.finish(two.acquire('b', { ttl: 60_000 }))
    const waiting = one.acquire('b').then(
      () => 'granted',
      (error: LockError) => error.code,
    )
    await world.run(200)
    const lock = await world.finish(two.acquire('a'))
    expect(lock.fencingToken).toBeGreaterThan(held.fencingToken)
    expect(await world.finish(waiting)).toBe('LOCK_DEADLOCK')
    expect(held.isHeld).toBe(false)
    expect((held.signal.reason as LockError).because).toBe('wounded')
    expect((held.signal.reason as LockError).cycle).toHaveLength(2)
    expect((one.signal.reason as LockError).because).toBe('wounded')
    expect(two.signal.aborted).toBe(false)
  })

  it('an owner that begins again is as old as it was, so that somebody else gives way', async () => {
    const { world } = await startGroup(4)
    const old = on(world.nodes[0]).locks.owner({ name: 'old' })
    await world.finish(old.acquire('x'))
    await world.finish(old.release())
    const young = on(world.nodes[1]).locks.owner({ name: 'young' })
    await world.finish(young.acquire('a'))
    await world.finish(old.acquire('b'))
    const waiting = old.acquire('a')
    await world.run(100)
    await expect(world.finish(young.acquire('b'))).rejects.toMatchObject({ code: 'LOCK_DEADLOCK' })
    expect((await world.finish(waiting)).isHeld).toBe(true)
  })

  it('wait-die gives way to who is older on another node, without a cycle', async () => {
    const { world } = await startGroup(5)
    const old = on(world.nodes[0]).locks.owner({ deadlock: 'wait-die' })
    const young = on(world.nodes[1]).locks.owner({ deadlock: 'wait-die' })
    await world.finish(old.acquire('a'))
    await world.finish(young.acquire('b'))
    const waiting = old.acquire('b')
    await expect(world.finish(young.acquire('a'))).rejects.toMatchObject({ code: 'LOCK_DEADLOCK', cycle: [] })
    expect((await world.finish(waiting)).isHeld).toBe(true)
  })

  it('owners of all nodes that take what they like in any order all come to an end', async () => {
    let deadlocks = 0
    for (let seed = 1; seed <= 2; seed++) {
      const { world } = await startGroup(seed)
      const random = createRandom(seed)
      const keys = ['a', 'b', 'c', 'd']
      const work = async (at: number): Promise<void> => {
        const own = random.fork(`owner ${at}`)
        const owner = on(world.nodes[at % 3]).locks.owner({ name: `owner ${at}` })
        for (let done = 0; done < 5;) {
          try {
            for (let count = 0; count < 3; count++) {
              const key = keys[own.integer(0, 3)] ?? 'a'
              await owner.acquire(key, { ttl: 60_000 }).catch((error: LockError) => {
                if (error.code !== 'LOCK_REENTRANT') throw error
              })
              await world.sleep(own.integer(0, 20))
            }
            done++
          } catch (error) {
            expect((error as LockError).code).toBe('LOCK_DEADLOCK')
            deadlocks++
          }
          await owner.release()
        }
      }
      await world.finish(Promise.all([0, 1, 2, 3, 4, 5].map(work)))
    }
    expect(deadlocks).toBeGreaterThan(5)
  })
})
