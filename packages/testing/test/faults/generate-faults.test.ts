import { createRandom } from '@colony/host'
import { describe, expect, test } from 'vitest'
import type { FaultStep, GeneratedFault, GenerateFaultsOptions } from '../../src/index.ts'
import { createWorld, generateFaults } from '../../src/index.ts'

const nodes = ['a', 'b', 'c', 'd', 'e']
const kinds: readonly GeneratedFault[] = [
  'crash',
  'blackout',
  'pause',
  'partition',
  'loss',
  'latency',
  'duplicate',
  'reorder',
  'clock',
  'timers',
]

function only(...on: readonly GeneratedFault[]): Partial<Record<GeneratedFault, number>> {
  return Object.fromEntries(kinds.map((kind) => [kind, on.includes(kind) ? 1 : 0]))
}

function generate(seed: number, options: Partial<GenerateFaultsOptions> = {}): readonly FaultStep[] {
  return generateFaults({ random: createRandom(seed, 'faults'), nodes, durationMs: 10_000, ...options })
}

/** Most nodes that are down or paused at a time. */
function mostDown(steps: readonly FaultStep[]): number {
  const out = new Set<string>()
  let most = 0
  for (const step of steps) {
    if (step.do === 'crash' || step.do === 'pause') out.add(step.node)
    if (step.do === 'restart' || step.do === 'resume') out.delete(step.node)
    most = Math.max(most, out.size)
  }
  return most
}

describe('generated schedules', () => {
  test('are plain data, sorted, the same for the same seed, and end with everything mended', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const steps = generate(seed)
      expect(JSON.parse(JSON.stringify(steps))).toEqual(steps)
      expect(generate(seed)).toEqual(steps)
      expect(steps.map(({ at }) => at)).toEqual(
        steps.map(({ at }) => at).toSorted((left, right) => left - right),
      )
      expect(steps.at(-1)?.at).toBe(10_000)
      expect(steps.filter(({ at }) => at === 10_000).map((step) => step.do)).toContain('heal')
    }
  })

  test('differ in kind: each seed has some kinds of faults and not others', () => {
    const seen = new Map<string, number>()
    for (let seed = 1; seed <= 100; seed += 1) {
      for (const kind of new Set(
        generate(seed)
          .filter(({ at }) => at < 10_000)
          .map((step) => step.do),
      )) {
        seen.set(kind, (seen.get(kind) ?? 0) + 1)
      }
    }
    for (const kind of [
      'crash',
      'restart',
      'pause',
      'resume',
      'partition',
      'cut',
      'heal',
      'network',
      'clock',
      'timers',
    ]) {
      expect(seen.get(kind), kind).toBeGreaterThan(15)
    }
    for (const kind of ['crash', 'pause', 'heal', 'clock', 'timers'])
      expect(seen.get(kind), kind).toBeLessThan(90)
  })

  test('keep within the number of nodes that may be down', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      expect(mostDown(generate(seed))).toBeLessThanOrEqual(2)
      expect(mostDown(generate(seed, { maxDown: 0 }))).toBe(0)
    }
    const beyond = Array.from({ length: 50 }, (_, seed) => mostDown(generate(seed, { maxDown: 5 })))
    expect(Math.max(...beyond)).toBe(5)
  })

  test('leaving a kind out does not change the others', () => {
    const lossOf = (steps: readonly FaultStep[]): FaultStep[] =>
      steps.filter((step) => step.do === 'network' && step.at < 10_000 && 'loss' in step.change)
    expect(lossOf(generate(3, { weights: only('loss', 'crash', 'clock') }))).toEqual(
      lossOf(generate(3, { weights: only('loss') })),
    )
    expect(lossOf(generate(3, { weights: only('loss') })).length).toBeGreaterThan(0)
  })

  test('run on a world, and leave it whole', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const world = createWorld({ seed, nodes })
      world.apply(
        generateFaults({ random: world.random.fork('faults'), nodes, durationMs: 5000, maxDown: 3 }),
      )
      await world.run(6000)
      expect(world.nodes.map((node) => node.state)).toEqual(nodes.map(() => 'up'))
      for (const from of nodes) for (const to of nodes) expect(world.network.connected(from, to)).toBe(true)
      const clocks = world.nodes.map((node) => node.host.clock.now())
      await world.run(100)
      world.nodes.forEach((node, place) =>
        expect(node.host.clock.now() - (clocks[place] ?? 0)).toBeCloseTo(100),
      )
    }
  })

  test('work for one node and for none of the time', () => {
    expect(generate(1, { nodes: ['a'], weights: only(...kinds), maxDown: 1 }).length).toBeGreaterThan(5)
    expect(generate(1, { durationMs: 0 }).every(({ at }) => at === 0)).toBe(true)
    expect(() => generate(1, { nodes: [] })).toThrow(/nodes/)
    expect(() => generate(1, { maxDown: 6 })).toThrow(/maxDown/)
    expect(() => generate(1, { weights: { loss: 2 } })).toThrow(/weights\.loss/)
  })
})

describe('applying steps', () => {
  test('every kind of step does what it says', async () => {
    const world = createWorld({ seed: 1, nodes: ['a', 'b'] })
    const states: string[] = []
    world.apply([
      { at: 10, do: 'crash', node: 'a' },
      { at: 20, do: 'pause', node: 'b' },
      { at: 30, do: 'restart', node: 'a' },
      { at: 40, do: 'resume', node: 'b' },
      { at: 50, do: 'cut', links: [['a', 'b']] },
      { at: 60, do: 'heal', from: 'a' },
      { at: 70, do: 'partition', groups: [['a'], ['b']] },
      { at: 80, do: 'heal' },
    ])
    for (let step = 0; step < 8; step += 1) {
      await world.run(10)
      const links = `${world.network.connected('a', 'b')} ${world.network.connected('b', 'a')}`
      states.push(`${world.nodes.map((node) => node.state).join(' ')} ${links}`)
    }
    expect(states).toEqual([
      'down up true true',
      'down paused true true',
      'up paused true true',
      'up up true true',
      'up up false true',
      'up up true true',
      'up up false false',
      'up up true true',
    ])
  })

  test('steps that make no sense do nothing, so that any part of a schedule is one', async () => {
    const world = createWorld({ seed: 1, nodes: ['a'] })
    world.apply([
      { at: 1, do: 'restart', node: 'a' },
      { at: 2, do: 'resume', node: 'a' },
      { at: 3, do: 'crash', node: 'a' },
      { at: 4, do: 'crash', node: 'a' },
      { at: 5, do: 'pause', node: 'a' },
      { at: 6, do: 'clock', node: 'a', rate: 2 },
      { at: 7, do: 'timers', node: 'a', slackMs: 5 },
      { at: 8, do: 'heal' },
    ])
    await world.run(10)
    expect([world.node('a').state, world.node('a').incarnation]).toEqual(['down', 1])
  })

  test('steps of one instant are carried out in their order', async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const world = createWorld({ seed, nodes: ['a'] })
      world.apply([
        { at: 5, do: 'crash', node: 'a' },
        { at: 5, do: 'restart', node: 'a' },
        { at: 5, do: 'pause', node: 'a' },
      ])
      await world.run(10)
      expect([world.node('a').state, world.node('a').incarnation]).toEqual(['paused', 2])
    }
  })

  test('a schedule with a mistake is refused whole', async () => {
    const world = createWorld({ seed: 1, nodes: ['a'] })
    const crash: FaultStep = { at: 5, do: 'crash', node: 'a' }
    expect(() => world.apply([crash, { at: 6, do: 'pause', node: 'x' }])).toThrow(/no node 'x'/)
    expect(() => world.apply([crash, { at: 6, do: 'explode' } as unknown as FaultStep])).toThrow(/'explode'/)
    await world.run(10)
    expect(world.node('a').state).toBe('up')
    expect(() => world.apply([crash])).toThrow(/at of 'crash'/)
  })
})
