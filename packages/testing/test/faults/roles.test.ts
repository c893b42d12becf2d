/* oxlint-disable unicorn/no-thenable -- what an armed fault does is called `then`, and is never a function */
import type { NodeId } from '@colony/host'
import { describe, expect, test } from 'vitest'
import type { FaultStep } from '../../src/faults/fault-step.ts'
import type { World } from '../../src/world/world.ts'
import { createWorld } from '../../src/world/world.ts'

const nodes = ['a', 'b', 'c']

function withLeader(initial: NodeId | undefined): { world: World; lead: (id: NodeId | undefined) => void } {
  let leader = initial
  const world = createWorld({ seed: 1, nodes, roles: () => ({ leader }), timeline: { events: 100 } })
  return { world, lead: (id) => void (leader = id) }
}

function states(world: World): string {
  return world.nodes.map(({ state }) => state).join(' ')
}

function cuts(world: World): string[] {
  return nodes.flatMap((from) =>
    nodes.filter((to) => from !== to && !world.network.connected(from, to)).map((to) => `${from}${to}`),
  )
}

describe('roles', () => {
  test('are looked up when the step is carried out', async () => {
    const { world, lead } = withLeader('a')
    world.apply([
      { at: 10, do: 'crash', node: '@leader' },
      { at: 20, do: 'pause', node: '@leader' },
    ])
    await world.run(15)
    lead('c')
    await world.run(15)
    expect(states(world)).toBe('down up paused')
    const told = world.timeline.events.filter(({ kind }) => kind === 'fault')
    expect(told).toEqual([
      { kind: 'fault', at: 10, step: { at: 10, do: 'crash', node: 'a' } },
      { kind: 'fault', at: 20, step: { at: 20, do: 'pause', node: 'c' } },
    ])
  })

  test('that nobody has make a step do nothing', async () => {
    const { world } = withLeader(undefined)
    world.apply([
      { at: 1, do: 'crash', node: '@leader' },
      { at: 2, do: 'partition', groups: [['@leader'], nodes] },
      { at: 3, do: 'cut', links: [['a', '@leader']] },
      { at: 4, do: 'pause', node: '@nobody' },
    ])
    await world.run(10)
    expect([states(world), cuts(world)]).toEqual(['up up up', []])
  })

  test('in partitions come before ids, in cuts leave out the link of a node to itself', async () => {
    const { world, lead } = withLeader('b')
    world.fault({ at: 0, do: 'partition', groups: [['@leader'], nodes] })
    expect(cuts(world)).toEqual(['ab', 'ba', 'bc', 'cb'])
    world.fault({ at: 0, do: 'heal', from: '@leader' })
    expect(cuts(world)).toEqual(['ab', 'cb'])
    world.fault({ at: 0, do: 'heal' })
    lead('a')
    world.fault({ at: 0, do: 'cut', links: nodes.map((id) => ['@leader', id]) })
    expect(cuts(world)).toEqual(['ab', 'ac'])
    expect(world.network.connected('a', 'a')).toBe(true)
  })

  test('in a world that has none are refused, and no node may be named like one', () => {
    const world = createWorld({ seed: 1, nodes })
    expect(() => world.apply([{ at: 1, do: 'crash', node: '@leader' }])).toThrow(/no roles/)
    expect(() => world.addNode('@a')).toThrow(/begins with @/)
  })
})

describe('steps with a duration', () => {
  const cases: readonly (readonly [FaultStep, (world: World) => unknown, unknown, unknown])[] = [
    [{ at: 1, forMs: 5, do: 'crash', node: '@leader' }, states, 'down up up', 'up up up'],
    [{ at: 1, forMs: 5, do: 'wipe', node: 'a' }, states, 'down up up', 'up up up'],
    [{ at: 1, forMs: 5, do: 'pause', node: '@leader' }, states, 'paused up up', 'up up up'],
    [{ at: 1, forMs: 5, do: 'cut', links: [['@leader', 'b']] }, cuts, ['ab'], []],
    [{ at: 1, forMs: 5, do: 'partition', groups: [['a', 'b'], ['c']] }, cuts, ['ac', 'bc', 'ca', 'cb'], []],
    [
      { at: 1, forMs: 5, do: 'disk', node: 'a', change: { slowdown: 7 } },
      (world) => world.node('a').disk.settings.slowdown,
      7,
      1,
    ],
    [
      { at: 1, forMs: 5, do: 'clock', node: 'a', skewMs: 1000 },
      (world) => Math.round(world.node('a').wallNow() - world.node('b').wallNow()),
      1000,
      0,
    ],
  ]
  test.each(cases)('%j ends by itself, on the same node', async (step, look, meanwhile, afterwards) => {
    const { world, lead } = withLeader('a')
    world.apply([step])
    await world.run(3)
    expect(look(world)).toEqual(meanwhile)
    lead('c')
    await world.run(7)
    expect(look(world)).toEqual(afterwards)
  })

  test('of cut links mends these and no others', async () => {
    const { world } = withLeader('a')
    world.apply([
      { at: 1, do: 'cut', links: [['b', 'c']] },
      { at: 2, forMs: 5, do: 'cut', links: [['a', 'b']] },
    ])
    await world.run(10)
    expect(cuts(world)).toEqual(['bc'])
  })

  test('of a network change goes back on the same links', async () => {
    const { world } = withLeader('a')
    for (const node of world.nodes) node.host.transport.receive('x', () => undefined)
    await world.finish(Promise.all(world.nodes.map((node) => node.host.open(node.id))))
    world.fault({ at: 0, forMs: 5, do: 'network', from: '@leader', change: { loss: 1 } })
    const send = (from: string, to: string): void =>
      void world.node(from).host.transport.send(to, 'x', new Uint8Array(1))
    send('a', 'b')
    send('b', 'a')
    await world.run(100)
    send('a', 'b')
    await world.run(100)
    expect(world.network.stats).toMatchObject({ lost: 1, delivered: 2 })
  })
})

describe('armed faults', () => {
  test('wait for their point, on their node, so many times, and happen once', async () => {
    const { world, lead } = withLeader('b')
    world.fault({
      at: 0,
      do: 'arm',
      point: 'write',
      node: '@leader',
      skip: 1,
      then: { do: 'crash', node: '@here' },
    })
    const reach = async (point: string, node: string): Promise<string> => {
      world.reach(point, node)
      await world.run(1)
      return states(world)
    }
    expect(await reach('write', 'a')).toBe('up up up')
    expect(await reach('read', 'b')).toBe('up up up')
    expect(await reach('write', 'b')).toBe('up up up')
    lead('c')
    expect(await reach('write', 'b')).toBe('up up up')
    expect(await reach('write', 'c')).toBe('up up down')
    world.node('c').restart()
    expect(await reach('write', 'c')).toBe('up up up')
  })

  test('come as the very next event, or after a delay', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const world = createWorld({ seed, nodes: ['a'] })
      const log: string[] = []
      const { clock } = world.node('a').host
      world.fault({ at: 0, do: 'arm', point: 'p', then: { do: 'crash', node: '@here' } })
      clock.after(1, () => {
        clock.after(0, () => log.push('later'))
        clock.afterInput(() => log.push('after input'))
        void world
          .node('a')
          .disk.list('/')
          .then(() => log.push('disk'))
        world.reach('p', 'a')
        log.push('reached')
      })
      await world.run(10)
      expect(log).toEqual(['reached'])
    }
    const world = createWorld({ seed: 1, nodes: ['a'] })
    world.fault({ at: 0, do: 'arm', point: 'p', delayMs: 5, then: { do: 'pause', node: '@here' } })
    world.reach('p', 'a')
    await world.run(4)
    expect(world.node('a').state).toBe('up')
    await world.run(2)
    expect(world.node('a').state).toBe('paused')
  })

  test('come before what waited for a node that goes on at the same instant', async () => {
    const world = createWorld({ seed: 1, nodes: ['a'] })
    const node = world.node('a')
    const log: string[] = []
    node.pause()
    node.host.clock.after(1, () => log.push('expired'))
    world.fault({ at: 0, do: 'arm', point: 'p', then: { do: 'crash', node: '@here' } })
    world.schedule(5, () => {
      node.resume()
      world.reach('p', 'a')
    })
    await world.run(10)
    expect([log, node.state]).toEqual([[], 'down'])
  })

  test('are forgotten after their time, and when they are disarmed', async () => {
    const world = createWorld({ seed: 1, nodes: ['a'] })
    const crash = { do: 'crash', node: 'a' } as const
    world.fault({ at: 0, forMs: 5, do: 'arm', point: 'p', then: crash })
    await world.run(10)
    world.reach('p', 'a')
    world.fault({ at: 0, do: 'arm', point: 'p', then: crash })
    world.fault({ at: 0, do: 'disarm' })
    world.reach('p', 'a')
    await world.run(10)
    expect(world.node('a').state).toBe('up')
  })

  test('are looked at before the run', () => {
    const world = createWorld({ seed: 1, nodes: ['a'] })
    const arm = (then: object): FaultStep => ({ at: 1, do: 'arm', point: 'p', then }) as FaultStep
    expect(() => world.apply([arm({ do: 'crash', node: 'x' })])).toThrow(/no node 'x'/)
    expect(() => world.apply([arm({ do: 'explode' })])).toThrow(/'explode'/)
    expect(() => world.apply([arm({ do: 'crash', node: '@leader' })])).toThrow(/no roles/)
    expect(() => world.apply([arm({ do: 'crash', node: '@here' })])).not.toThrow()
  })
})
