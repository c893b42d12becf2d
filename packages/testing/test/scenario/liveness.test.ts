import type { NodeId } from '@colony/host'
import { describe, expect, test } from 'vitest'
import type { FaultStep } from '../../src/faults/fault-step.ts'
import { planScenario } from '../../src/scenario/plan-scenario.ts'
import { SimulationFailure } from '../../src/scenario/simulation-failure.ts'
import { simulate } from '../../src/scenario/simulate.ts'
import type { Suite } from '../../src/scenario/suite.ts'
import { counterSuite } from './counter-suite.ts'
import { registerSuite } from './register-suite.ts'

/** What `converged` saw at each of its first looks: a core, and the states and cuts around it. */
interface Look {
  readonly core: readonly NodeId[]
  readonly states: Readonly<Record<NodeId, string>>
  readonly at: number
}

const nodes = ['a', 'b', 'c', 'd', 'e']

function watched(looks: Look[], more: Partial<Suite<{ value: number }>> = {}): Suite<{ value: number }> {
  return counterSuite(undefined, {
    nodes,
    model: undefined as never,
    progress: 0,
    ...more,
    converged: ({ world }, core) => {
      if (looks.at(-1)?.core !== core)
        looks.push({
          core,
          states: Object.fromEntries(world.nodes.map(({ id, state }) => [id, state])),
          at: world.now,
        })
      return true
    },
  })
}

async function looksOf(
  faults: readonly FaultStep[],
  more: Partial<Suite<{ value: number }>> = {},
  seed = 1,
): Promise<Look[]> {
  const looks: Look[] = []
  const suite = watched(looks, more)
  await simulate(suite, { ...planScenario(suite, seed), operations: [], faults })
  return looks
}

const allDown = nodes.map((node): FaultStep => ({ at: 10, do: 'crash', node }))

describe('after the faults', () => {
  test('a majority drawn from the seed is brought back, and everything else stays down; then all come back', async () => {
    const [core, all] = await looksOf(allDown)
    expect(core?.core).toHaveLength(3)
    for (const node of nodes) expect(core?.states[node]).toBe(core?.core.includes(node) ? 'up' : 'down')
    expect(all?.core).toEqual(nodes)
    expect(new Set(Object.values(all?.states ?? {}))).toEqual(new Set(['up']))
    const others = await Promise.all([2, 3, 4, 5].map((seed) => looksOf(allDown, {}, seed)))
    expect(new Set(others.map(([first]) => first?.core.join())).size).toBeGreaterThan(1)
  })

  test('links within the core are whole, those around it stay cut', async () => {
    const heard: string[] = []
    let core: readonly NodeId[] = []
    const suite = watched([], {
      boot: async ({ id, host }, { scenario, world }) => {
        await host.open(id)
        host.transport.receive('hello', (from) => void (world.now < 1100 && heard.push(`${from}→${id}`)))
        world.schedule(1050, () => {
          for (const other of scenario.nodes) host.transport.send(other, 'hello', new Uint8Array(1))
        })
        world.schedule(1200, () => {})
        return { value: 0 }
      },
    })
    const waiting: typeof suite = {
      ...suite,
      converged: ({ world }, now) => {
        if (world.now < 1100) core = now
        return world.now > 1100
      },
    }
    const faults: readonly FaultStep[] = [{ at: 10, do: 'partition', groups: [] }]
    await simulate(waiting, { ...planScenario(suite, 1), operations: [], faults })
    expect(core).toHaveLength(3)
    const links = core.flatMap((from) => core.filter((to) => to !== from).map((to) => `${from}→${to}`))
    expect(heard.toSorted()).toEqual(links.toSorted())
  })

  test('nothing breaks any more around the core, and nothing there mends itself', async () => {
    let states: Readonly<Record<NodeId, string>> = {}
    let core: readonly NodeId[] = []
    const suite = watched([], {
      boot: (_, { world }) => {
        world.schedule(1900, () => {})
        return { value: 0 }
      },
    })
    const waiting: typeof suite = {
      ...suite,
      converged: ({ world }, now) => {
        if (now.length === 5) return true
        core = now
        states = Object.fromEntries(world.nodes.map(({ id, state }) => [id, state]))
        return world.now > 1800
      },
    }
    const faults: readonly FaultStep[] = [
      ...nodes.map((node): FaultStep => ({ at: 10, do: 'pause', node, forMs: 1100 })),
      ...nodes.map((node): FaultStep => ({ at: 1000, do: 'crash', node })),
      ...nodes.map((node): FaultStep => ({ at: 1500, do: 'crash', node })),
    ]
    await simulate(waiting, { ...planScenario(suite, 1), operations: [], faults })
    for (const node of nodes) expect(states[node]).toBe(core.includes(node) ? 'up' : 'paused')
  })

  test('the core can be as large as the suite says, or everything', async () => {
    const [four] = await looksOf(allDown, { quorum: () => 4 })
    expect(four?.core).toHaveLength(4)
    const whole = await looksOf(allDown, { quorum: false })
    expect(whole.map(({ core }) => core)).toEqual([nodes])
    await expect(looksOf(allDown, { quorum: () => 6 })).rejects.toMatchObject({
      code: 'TESTING_INVALID_OPTION',
    })
  })

  test('the core can be what the suite finds when the faults are over', async () => {
    let asked = 0
    const [two] = await looksOf(allDown, {
      core: ({ world }) => {
        asked = world.now
        return ['e', 'b']
      },
    })
    expect(asked).toBe(1000)
    expect(two?.core).toEqual(['e', 'b'])
    expect(two?.states).toEqual({ a: 'down', b: 'up', c: 'down', d: 'down', e: 'up' })
    const [three] = await looksOf(allDown, { core: () => undefined })
    expect(three?.core).toHaveLength(3)
    for (const core of [[], ['f']])
      await expect(looksOf(allDown, { core: () => core })).rejects.toThrow(
        'core must give some of a, b, c, d, e',
      )
  })

  test('nodes whose disks lost something are in the core only when there is no quorum without them', async () => {
    const wiped = (lost: readonly NodeId[]): FaultStep[] => lost.map((node) => ({ at: 10, do: 'wipe', node }))
    const rotten: FaultStep = { at: 10, do: 'disk', node: 'c', change: { rot: 0.5 } }
    for (const seed of [1, 2, 3, 4, 5]) {
      const [two] = await looksOf([...wiped(['a']), rotten], {}, seed)
      expect(two?.core).toEqual(['b', 'd', 'e'])
      const [four] = await looksOf(wiped(['a', 'b', 'c', 'd']), {}, seed)
      expect(four?.core).toContain('e')
    }
  })
})

describe('liveness', () => {
  test('a node that does not come back breaks convergence', async () => {
    const suite = counterSuite('never comes back')
    const scenario = { ...planScenario(suite, 1), faults: [{ at: 10, do: 'crash', node: 'server' } as const] }
    const failure: unknown = await simulate(suite, scenario).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(SimulationFailure)
    expect(failure).toMatchObject({ check: 'convergence' })
    expect(String(failure)).toMatch(
      /did not converge within 30000 simulated ms with everything mended; not booted: server/,
    )
  })

  test('a core that converges and is of no use breaks progress', async () => {
    const suite = registerSuite('waits for all')
    const scenario = {
      ...planScenario(suite, 1),
      operations: [],
      faults: ['a', 'b', 'c', 'd', 'e'].map((node) => ({ at: 10, do: 'crash', node }) as const),
    }
    await expect(simulate(suite, scenario)).rejects.toMatchObject({ check: 'progress' })
    await simulate(registerSuite('waits for all', { progress: 0 }), scenario)
    await simulate(registerSuite('waits for all', { quorum: false }), scenario)
  })

  test('a node of the core that never answers breaks progress, unless the suite says that it serves nobody', async () => {
    const { model: _, ...base } = registerSuite()
    const suite: typeof base = {
      ...base,
      nodes: ['a', 'b'],
      quorum: false,
      convergeWithinMs: 1000,
      perform: ({ node }) => (node.id === 'a' ? new Promise(() => {}) : Promise.resolve(0)),
    }
    const scenario = { ...planScenario(suite, 1), operations: [], faults: [] }
    const failure = await simulate(suite, scenario).catch((error: unknown) => error)
    expect(failure).toMatchObject({ check: 'progress' })
    expect(String(failure)).toMatch(
      /0 of 3 operations succeeded at a within 1000 simulated ms after a, b had/,
    )
    await simulate({ ...suite, serving: (_run, core) => core.filter((id) => id !== 'a') }, scenario)
  })

  test('operations that are tried there have values of their own, and are part of the history', async () => {
    const suite = registerSuite(undefined, {
      workload: { next: (_, { count }) => ({ f: 'write', value: count }) },
    })
    const scenario = { ...planScenario(suite, 1), operations: [], faults: [] }
    const { recorded } = await simulate(suite, scenario, { timelineEvents: 10 })
    const operations = recorded?.operations ?? []
    expect(operations.map(({ value }) => value)).toEqual(operations.map((_, place) => 1_000_000 + place))
    expect(operations.filter(({ outcome }) => outcome === 'ok').length).toBe(3 * 3)
  })
})
