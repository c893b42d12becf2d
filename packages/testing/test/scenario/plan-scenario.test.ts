import { describe, expect, test } from 'vitest'
import { formatScenario, parseScenario } from '../../src/scenario/parse-scenario.ts'
import { planScenario } from '../../src/scenario/plan-scenario.ts'
import { counterSuite } from './counter-suite.ts'
import { registerSuite } from './register-suite.ts'

describe('a planned scenario', () => {
  test('is plain data, in order of time, and the same for the same seed', () => {
    const suite = registerSuite()
    const scenario = planScenario(suite, 7)
    expect(planScenario(suite, 7)).toEqual(scenario)
    expect(planScenario(suite, 8)).not.toEqual(scenario)
    expect(parseScenario(formatScenario(scenario))).toEqual(scenario)
    const times = scenario.operations.map(({ at }) => at)
    expect(times).toEqual(times.toSorted((left, right) => left - right))
    expect(Math.max(...times)).toBeLessThan(5000)
    expect(new Set(scenario.operations.map(({ node }) => node))).toEqual(new Set(scenario.nodes))
  })

  test('a client more leaves what the others do as it was', () => {
    const next = (random: { readonly float: () => number }): { f: string } => ({ f: `f${random.float()}` })
    const planned = (clients: number): Map<string, unknown> => {
      const suite = registerSuite(undefined, { workload: { clients, next } })
      const { operations } = planScenario(suite, 1)
      return new Map(operations.map((operation) => [`${operation.process}@${operation.at}`, operation]))
    }
    const [three, four] = [planned(3), planned(4)]
    expect(four.size).toBeGreaterThan(three.size)
    for (const [key, operation] of three) expect(four.get(key)).toEqual(operation)
  })

  test('leaves faults in effect at its end, and never mends everything', () => {
    const lasting = Array.from({ length: 40 }, (_, seed) => planScenario(registerSuite(), seed)).filter(
      ({ faults }) => {
        const downs = new Set<string>()
        for (const step of faults) {
          if (step.do === 'crash') downs.add(String(step.node))
          if (step.do === 'restart') downs.delete(String(step.node))
        }
        return downs.size > 0
      },
    )
    expect(lasting.length).toBeGreaterThan(3)
    for (const { faults, durationMs } of lasting)
      for (const { at } of faults) expect(at).toBeLessThan(durationMs)
  })

  test('takes nodes, conditions, faults and the node of an operation from the suite', () => {
    const suite = counterSuite(undefined, {
      nodes: (random) => (random.float() < 2 ? ['x', 'y'] : []),
      conditions: (random, nodes) => ({
        network: { loss: 0.1 },
        disk: { sync: [1, 2] },
        settings: { timeoutMs: random.integer(5, 5), first: nodes[0] },
      }),
      faults: (_, nodes, durationMs) => [
        { at: durationMs, do: 'heal' },
        { at: 20, do: 'pause', node: nodes[1]! },
        { at: 10, do: 'pause', node: nodes[0]! },
      ],
      workload: { clients: 1, gapMs: [100, 100], next: (_, { nodes }) => ({ f: 'add', node: nodes[1]! }) },
    })
    const { operations, ...scenario } = planScenario(suite, 'text')
    expect(scenario).toEqual({
      v: 1,
      suite: 'counter',
      seed: 'text',
      nodes: ['x', 'y'],
      durationMs: 1000,
      network: { loss: 0.1 },
      disk: { sync: [1, 2] },
      settings: { timeoutMs: 5, first: 'x' },
      faults: [
        { at: 10, do: 'pause', node: 'x' },
        { at: 20, do: 'pause', node: 'y' },
      ],
    })
    expect(new Set(operations.map(({ node }) => node))).toEqual(new Set(['y']))
    expect(operations.length).toBeGreaterThan(8)
  })

  test('refuses what a file could not hold, and what is out of range', () => {
    const drawing = (value: unknown): (() => unknown) => {
      const workload = { next: () => ({ f: 'add', value }) }
      return () => planScenario(counterSuite(undefined, { workload }), 1)
    }
    for (const value of [new Map(), Number.NaN, -0, 1n, { a: [() => 1] }, { a: undefined }, new Date(0)]) {
      expect(drawing(value)).toThrow(expect.objectContaining({ code: 'TESTING_INVALID_OPTION' }))
    }
    expect(drawing({ a: [undefined] })).toThrow(/value of operation 'add'\.a\[0\] must be plain data/)
    expect(drawing({ a: [null, 1, 'b', true, { c: -1.5 }] })).not.toThrow()
    expect(() => planScenario(counterSuite(undefined, { nodes: ['a', 'a'] }), 1)).toThrow(/nodes/)
    expect(() => planScenario(counterSuite(undefined, { nodes: [] }), 1)).toThrow(/nodes/)
    expect(() => planScenario(counterSuite(undefined, { durationMs: 0 }), 1)).toThrow(/durationMs/)
    const backwards = { gapMs: [10, 5] as const, next: () => ({ f: 'add' }) }
    expect(() => planScenario(counterSuite(undefined, { workload: backwards }), 1)).toThrow(/gapMs/)
  })
})
