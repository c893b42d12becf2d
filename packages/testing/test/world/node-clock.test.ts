import { expect, test } from 'vitest'
import { createWorld } from '../../src/index.ts'

test('a timer comes at its time on the clock of its node, not before', async () => {
  const world = createWorld({ seed: 1 })
  const { clock } = world.addNode('a').host
  const start = clock.now()
  const seen: number[] = []
  for (const delay of [5, 1, 3]) clock.after(delay, () => seen.push(clock.now() - start))
  await world.run(10)
  expect(seen.map((time) => Math.round(time * 1000) / 1000)).toEqual([1, 3, 5])
})

test('clocks of different nodes, and of different lives of one node, have different origins', async () => {
  const world = createWorld({ seed: 1, nodes: ['a', 'b', 'c'] })
  const node = world.node('a')
  const readings = world.nodes.map((each) => each.host.clock.now())
  node.restart()
  readings.push(node.host.clock.now())
  expect(new Set(readings).size).toBe(4)
})

test('a drifting clock moves the timers that wait', async () => {
  const world = createWorld({ seed: 1 })
  const node = world.addNode('a')
  const { clock } = node.host
  const times: number[] = []
  const start = clock.now()
  clock.after(100, () => times.push(world.now, clock.now() - start))
  await world.run(50)
  node.setClock({ rate: 0.5 })
  await world.run(1000)
  expect(times.map(Math.round)).toEqual([150, 100])
  node.setClock({ rate: 4 })
  const from = world.now
  clock.after(100, () => times.push(world.now - from))
  await world.run(1000)
  expect(times[2]).toBeCloseTo(25)
})

test('a clock that jumps forwards expires what lies in between', async () => {
  const world = createWorld({ seed: 1 })
  const node = world.addNode('a')
  const { clock } = node.host
  let ran = 0
  clock.after(1000, () => (ran += 1))
  clock.after(5000, () => (ran += 1))
  const before = clock.now()
  node.setClock({ jumpMs: 2000 })
  expect(clock.now() - before).toBe(2000)
  await world.run(0)
  expect(ran).toBe(1)
})

test('a sluggish event loop makes timers late, never early', async () => {
  const world = createWorld({ seed: 1 })
  const node = world.addNode('a')
  const { clock } = node.host
  node.setTimerSlack(20)
  const late: number[] = []
  for (let count = 0; count < 200; count += 1) clock.after(10, () => late.push(world.now - 10))
  await world.run(100)
  expect(late.length).toBe(200)
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...late)).toBeGreaterThan(10)
  expect(Math.max(...late)).toBeLessThanOrEqual(20)
})

test('delays that are no delays are refused', () => {
  const { clock } = createWorld({ seed: 1 }).addNode('a').host
  expect(() => clock.after(-1, () => undefined)).toThrow(/delayMs/)
  expect(() => clock.after(Number.NaN, () => undefined)).toThrow(/delayMs/)
})

test('a timer that re-arms itself with no delay does not stop time', async () => {
  const world = createWorld({ seed: 1 })
  const { clock } = world.addNode('a').host
  let ticks = 0
  const tick = (): void => {
    ticks += 1
    clock.after(0, tick)
  }
  clock.after(0, tick)
  await world.run(0.1)
  expect([ticks, world.now]).toEqual([100, 0.1])
})
