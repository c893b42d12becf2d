import { describe, expect, test } from 'vitest'
import type { BackendModel } from './backend-model.ts'
import { memoryModel } from './models/memory.ts'
import { redisOnDisk, redisRestartedEmpty } from './models/redis.ts'
import { redlockOfFive } from './models/redlock.ts'
import { acquireWhenPossible, untoldHolders } from './partitioned-holder.ts'
import { keysOf } from './redis/simulated-redis.ts'
import { type AnyLock, Scene } from './scene.ts'

const REDIS = { timeout: 500, poll: 100, replays: false, stallMs: 1e9 }
const HOUR_MS = 3_600_000
/** `partitions.sim.ts` has more of them. */
const TRIALS = 60

/** Backends whose clients can be cut off, with what they are told. */
const REMOTE: readonly (readonly [string, BackendModel, object])[] = [
  ['one Redis server', redisOnDisk, REDIS],
  ['Redlock', redlockOfFive, { stallMs: 1e9 }],
]

describe.each(REMOTE)('%s', (_name, model, settings) => {
  const open = (): Promise<Scene> => Scene.open(model, { ...settings })

  test(`a holder that is cut off is told before anybody else has its lock (${model.name})`, async () => {
    expect(await untoldHolders(await open(), TRIALS)).toEqual([])
  })

  test(`a holder that was paused knows it before its first effect (${model.name})`, async () => {
    const scene = await open()
    const { world } = scene
    const held = await scene.acquire('a', 'job', { ttl: 500 })
    world.node('a').pause()
    const next = await scene.acquire('b', 'job', { ttl: 500 })
    expect(next.isHeld).toBe(true)
    // The first statement after a pause runs before any timer.
    expect(() => held.assertHeld()).toThrow(
      expect.objectContaining({ code: 'LOCK_LOST', because: 'expired' }),
    )
    world.node('a').resume()
    await world.finish(held.release())
    expect(next.isHeld).toBe(true)
  })

  test(`a late release settles, says so, and takes nothing from anybody (${model.name})`, async () => {
    const scene = await open()
    const held = await scene.acquire('a', 'job', { ttl: 300 })
    await scene.world.run(400)
    const next = await scene.acquire('b', 'job', { ttl: 1000 })
    const begun = scene.world.now
    expect(await scene.world.finish(held.release())).toEqual({ released: false })
    expect(scene.world.now - begun).toBeLessThan(50)
    expect(await scene.world.finish(scene.locks('c').tryAcquire('job', { ttl: 1000 }))).toBeUndefined()
    expect(await scene.world.finish(next.release())).toEqual({ released: true })
  })

  test(`an answer that comes after the lease is no lock (${model.name})`, async () => {
    const scene = await open()
    const { world } = scene
    for (const server of scene.run.state.servers) {
      world.fault({
        at: 0,
        do: 'network',
        from: server,
        to: 'a',
        change: { minLatencyMs: 450, meanLatencyMs: 450 },
      })
    }
    const error = await scene.failure(scene.locks('a').acquire('job', { ttl: 300, wait: 0 }))
    expect(error).toMatchObject({
      code: expect.stringMatching(/^LOCK_(TIMEOUT|NO_QUORUM|NO_ANSWER)$/) as string,
    })
    const next = await scene.acquire('b', 'job', { ttl: 1000, wait: 5000 })
    expect(next.isHeld).toBe(true)
  })

  test(`the time of day of a client is not looked at (${model.name})`, async () => {
    const scene = await open()
    const held = await scene.acquire('a', 'job', { ttl: 1000 })
    scene.world.node('a').setClock({ skewMs: HOUR_MS })
    await scene.world.run(500)
    expect(held.isHeld).toBe(true)
    expect(await scene.world.finish(held.extend())).toBe(true)
  })

  test(`giving up leaves nothing behind, whenever that is (${model.name})`, async () => {
    const scene = await open()
    const { world, run } = scene
    for (let tenths = 0; tenths <= 200; tenths += 2) {
      const aborter = new AbortController()
      world.schedule(tenths / 10, () => aborter.abort(new Error('not wanted any more')))
      const asked = scene.locks('a').acquire('job', { ttl: 1400, signal: aborter.signal })
      const error = await scene.failure(asked)
      if (error === undefined) break
      await world.run(100)
      expect([tenths / 10, model.leftovers?.(run)]).toEqual([tenths / 10, []])
    }
  })
})

describe('one Redis server: what is refused, and what the tokens are for', () => {
  test('its time of day is set forward: two have the lock, and the older one writes no more', async () => {
    const scene = await Scene.open({ ...redisOnDisk, promises: { exclusion: false, tokens: true } }, REDIS)
    const first = await scene.acquire('a', 'job', { ttl: 60_000 })
    scene.world.node('s1').setClock({ skewMs: HOUR_MS })
    const second = await scene.acquire('b', 'job', { ttl: 60_000, wait: 1000 })
    await expectOlderIsRefused(scene, first, second)
  })

  test('it is restarted without its data, as after a failover: the same, though the counter is lost', async () => {
    const scene = await Scene.open(redisRestartedEmpty, REDIS)
    const first = await scene.acquire('a', 'job', { ttl: 60_000 })
    scene.world.node('s1').restart()
    await scene.world.booted()
    const second = await acquireWhenPossible(scene, 'b', 'job')
    await expectOlderIsRefused(scene, first, second)
  })

  test('it is restarted with its data: nobody else gets the lock', async () => {
    const scene = await Scene.open(redisOnDisk, REDIS)
    const held = await scene.acquire('a', 'job', { ttl: 60_000 })
    scene.world.node('s1').restart()
    await scene.world.booted()
    const error = await scene.failure(scene.locks('b').acquire('job', { wait: 1000 }))
    expect([held.isHeld, error]).toMatchObject([true, {}])
    expect(error).toBeDefined()
  })
})

describe('Redlock: a majority of five', () => {
  const open = (): Promise<Scene> => Scene.open(redlockOfFive, { stallMs: 1e9 })

  test('three of them restart empty: no second lock before the first one is over', async () => {
    const scene = await open()
    const { world } = scene
    const held = await scene.acquire('a', 'job', { ttl: 1500 })
    for (const server of ['s1', 's2', 's3']) world.node(server).restart()
    await world.booted()
    const next = await acquireWhenPossible(scene, 'b', 'job')
    expect([held.isHeld, next.isHeld]).toEqual([false, true])
  })

  test('one hangs: a lock costs no more than its deadline', async () => {
    const scene = await open()
    scene.world.node('s5').pause()
    const begun = scene.world.now
    const held = await scene.acquire('a', 'job', { ttl: 1000 })
    expect(scene.world.now - begun).toBeLessThan(100)
    expect(held.isHeld).toBe(true)
  })

  test('two hang: a lock all the same; three hang: none, and it is said', async () => {
    const scene = await open()
    for (const server of ['s4', 's5']) scene.world.node(server).pause()
    const held = await scene.acquire('a', 'job', { ttl: 1000 })
    expect(await scene.world.finish(held.release())).toEqual({ released: true })
    scene.world.node('s3').pause()
    const error = await scene.failure(scene.locks('a').acquire('job', { ttl: 1000, wait: 0 }))
    expect(error).toMatchObject({ code: 'LOCK_NO_QUORUM' })
  })

  test('two votes of five are given back at once, not when their time is over', async () => {
    const scene = await open()
    for (const server of ['s3', 's4', 's5']) scene.world.node(server).crash()
    await scene.failure(scene.locks('a').acquire('job', { ttl: 1500, wait: 0 }))
    await scene.world.run(100)
    expect(['s1', 's2'].map((server) => keysOf(scene, server))).toEqual([[], []])
  })

  test('whoever has three votes of four that answer is not kept out by its own of before', async () => {
    const scene = await open()
    const blocker = await scene.acquire('b', 'job', { ttl: 400 })
    scene.world.node('s5').crash()
    expect(blocker.isHeld).toBe(true)
    const held = await scene.acquire('a', 'job', { ttl: 1000, wait: 3000 })
    expect(held.isHeld).toBe(true)
  })
})

test('memory: what a client had ends with its process, and nobody else knew of it', async () => {
  const scene = await Scene.open(memoryModel)
  const held = await scene.acquire('a', 'job')
  expect([held.isHeld, (await scene.acquire('b', 'job')).isHeld]).toEqual([true, true])
})

async function expectOlderIsRefused(scene: Scene, first: AnyLock, second: AnyLock): Promise<void> {
  expect([first.isHeld, second.isHeld]).toEqual([true, true])
  expect(second.fencingToken).toBeGreaterThan(first.fencingToken)
  expect(await scene.write('a', first)).toBe('written')
  expect(await scene.write('b', second)).toBe('written')
  expect(await scene.write('a', first)).toBe('refused')
}
