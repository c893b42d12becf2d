import { describe, expect, test, vi } from 'vitest'
import { planScenario } from '../../src/scenario/plan-scenario.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { SimulationFailure } from '../../src/scenario/simulation-failure.ts'
import { simulate } from '../../src/scenario/simulate.ts'
import type { Conditions, Suite } from '../../src/scenario/suite.ts'
import { shrink } from '../../src/shrink/shrink.ts'
import { counterSuite } from '../scenario/counter-suite.ts'
import type { PlantedBug, QuorumRegister } from '../scenario/quorum-register.ts'
import { registerSuite } from '../scenario/register-suite.ts'

async function failureOf<Service>(
  suite: Suite<Service>,
  what: number | Scenario,
): Promise<SimulationFailure | undefined> {
  try {
    await simulate(suite, what)
    return undefined
  } catch (error) {
    if (error instanceof SimulationFailure) return error
    throw error
  }
}

/** Every scenario with one fault or operation less. */
function withOneLess(scenario: Scenario): Scenario[] {
  const { faults, operations } = scenario
  return [
    ...faults.map((_, place) => ({ ...scenario, faults: faults.toSpliced(place, 1) })),
    ...operations.map((_, place) => ({ ...scenario, operations: operations.toSpliced(place, 1) })),
  ]
}

const stepsOf = ({ faults, operations }: Scenario): number => faults.length + operations.length

// Hundreds of runs each: seconds on a quiet machine, more on a busy one.
vi.setConfig({ testTimeout: 120_000 })

/** Short runs of many clients, so that a bug is soon found. */
function shortSuite(bug?: PlantedBug): Suite<QuorumRegister> {
  const { workload } = registerSuite()
  const more = bug === 'own counter' ? {} : { workload: { ...workload, clients: 5, gapMs: [5, 30] as const } }
  const conditions = (): Conditions => ({ network: { meanLatencyMs: 10 } })
  return registerSuite(bug, { durationMs: 1500, convergeWithinMs: 2000, conditions, ...more })
}

/** The first seed that fails, from one on. */
async function firstFailure<Service>(suite: Suite<Service>, from = 1): Promise<SimulationFailure> {
  for (let seed = from; seed <= 200; seed += 1) {
    const failure = await failureOf(suite, seed)
    if (failure !== undefined) return failure
  }
  throw new Error('no seed fails')
}

describe('a failing scenario is made small', () => {
  test.each<[PlantedBug, string, number]>([
    // A coincidence of two frames, and times that rounding brings back to where they were.
    ['own counter', 'linearizability', 5],
    ['own counter', 'linearizability', 6],
    ['no write-back', 'linearizability', 1],
    ['waits for all', 'progress', 1],
  ])('%s: a few steps are left, and none can be left out', async (bug, check, from) => {
    const suite = shortSuite(bug)
    const failure = await firstFailure(suite, from)
    expect(failure.check).toBe(check)
    expect(stepsOf(failure.scenario)).toBeGreaterThan(60)
    const result = await shrink(suite, failure)
    expect(result.steps).toBeLessThanOrEqual(6)
    expect(result.runs).toBeLessThan(300)
    expect(result.minimal).toBe(true)
    expect(result.steps).toBe(stepsOf(result.scenario))
    expect(result.scenario.breaks).toBe(failure.check)
    const again = await failureOf(suite, result.scenario)
    expect(again).toMatchObject({ check: failure.check, traceHash: result.failure.traceHash })
    for (const less of withOneLess(result.scenario))
      expect((await failureOf(suite, less))?.check).not.toBe(failure.check)
  })

  test('always in the same way', async () => {
    const suite = shortSuite('own counter')
    const failure = await firstFailure(suite)
    expect(await shrink(suite, failure)).toEqual(await shrink(suite, failure))
  })

  test('only as long as the same check breaks', async () => {
    // Anything smaller than the whole breaks another check first.
    const suite = counterSuite(undefined, {
      checks: {
        big: ({ scenario }) => {
          if (stepsOf(scenario) < 10) throw new Error('too small')
        },
        counted: ({ history }) => {
          if (history.counts.ok > 5) throw new Error('too many')
        },
      },
    })
    const failure = (await failureOf(suite, 1))!
    expect(failure.check).toBe('check: counted')
    const { scenario } = await shrink(suite, failure)
    expect(stepsOf(scenario)).toBe(10)
  })

  test('within its runs, and says so', async () => {
    const suite = shortSuite('own counter')
    const failure = await firstFailure(suite)
    const result = await shrink(suite, failure, { runs: 10 })
    expect(result).toMatchObject({ runs: 10, minimal: false })
    expect(result.steps).toBeLessThan(stepsOf(failure.scenario))
    expect((await failureOf(suite, result.scenario))?.check).toBe(failure.check)
    await expect(shrink(suite, failure, { runs: 0 })).rejects.toMatchObject({
      code: 'TESTING_INVALID_OPTION',
    })
  })

  test('nodes, clients, conditions and strengths go too, and times get round', async () => {
    const conditions = { network: { loss: 0.0123, meanLatencyMs: 7 }, disk: { sync: [1, 2] as const } }
    const suite = counterSuite(undefined, {
      nodes: ['server', 'x', 'y'],
      conditions: () => conditions,
      faults: () => [
        { at: 123.4, do: 'crash', node: 'server' },
        { at: 155.5, do: 'restart', node: 'server' },
        { at: 160.1, do: 'network', change: { loss: 0.123, reorder: 0.5 } },
        { at: 170.1, do: 'loop', node: 'server', busyMs: 12.34 },
        {
          at: 400.1,
          do: 'cut',
          links: [
            ['server', 'x'],
            ['x', 'y'],
          ],
        },
      ],
      invariants: {
        calm: ({ scenario: { faults, operations } }) => {
          const has = (kind: string): boolean => faults.some((step) => step.do === kind)
          const lossy = faults.some((step) => step.do === 'network' && (step.change.loss ?? 0) > 0.1)
          return !(has('loop') && lossy && has('crash') && operations.length > 1)
        },
      },
    })
    const result = await shrink(suite, (await failureOf(suite, 1))!)
    const [first, second] = result.scenario.operations
    expect(result.minimal).toBe(true)
    expect(result.scenario).toEqual({
      v: 1,
      suite: 'counter',
      seed: 1,
      nodes: ['server'],
      durationMs: expect.any(Number) as number,
      settings: {},
      faults: [
        { at: 0, do: 'crash', node: 'server', power: false },
        { at: 0, do: 'network', change: { loss: 0.12 } },
        { at: 0, do: 'loop', node: 'server', busyMs: 10 },
      ],
      operations: [
        { ...first, at: 0, process: 1, node: 'server' },
        { ...second, at: 0, process: 1, node: 'server' },
      ],
      breaks: 'invariant: calm',
    })
  })

  test('what happens comes soon, each step after the one before', async () => {
    const suite = counterSuite(undefined, {
      workload: { clients: 1, gapMs: [150, 300], next: () => ({ f: 'add' }) },
      invariants: {
        far: ({ scenario: { operations } }) => {
          const [first, second] = operations
          if (first === undefined || second === undefined) return true
          return !(first.at >= 100 && second.at >= first.at + 10)
        },
      },
    })
    const { scenario } = await shrink(suite, await firstFailure(suite))
    expect(scenario.operations.map(({ at }) => at)).toEqual([100, 110])
    expect(scenario.faults).toEqual([])
  })

  test('luck is kept: a rare coincidence survives that everything around it is left out', async () => {
    // Fails only when a frame takes much longer than the mean, as a few of hundreds do.
    const suite = registerSuite(undefined, {
      durationMs: 1500,
      faults: () => [],
      invariants: {
        quick: ({ history }) =>
          history.operations.every(
            ({ invokedAt, completedAt, outcome }) => outcome !== 'ok' || completedAt - invokedAt < 13.5,
          ),
      },
    })
    const failure = await firstFailure(suite)
    expect(stepsOf(failure.scenario)).toBeGreaterThan(50)
    expect(await shrink(suite, failure)).toMatchObject({ steps: 1 })
  })

  test('a vacuous run is left alone, and one that does not fail again is told', async () => {
    const suite = counterSuite(undefined, { leastOk: 1e6 })
    const vacuous = (await failureOf(suite, 1))!
    const result = await shrink(suite, vacuous)
    expect(result).toMatchObject({ runs: 0, minimal: false })
    expect(result.steps).toBe(stepsOf(vacuous.scenario))
    const failure = await firstFailure(shortSuite('own counter'))
    await expect(shrink(shortSuite(), failure)).rejects.toMatchObject({
      code: 'TESTING_NOT_DETERMINISTIC',
    })
    expect(planScenario(suite, 1).breaks).toBeUndefined()
  })
})
