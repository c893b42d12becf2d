import type { Host } from '@colony/host'
import { describe, expect, test } from 'vitest'
import type { SimulatedNode } from '../../src/index.ts'
import { createWorld } from '../../src/index.ts'
import { pingBoot } from './ping-service.ts'

describe('crash and restart', () => {
  test('boot runs at the start and at every restart, each time on a fresh host', async () => {
    const hosts: Host[] = []
    const world = createWorld({ seed: 1, nodes: ['a'], boot: (node) => void hosts.push(node.host) })
    await world.booted()
    const node = world.node('a')
    expect([node.state, node.incarnation, node.booted]).toEqual(['up', 1, true])
    node.crash()
    expect([node.state, node.incarnation, node.booted]).toEqual(['down', 1, false])
    node.crash()
    node.restart()
    await world.booted()
    node.restart()
    await world.booted()
    expect([node.state, node.incarnation, hosts.length, new Set(hosts).size]).toEqual(['up', 3, 3, 3])
    expect(hosts.map((host) => host.clusterId)).toEqual(['sim', 'sim', 'sim'])
    expect(new Set(hosts.map((host) => host.random.float())).size).toBe(3)
  })

  test('nothing of a crashed incarnation ever runs again', async () => {
    const world = createWorld({ seed: 1 })
    const log: string[] = []
    const sleeper = async (node: SimulatedNode): Promise<void> => {
      const life = node.incarnation
      const { clock } = node.host
      for (;;) {
        await new Promise<void>((resolve) => void clock.after(10, resolve))
        clock.afterInput(() => log.push(`input ${life}`))
        log.push(`tick ${life}`)
      }
    }
    const node = world.addNode('a', (self) => void sleeper(self))
    await world.run(25)
    node.crash()
    await world.run(100)
    expect(log).toEqual(['tick 1', 'input 1', 'tick 1', 'input 1'])
    log.length = 0
    node.restart()
    await world.run(15)
    expect(log).toEqual(['tick 2', 'input 2'])
  })

  test('code that crashes its own node has no effect afterwards, though it runs to its end', async () => {
    const world = createWorld({ seed: 1, nodes: ['a', 'b'] })
    const [a, b] = [world.node('a'), world.node('b')]
    await world.finish(Promise.all([a.host.open('a'), b.host.open('b')]))
    let heard = 0
    b.host.transport.receive('x', () => (heard += 1))
    a.host.clock.after(1, () => {
      a.crash()
      expect(a.host.transport.send('b', 'x', new Uint8Array(1))).toBe(false)
      a.host.clock.after(1, () => (heard += 100))
    })
    await world.run(100)
    expect(heard).toBe(0)
  })

  test('a crash during boot leaves the boot unfinished', async () => {
    const world = createWorld({ seed: 1 })
    const boots: string[] = []
    const node = world.addNode('a', async (self) => {
      boots.push('begin')
      await new Promise<void>((resolve) => void self.host.clock.after(10, resolve))
      boots.push('end')
    })
    await world.run(5)
    node.restart()
    await world.booted()
    expect(boots).toEqual(['begin', 'begin', 'end'])
  })
})

describe('pause', () => {
  test('after a resume come expired timers in order of expiry, then what arrived, then what waits for input', async () => {
    const world = createWorld({ seed: 3, nodes: ['a', 'b'], network: { minLatencyMs: 1, meanLatencyMs: 1 } })
    const [a, b] = [world.node('a'), world.node('b')]
    await world.finish(Promise.all([a.host.open('a'), b.host.open('b')]))
    const log: string[] = []
    const { clock, transport } = a.host
    transport.receive('x', (from, frame) => log.push(`frame ${frame[0]} from ${from}`))
    clock.after(40, () => {
      log.push('timer 40')
      clock.afterInput(() => log.push('after input'))
    })
    clock.after(20, () => log.push('timer 20'))
    clock.after(60, () => log.push('timer 60'))
    world.schedule(5, () => a.pause())
    for (const place of [1, 2, 3])
      world.schedule(place * 10, () => b.host.transport.send('a', 'x', Uint8Array.of(place)))
    await world.run(50)
    expect([a.state, log, world.network.inFlight('b', 'a')]).toEqual(['paused', [], 3])
    a.resume()
    await world.run(0)
    expect(log).toEqual([
      'timer 20',
      'timer 40',
      'frame 1 from b',
      'frame 2 from b',
      'frame 3 from b',
      'after input',
    ])
    await world.run(50)
    expect([a.state, log.at(-1), world.network.inFlight('b', 'a')]).toEqual(['up', 'timer 60', 0])
  })

  test('what was to come after input when the pause began still comes after the input of the pause', async () => {
    const world = createWorld({ seed: 1, nodes: ['a', 'b'] })
    const [a, b] = [world.node('a'), world.node('b')]
    await world.finish(Promise.all([a.host.open('a'), b.host.open('b')]))
    const log: string[] = []
    a.host.transport.receive('x', () => log.push('frame'))
    a.host.clock.after(1, () => {
      a.host.clock.afterInput(() => log.push('after input'))
      a.pause()
    })
    a.host.clock.after(5, () => log.push('timer'))
    world.schedule(2, () => b.host.transport.send('a', 'x', new Uint8Array(1)))
    await world.run(50)
    expect(log).toEqual([])
    a.resume()
    await world.run(0)
    expect(log).toEqual(['timer', 'frame', 'after input'])
  })

  test('while paused, nothing runs, but the clock goes on', async () => {
    const ids = ['a', 'b']
    const world = createWorld({ seed: 1, nodes: ids, boot: pingBoot(ids, 10) })
    await world.run(100)
    const a = world.node('a')
    const before = [a.service?.answered(), a.service?.asked()]
    const clock = a.host.clock.now()
    a.pause()
    await world.run(1000)
    expect([a.service?.answered(), a.service?.asked()]).toEqual(before)
    expect(a.host.clock.now() - clock).toBeCloseTo(1000)
    a.resume()
    await world.run(100)
    expect(a.service?.answered()).toBeGreaterThan(before[0] ?? 0)
  })

  test('a paused node that is paused again before its backlog ran keeps the rest, in order', async () => {
    const world = createWorld({ seed: 1 })
    const node = world.addNode('a')
    const log: number[] = []
    for (const delay of [10, 20, 30]) {
      node.host.clock.after(delay, () => {
        log.push(delay)
        if (delay === 10) node.pause()
      })
    }
    node.pause()
    await world.run(100)
    node.resume()
    await world.run(100)
    expect([node.state, log]).toEqual(['paused', [10]])
    node.resume()
    await world.run(0)
    expect(log).toEqual([10, 20, 30])
  })

  test('a crash while paused discards what waited', async () => {
    const world = createWorld({ seed: 1, nodes: ['a', 'b'] })
    const [a, b] = [world.node('a'), world.node('b')]
    await world.finish(Promise.all([a.host.open('a'), b.host.open('b')]))
    let ran = 0
    a.host.clock.after(10, () => (ran += 1))
    a.host.transport.receive('x', () => (ran += 1))
    a.pause()
    b.host.transport.send('a', 'x', new Uint8Array(1))
    await world.run(50)
    a.restart()
    await world.run(50)
    expect([ran, a.state, world.network.stats.down, world.network.inFlight('b', 'a')]).toEqual([
      0,
      'up',
      1,
      0,
    ])
  })
})

describe('calls of clients', () => {
  test('a call runs on the node, waits while it is paused, and fails by name when it is down or crashes', async () => {
    const world = createWorld({ seed: 1 })
    const node = world.addNode('a', (self) => ({
      add: async (left: number, right: number): Promise<number> => {
        await new Promise<void>((resolve) => void self.host.clock.after(5, resolve))
        return left + right
      },
    }))
    const outcomeOf = async (call: Promise<unknown>): Promise<unknown> =>
      await call.catch((error: { readonly code?: string }) => error.code)
    const add = (): Promise<unknown> =>
      outcomeOf(node.call((service) => (service as { add(a: number, b: number): Promise<number> }).add(1, 2)))
    expect(await add()).toBe('TESTING_NODE_DOWN')
    await world.booted()
    expect(await world.finish(add())).toBe(3)
    node.pause()
    const waiting = add()
    await world.run(100)
    node.resume()
    expect(await world.finish(waiting)).toBe(3)
    expect(world.now).toBeCloseTo(110, 0)
    const interrupted = add()
    world.schedule(2, () => node.crash())
    expect(await world.finish(interrupted)).toBe('TESTING_NODE_CRASHED')
    expect(await add()).toBe('TESTING_NODE_DOWN')
  })

  test('what the work throws is passed on', async () => {
    const world = createWorld({ seed: 1, nodes: ['a'], boot: () => 'service' })
    await world.booted()
    const call = world.node('a').call(() => {
      throw new RangeError('no such account')
    })
    await expect(world.finish(call)).rejects.toThrow(RangeError)
  })
})
