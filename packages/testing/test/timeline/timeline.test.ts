import { describe, expect, test } from 'vitest'
import type { TimelineEvent } from '../../src/timeline/timeline.ts'
import type { World } from '../../src/world/world.ts'
import { createWorld } from '../../src/world/world.ts'
import type { WorldOptions } from '../../src/world/world-options.ts'

async function openPair(options: Partial<WorldOptions> = {}): Promise<World> {
  const world = createWorld({ seed: 1, nodes: ['a', 'b'], timeline: { events: 1000 }, ...options })
  for (const node of world.nodes) node.host.transport.receive('x', () => undefined)
  await world.finish(Promise.all(world.nodes.map((node) => node.host.open(node.id))))
  return world
}

function send(world: World, bytes = 3, channel = 'x'): void {
  world.node('a').host.transport.send('b', channel, new Uint8Array(bytes))
}

function kinds(world: World): string[] {
  return world.timeline.events.map(({ kind }) => kind)
}

describe('a timeline', () => {
  test('tells what became of each frame, by number', async () => {
    const world = await openPair()
    send(world)
    await world.run(100)
    world.network.configure({ duplicate: 1 })
    send(world)
    await world.run(100)
    world.network.configure({ duplicate: null, loss: 1 })
    send(world)
    world.network.configure({ loss: null })
    world.network.cut('a', 'b')
    send(world)
    world.network.heal()
    send(world, 3, 'nobody listens')
    await world.run(100)
    world.node('b').crash()
    send(world)
    const { events, nodes, endMs, forgotten } = world.timeline
    expect([nodes, endMs, forgotten]).toEqual([['a', 'b'], world.now, 0])
    const told = events.map((event) => ('frame' in event ? `${event.kind} ${event.frame}` : event.kind))
    expect(told).toEqual([
      'send 1',
      'deliver 1',
      'send 2',
      'deliver 2',
      'deliver 2',
      'send 3',
      'lose 3',
      'send 4',
      'lose 4',
      'send 5',
      'lose 5',
      'state',
      'send 6',
      'lose 6',
    ])
    const reasons = events.filter((event) => event.kind === 'lose').map(({ reason }) => reason)
    expect(reasons).toEqual(['lost', 'cut', 'unheard', 'down'])
    expect(events[0]).toEqual({ kind: 'send', at: 0, frame: 1, from: 'a', to: 'b', channel: 'x', bytes: 3 })
  })

  test('labels frames where it is told how', async () => {
    const world = await openPair({ describeFrame: (channel, frame) => `${channel} of ${frame.length}` })
    send(world, 7)
    expect(world.timeline.events[0]).toMatchObject({ kind: 'send', label: 'x of 7' })
  })

  test('tells states, faults, roles and notes', async () => {
    const world = await openPair()
    await world.run(5)
    world.apply([{ at: 10, do: 'pause', node: 'a' }])
    await world.run(10)
    const node = world.node('a')
    node.resume()
    node.restart()
    world.role('a', 'leader', 3)
    world.role('a', '')
    world.note('hm', 'b')
    world.note('well')
    const expected: TimelineEvent[] = [
      { kind: 'fault', at: 10, step: { at: 10, do: 'pause', node: 'a' } },
      { kind: 'state', at: 10, node: 'a', state: 'paused' },
      { kind: 'state', at: 15, node: 'a', state: 'up' },
      { kind: 'state', at: 15, node: 'a', state: 'down' },
      { kind: 'state', at: 15, node: 'a', state: 'up' },
      { kind: 'role', at: 15, node: 'a', role: 'leader', term: 3 },
      { kind: 'role', at: 15, node: 'a', role: '' },
      { kind: 'note', at: 15, node: 'b', text: 'hm' },
      { kind: 'note', at: 15, text: 'well' },
    ]
    expect(world.timeline.events).toEqual(expected)
  })

  test('keeps the last events and says how many it forgot', async () => {
    const world = await openPair({ timeline: { events: 3 } })
    for (const text of ['1', '2', '3', '4', '5']) world.note(text)
    const { events, forgotten } = world.timeline
    expect(events.map((event) => (event.kind === 'note' ? event.text : event.kind))).toEqual(['3', '4', '5'])
    expect(forgotten).toBe(2)
  })

  test('is empty where nobody asked for one, and changes nothing of the run', async () => {
    const quiet = createWorld({ seed: 1, nodes: ['a', 'b'] })
    quiet.note('x')
    const loud = createWorld({ seed: 1, nodes: ['a', 'b'], timeline: { events: 10 } })
    loud.note('x')
    expect(quiet.timeline).toEqual({ nodes: ['a', 'b'], events: [], endMs: 0, forgotten: 0 })
    expect(kinds(loud)).toEqual(['note'])
    expect(loud.traceHash).toBe(quiet.traceHash)
    expect(() => createWorld({ seed: 1, timeline: { events: 0 } })).toThrow(/timeline\.events/)
  })
})
