import { describe, expect, test } from 'vitest'
import type { World } from '../../src/world/world.ts'
import { createWorld } from '../../src/world/world.ts'

async function openPair(seed = 1): Promise<World> {
  const network = { minLatencyMs: 1.5, meanLatencyMs: 1.5 }
  const world = createWorld({ seed, nodes: ['a', 'b'], network })
  await world.finish(Promise.all(world.nodes.map((node) => node.host.open(node.id))))
  return world
}

describe('a slow event loop', () => {
  test('keeps its node busy after each event; nothing is lost and nothing runs at once', async () => {
    const world = await openPair()
    const node = world.node('a')
    node.setLoop(10)
    const times: number[] = []
    for (let count = 0; count < 200; count += 1) node.host.clock.after(5, () => times.push(world.now))
    await world.run(5000)
    expect(times).toHaveLength(200)
    const gaps = times.slice(1).map((time, place) => time - (times[place] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThan(0)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(10.001)
    expect(gaps.reduce((sum, each) => sum + each, 0) / gaps.length).toBeCloseTo(5, 0)
  })

  test('takes its turns as a real one: timers, then what arrived, then what waits for input; what comes meanwhile is for the next turn', async () => {
    const world = await openPair()
    const [a, b] = [world.node('a'), world.node('b')]
    const log: string[] = []
    a.host.transport.receive('x', (_, frame) => log.push(`frame ${frame[0]}`))
    const { clock } = a.host
    a.setLoop(0.001)
    clock.after(1, () => {
      log.push('begin')
      a.setLoop(100_000)
      clock.afterInput(() => log.push('after input'))
    })
    clock.after(3, () => {
      log.push('timer 3')
      a.setLoop(0.001)
      clock.after(0.001, () => log.push('new timer'))
    })
    clock.after(2, () => log.push('timer 2'))
    b.host.transport.send('a', 'x', Uint8Array.of(1))
    await world.run(10)
    b.host.transport.send('a', 'x', Uint8Array.of(2))
    await world.run(1e6)
    expect(log).toEqual(['begin', 'timer 2', 'timer 3', 'frame 1', 'frame 2', 'after input', 'new timer'])
  })

  test('is quick again when it is told so, and after a restart; a crash drops what waited', async () => {
    const world = await openPair()
    const node = world.node('a')
    const log: number[] = []
    node.setLoop(1000)
    for (const delay of [1, 2, 3, 4]) node.host.clock.after(delay, () => log.push(delay))
    await world.run(5)
    expect(log).toEqual([1])
    node.setLoop(0)
    await world.run(1000)
    expect(log).toEqual([1, 2, 3, 4])
    node.setLoop(1000)
    for (const delay of [5, 6]) node.host.clock.after(delay, () => log.push(delay))
    await world.run(10)
    node.restart()
    for (const delay of [7, 8]) node.host.clock.after(delay, () => log.push(delay))
    await world.run(10)
    expect(log).toEqual([1, 2, 3, 4, 5, 7, 8])
    await world.run(2000)
    expect(log).toHaveLength(7)
  })

  test('can be paused in the middle of a turn, and goes on in order', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const world = await openPair(seed)
      const node = world.node('a')
      const log: number[] = []
      const wanted = Array.from({ length: 20 }, (_, place) => place + 1)
      node.setLoop(5)
      for (const delay of wanted) node.host.clock.after(delay / 10, () => log.push(delay))
      for (let at = 3; at < 50; at += 7) {
        world.schedule(at, () => node.pause())
        world.schedule(at + 3, () => node.resume())
      }
      await world.run(500)
      expect(log).toEqual(wanted)
    }
  })

  test('lets everything go that waits when an event of its own makes it quick', async () => {
    const world = await openPair()
    const node = world.node('a')
    const log: number[] = []
    node.setLoop(5)
    for (const place of [1, 2, 3, 4, 5]) {
      node.host.clock.after(1 + place / 1000, () => {
        log.push(place)
        if (place === 2) node.setLoop(0)
      })
    }
    await world.run(100)
    expect(log).toEqual([1, 2, 3, 4, 5])
  })

  test('that gets quick in the middle of a turn reads what came meanwhile before what waits for the input', async () => {
    const world = await openPair()
    const [a, b] = [world.node('a'), world.node('b')]
    const log: string[] = []
    a.host.transport.receive('x', () => log.push('frame'))
    const { clock } = a.host
    a.setLoop(1000)
    clock.after(1, () => {
      log.push('begin')
      clock.afterInput(() => log.push('after input'))
    })
    clock.after(2, () => log.push('timer'))
    // The turn that begins after the first event takes the timer, then what waits for the input; the frame comes while the timer keeps it busy.
    while (log.length < 2) await world.run(1)
    b.host.transport.send('a', 'x', Uint8Array.of(1))
    await world.run(10)
    expect(log).toEqual(['begin', 'timer'])
    a.setLoop(0)
    await world.run(2000)
    expect(log).toEqual(['begin', 'timer', 'frame', 'after input'])
  })

  test('does not stop when the event whose turn it is was cancelled', async () => {
    const world = await openPair()
    const node = world.node('a')
    const log: string[] = []
    const { clock } = node.host
    node.setLoop(5)
    clock.after(1, () => log.push('first'))
    const cancelled = clock.after(1.001, () => log.push('cancelled'))
    clock.after(1.002, () => log.push('last'))
    await world.run(1.0025)
    cancelled[Symbol.dispose]()
    await world.run(100)
    expect(log).toEqual(['first', 'last'])
  })
})

describe('the time of day', () => {
  test('begins in 2026, is wrong by what it was told, in both directions, and is never the monotonic clock', async () => {
    const world = createWorld({ seed: 1, nodes: ['a', 'b'] })
    const [a, b] = [world.node('a'), world.node('b')]
    await world.run(1000)
    expect(new Date(a.wallNow()).toISOString()).toBe('2026-01-01T00:00:01.000Z')
    const monotonic = a.host.clock.now()
    a.setClock({ skewMs: -5000 })
    expect([a.wallNow() - b.wallNow(), a.host.clock.now()]).toEqual([-5000, monotonic])
    a.setClock({ skewMs: 7000 })
    expect(a.wallNow() - b.wallNow()).toBe(7000)
    a.setClock({ rate: 2 })
    await world.run(1000)
    expect([a.wallNow() - b.wallNow(), a.host.clock.now() - monotonic]).toEqual([8000, 2000])
    a.crash()
    a.setClock({ skewMs: 100 })
    await world.run(1000)
    a.restart()
    await world.run(1000)
    // Between its skew and its restart the machine's clock still ran at double speed.
    expect(a.wallNow() - b.wallNow()).toBe(1100)
    a.setClock({ skewMs: 0 })
    expect(a.wallNow()).toBe(b.wallNow())
    expect(() => a.setClock({ skewMs: 1e13 })).toThrow(/skewMs/)
  })
})

test('a wiped node is down, and comes back with an empty disk', async () => {
  const found: (readonly string[])[] = []
  const world = createWorld({
    seed: 1,
    nodes: ['a'],
    boot: async ({ disk }) => {
      found.push(await disk.list('/d'))
      await disk.makeDirectory('/d')
      await disk.open('/d/f', { create: true })
      await disk.syncDirectory('/d')
    },
  })
  await world.booted()
  const node = world.node('a')
  node.restart()
  await world.booted()
  node.wipe()
  expect(node.state).toBe('down')
  node.restart()
  await world.booted()
  expect(found).toEqual([[], ['f'], []])
})
