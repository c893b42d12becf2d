import { expect, test } from 'vitest'
import { createWorld } from '../../src/index.ts'

test('time passes only while the world runs, and stands where it was told to', async () => {
  const world = createWorld({ seed: 1 })
  const seen: number[] = []
  world.schedule(10, () => seen.push(world.now))
  world.schedule(2.5, () => seen.push(world.now))
  expect(world.now).toBe(0)
  await world.run(5)
  expect([world.now, seen]).toEqual([5, [2.5]])
  await world.run(1000)
  expect([world.now, seen]).toEqual([1005, [2.5, 10]])
})

test('a cancelled task never runs', async () => {
  const world = createWorld({ seed: 1 })
  let ran = 0
  const task = world.schedule(5, () => (ran += 1))
  world.schedule(4, () => task[Symbol.dispose]())
  await world.run(10)
  expect(ran).toBe(0)
})

test('promise chains of any length are drained before the next event', async () => {
  const world = createWorld({ seed: 1 })
  const log: string[] = []
  const long = async (): Promise<void> => {
    for (let step = 0; step < 10_000; step += 1) await Promise.resolve()
    log.push('drained')
  }
  world.schedule(1, () => void long())
  world.schedule(1.001, () => log.push('next'))
  await world.run(2)
  expect(log).toEqual(['drained', 'next'])
})

test('clients are ordinary async functions', async () => {
  const world = createWorld({ seed: 1 })
  const client = async (): Promise<number> => {
    await world.sleep(100)
    await world.sleep(250)
    return world.now
  }
  expect(await world.finish(client())).toBe(350)
})

test('events of one instant come in an order that only the seed decides', async () => {
  const orderOf = async (seed: number): Promise<string> => {
    const world = createWorld({ seed })
    let order = ''
    for (const name of 'abcdef') world.schedule(1, () => (order += name))
    await world.run(1)
    return order
  }
  const orders = await Promise.all([1, 2, 3, 4, 5, 6].map(orderOf))
  expect(await orderOf(1)).toBe(orders[0])
  expect(new Set(orders).size).toBeGreaterThan(3)
  for (const order of orders) expect([order.length, new Set(order).size]).toEqual([6, 6])
})

test('runUntil stops at the event that made it true', async () => {
  const world = createWorld({ seed: 1 })
  let count = 0
  const tick = (): void => {
    count += 1
    world.schedule(10, tick)
  }
  world.schedule(10, tick)
  await world.runUntil(() => count === 7)
  expect(world.now).toBe(70)
})

test('two worlds run side by side without touching each other', async () => {
  const hashOf = async (): Promise<string> => {
    const world = createWorld({ seed: 1 })
    for (let round = 1; round <= 200; round += 1)
      world.schedule(round % 7, () => world.note(`round ${round}`))
    await world.run(10)
    return world.traceHash
  }
  const [left, right] = await Promise.all([hashOf(), hashOf()])
  expect(left).toBe(right)
  expect(await hashOf()).toBe(left)
})
