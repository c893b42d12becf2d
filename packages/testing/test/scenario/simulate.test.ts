import { describe, expect, test } from 'vitest'
import { planScenario } from '../../src/scenario/plan-scenario.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { SimulationFailure } from '../../src/scenario/simulation-failure.ts'
import { simulate } from '../../src/scenario/simulate.ts'
import type { Suite } from '../../src/scenario/suite.ts'
import { counterSuite } from './counter-suite.ts'
import { registerSuite } from './register-suite.ts'

type CounterSuite = Suite<{ value: number }>

/** How a run fails; fails itself when it does not. */
async function failureOf<Service, State>(
  suite: Suite<Service, State>,
  what: number | Scenario,
): Promise<SimulationFailure> {
  const failure: unknown = await simulate(suite, what).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (failure instanceof SimulationFailure) return failure
  throw new Error(`no failure of a simulation: ${String(failure)}`)
}

function scenarioOf(suite: CounterSuite, more: Partial<Scenario>): Scenario {
  return { ...planScenario(suite, 1), operations: [], faults: [], ...more }
}

describe('a run', () => {
  test('of a sound service passes, is reported, and is the same every time', async () => {
    const suite = registerSuite()
    const report = await simulate(suite, 3)
    expect(await simulate(suite, 3)).toEqual(report)
    expect(await simulate(suite, planScenario(suite, 3))).toEqual(report)
    expect((await simulate(suite, 4)).traceHash).not.toBe(report.traceHash)
    expect(report).toMatchObject({ seed: 3, verdict: 'ok', sometimes: {} })
    expect(report.simulatedMs).toBeGreaterThan(5000)
    expect(report.operations['write']?.ok).toBeGreaterThan(30)
    expect(Object.values(report.faults).length).toBeGreaterThan(0)
    expect(report.recorded).toBeUndefined()
  })

  test('keeps what a picture needs when it is asked to', async () => {
    const { recorded } = await simulate(registerSuite(), 3, { timelineEvents: 500 })
    expect(recorded?.timeline.events.length).toBe(500)
    expect(recorded?.operations.length).toBeGreaterThan(100)
    expect(recorded?.scenario).toEqual(planScenario(registerSuite(), 3))
  })

  test('counts what clients got into the hash, also where no event differs', async () => {
    const answers = (answer: number): CounterSuite =>
      counterSuite(undefined, { model: undefined as never, perform: () => Promise.resolve(answer) })
    const hashes = await Promise.all(
      [1, 1, 2].map(async (answer) => (await simulate(answers(answer), 1)).traceHash),
    )
    expect(hashes[0]).toBe(hashes[1])
    expect(hashes[0]).not.toBe(hashes[2])
  })

  test('of another suite is refused', async () => {
    const scenario = planScenario(registerSuite(), 1)
    await expect(simulate(counterSuite(), scenario)).rejects.toMatchObject({ code: 'TESTING_INVALID_OPTION' })
  })
})

describe('clients', () => {
  test('do one thing after the other, at the planned time or when they are done', async () => {
    const suite = counterSuite(undefined, {
      perform: async ({ run, node, operation }) => {
        await run.world.sleep(operation.f === 'slow' ? 50 : 1)
        return await node.call((counter) => (counter.value += 1))
      },
    })
    const step = { process: 1, node: 'server' }
    const operations = [
      { at: 10, f: 'slow', ...step },
      { at: 20, f: 'quick', ...step },
      { at: 100, f: 'quick', ...step },
      { at: 15, f: 'quick', ...step, process: 2 },
    ]
    const { recorded } = await simulate(suite, scenarioOf(suite, { operations }), { timelineEvents: 10 })
    const times = recorded?.operations.slice(0, 4).map(({ process, invokedAt }) => [process, invokedAt])
    expect(times).toEqual([
      [1, 10],
      [2, 15],
      [1, 60],
      [1, 100],
    ])
  })

  test('give up after a while, and go on under a new number, since what they gave up may still happen', async () => {
    const suite = counterSuite(undefined, {
      model: undefined as never,
      workload: { timeoutMs: 30, next: () => ({ f: 'add' }) },
      perform: ({ operation }) => (operation.f === 'hang' ? new Promise(() => {}) : Promise.resolve('done')),
    })
    const step = { process: 1, node: 'server' }
    const operations = [
      { at: 10, f: 'hang', ...step },
      { at: 20, f: 'add', ...step },
      { at: 30, f: 'add', ...step, process: 2 },
    ]
    const { recorded } = await simulate(suite, scenarioOf(suite, { operations }), { timelineEvents: 10 })
    expect(recorded?.operations.slice(0, 3)).toMatchObject([
      { process: 1, f: 'hang', outcome: 'unknown', invokedAt: 10, completedAt: Number.POSITIVE_INFINITY },
      { process: 2, outcome: 'ok' },
      { process: 3, outcome: 'ok', invokedAt: 40 },
    ])
  })

  test('know that nothing happened at a node that was down; the suite may know more', async () => {
    const faults = [{ at: 5, do: 'crash', node: 'server' } as const]
    const operations = [{ at: 10, process: 1, f: 'add', node: 'server' }]
    const outcomes = async (suite: CounterSuite): Promise<unknown> => {
      const { operations: counts } = await simulate(suite, scenarioOf(suite, { faults, operations }))
      return counts['add']
    }
    // Three more of each when everything is mended.
    expect(await outcomes(counterSuite())).toMatchObject({ ok: 3, fail: 1, unknown: 0 })
    const unsure = counterSuite(undefined, { classify: () => 'unknown' })
    expect(await outcomes(unsure)).toMatchObject({ ok: 3, fail: 0, unknown: 1 })
  })

  test('have luck of their own, whatever else is left out', async () => {
    const drawn: number[][] = []
    const suite = counterSuite(undefined, {
      progress: 0,
      perform: ({ random, operation }) => {
        drawn.push([operation.at, random.float(), random.float()])
        return Promise.resolve(drawn.length)
      },
      model: undefined as never,
    })
    const operations = [10, 20, 30].map((at) => ({ at, process: 1, f: 'add', node: 'server' }))
    await simulate(suite, scenarioOf(suite, { operations }))
    await simulate(suite, scenarioOf(suite, { operations: operations.slice(1) }))
    expect(drawn.slice(3)).toEqual(drawn.slice(1, 3))
    expect(new Set(drawn.slice(0, 3).flat()).size).toBe(9)
  })
})

describe('what breaks is told by name', () => {
  test('an invariant, thrown or denied, at the event that broke it', async () => {
    const thrown = counterSuite(undefined, {
      invariants: {
        fine: () => true,
        small: ({ world }) => {
          if ((world.node('server').service?.value ?? 0) > 3) throw new Error('it is above three')
        },
      },
    })
    const failure = await failureOf(thrown, 1)
    expect(failure).toMatchObject({ check: 'invariant: small', code: 'TESTING_RUN_FAILED' })
    expect(failure.message).toMatch(
      /invariant: small: it is above three\n\(seed 0x1, at [\d.]+ ms, after \d+ events\)\nlast events:/,
    )
    expect(failure.operations.filter(({ outcome }) => outcome === 'ok').length).toBeLessThanOrEqual(4)
    const denied = counterSuite(undefined, { invariants: { never: ({ world }) => world.now < 100 } })
    expect(await failureOf(denied, 1)).toMatchObject({ check: 'invariant: never' })
  })

  test('whatever a suite says from anywhere', async () => {
    const suite = counterSuite(undefined, {
      boot: (_, run) => {
        run.world.schedule(50, () => run.fail('of mine', 'found in passing'))
        return { value: 0 }
      },
    })
    const failure = await failureOf(suite, 1)
    expect(failure).toMatchObject({ check: 'invariant: of mine', atMs: 50 })
    expect(failure.message).toContain('found in passing')
  })

  test('a history that is not linearizable, with the impossible operation', async () => {
    const failure = await failureOf(counterSuite('loses one in ten'), 1)
    expect(failure.check).toBe('linearizability')
    expect(failure.witness?.operation.outcome).toBe('ok')
    expect(failure.atMs).toBe(failure.witness?.operation.completedAt)
    expect(failure.message).toMatch(
      /no order of the operations explains add\(\d+\) → \d+ by \d+, [\d.]+ to [\d.]+ ms/,
    )
  })

  test('something thrown, without the numbers and nodes that change when a scenario gets smaller', async () => {
    const throwing = (message: string): CounterSuite =>
      counterSuite(undefined, {
        boot: (_, { world }) => {
          world.schedule(30, () => {
            throw new TypeError(message)
          })
          return { value: 0 }
        },
      })
    const failure = await failureOf(throwing('server has 12 of 3.5 things\nand more'), 1)
    expect(failure.check).toBe('crash: * has # of # things')
    expect(failure.cause).toBeInstanceOf(TypeError)
    expect(failure.message).toContain('crash: server has 12 of 3.5 things')
  })

  test('a check at the end, also when it takes time', async () => {
    const suite = counterSuite(undefined, {
      checks: {
        fine: async ({ world }) => await world.run(100),
        total: async ({ world }) => {
          const value = await world.finish(world.node('server').call((counter) => counter.value))
          if (value > 0) throw new Error(`it counted to ${value}`)
        },
      },
    })
    const failure = await failureOf(suite, 1)
    expect(failure.check).toBe('check: total')
    expect(failure.message).toContain('it counted to')
  })

  test('too few successes in a run of a seed, with what the last one threw; a scenario may have as few as it likes', async () => {
    const suite = counterSuite(undefined, {
      progress: 0,
      model: undefined as never,
      perform: () => Promise.reject(new Error('no such method')),
    })
    const failure = await failureOf(suite, 1)
    expect(failure.check).toBe('vacuous')
    expect(failure.message).toMatch(
      /0 of \d+ operations succeeded, less than 1; the last error: no such method/,
    )
    await simulate(suite, planScenario(suite, 1))
    const demanding = counterSuite(undefined, { leastOk: 100_000 })
    expect((await failureOf(demanding, 1)).check).toBe('vacuous')
  })

  test('a history that cannot be decided within its budget is no failure, but is told', async () => {
    const report = await simulate(counterSuite(undefined, { checkBudget: 1 }), 1)
    expect(report.verdict).toBe('unknown')
  })
})
