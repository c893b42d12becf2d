import { describe, expect, test, vi } from 'vitest'
import { explore } from '../../src/run/explore.ts'
import type { SavedRun } from '../../src/run/explore-options.ts'
import { formatSuiteReport } from '../../src/run/format-suite-report.ts'
import { mergeReports } from '../../src/run/suite-report.ts'
import { formatScenario, parseScenario } from '../../src/scenario/parse-scenario.ts'
import { SimulationFailure } from '../../src/scenario/simulation-failure.ts'
import { simulate } from '../../src/scenario/simulate.ts'
import { counterSuite } from '../scenario/counter-suite.ts'
import { restoreEnvironment, setEnvironment } from './environment.ts'

restoreEnvironment()

const file = 'test/counter.sim.ts'

describe('a suite over many seeds', () => {
  test('is added up', async () => {
    const seeds = [1, 2, 3]
    const report = await explore(counterSuite(), { seeds, file })
    const runs = await Promise.all(seeds.map((seed) => simulate(counterSuite(), seed)))
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
    expect(report).toMatchObject({
      suite: 'counter',
      seeds: 3,
      events: sum(runs.map(({ events }) => events)),
      operations: { add: { ok: sum(runs.map(({ operations }) => operations['add']?.ok ?? 0)) } },
      undecided: 0,
    })
    expect(report.simulatedMs).toBeCloseTo(sum(runs.map(({ simulatedMs }) => simulatedMs)), 3)
    expect(report.states).toBeUndefined()
    const halves = await Promise.all(
      [[1], [2, 3]].map((some) => explore(counterSuite(), { seeds: some, file })),
    )
    expect(mergeReports(halves[0]!, halves[1]!)).toEqual(report)
  })

  test('counts the histories that its order does not explain', async () => {
    const orderly = (order: readonly number[]): ReturnType<typeof counterSuite> =>
      counterSuite(undefined, { order: () => order })
    const report = await explore(orderly([]), { seeds: [1, 2], file })
    expect(report).toMatchObject({ undecided: 0, unexplained: 2 })
    const other = await explore(counterSuite(), { seeds: [3], file })
    expect(other.unexplained).toBeUndefined()
    expect(mergeReports(report, other).unexplained).toBe(2)
    expect(mergeReports(report, report).unexplained).toBe(4)
  })

  test('counts states that are told apart, the different ones of each run', async () => {
    const fingerprint = (): string => 'always the same'
    const { states } = await explore(counterSuite(undefined, { fingerprint }), { seeds: [1, 2], file })
    expect(states?.distinct).toBe(2)
    expect(states?.looks).toBeGreaterThan(4)
    const { states: more } = await simulate(
      counterSuite(undefined, { fingerprint: ({ world }) => world.now }),
      1,
    )
    expect(more?.distinct).toBeGreaterThan(2)
  })

  test('runs its first seed twice, and finds out what is not repeatable', async () => {
    const booted: unknown[] = []
    const suite = counterSuite(undefined, {
      faults: () => [],
      boot: (_, { scenario }) => {
        booted.push(scenario.seed)
        return { value: 0 }
      },
    })
    await explore(suite, { seeds: [1, 2], file })
    expect(booted).toEqual([1, 1, 2])
    let count = 0
    const changing = counterSuite(undefined, {
      model: undefined as never,
      perform: () => Promise.resolve((count += 1)),
    })
    const failing = explore(changing, { seeds: [5], file })
    await expect(failing).rejects.toMatchObject({ code: 'TESTING_NOT_DETERMINISTIC' })
    await expect(failing).rejects.toThrow(/\nCOLONY_SEED=0x5 npx vitest run test\/counter\.sim\.ts$/)
  })

  test('takes its seeds from the environment, and refuses to run none', async () => {
    setEnvironment({ COLONY_SEEDS: '2', COLONY_BASE: '7' })
    expect(await explore(counterSuite(), { file })).toEqual(
      await explore(counterSuite(), { seeds: [7, 8], file }),
    )
    await expect(explore(counterSuite(), { seeds: [], file })).rejects.toThrow(/seeds/)
  })

  test('goes on with new seeds for as long as it is told', async () => {
    const seen = new Set<unknown>()
    const suite = counterSuite(undefined, { state: ({ seed }) => seen.add(seed) })
    let now = 0
    using _clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 20))
    setEnvironment({ COLONY_TIME: '0.05' })
    const { seeds } = await explore(suite, { seeds: [3], file })
    // Looked at after 20 and 40 milliseconds, and then it is too late.
    expect(seeds).toBe(3)
    expect([...seen]).toEqual([3, 4, 5])
    expect((await explore(suite, { seeds: [3], timeMs: 0, file })).seeds).toBe(1)
  })

  test('fails when a state that it names is never reached, once enough seeds ran', async () => {
    const suite = counterSuite(undefined, {
      sometimes: ['above two', 'below zero'],
      invariants: {
        look: (run) => {
          const value = run.world.node('server').service?.value ?? 0
          if (value > 2) run.sometimes('above two')
          if (value < 0) run.sometimes('below zero')
        },
      },
    })
    const few = await explore(suite, { seeds: [1, 2], file })
    expect(few.sometimes['below zero']).toBe(0)
    expect(few.sometimes['above two']).toBeGreaterThan(2)
    const enough = explore(suite, { seeds: [1, 2], file, coverAfter: 2 })
    await expect(enough).rejects.toMatchObject({ code: 'TESTING_RUN_FAILED' })
    await expect(enough).rejects.toThrow(/never reached 'below zero' in 2 seeds/)
    await explore({ ...suite, sometimes: ['above two'] }, { seeds: [1, 2], file, coverAfter: 2 })
  })
})

describe('a seed that fails', () => {
  async function failureOf(options: Partial<Parameters<typeof explore>[1]> = {}): Promise<SimulationFailure> {
    const suite = counterSuite('loses one in ten')
    const failure: unknown = await explore(suite, { seeds: [0x2a], file, test: 'counts', ...options }).catch(
      (error: unknown) => error,
    )
    if (failure instanceof SimulationFailure) return failure
    throw new Error(`no failure: ${String(failure)}`)
  }

  test('is shrunk, saved, and thrown with a line that repeats it', async () => {
    const saved: SavedRun[] = []
    const failure = await failureOf({ save: (run) => [`out/${saved.push(run)}.json`] })
    expect(failure).toMatchObject({ code: 'TESTING_RUN_FAILED', check: 'linearizability' })
    expect(failure.scenario.operations.length + failure.scenario.faults.length).toBeLessThan(4)
    expect(failure.scenario.breaks).toBe('linearizability')
    expect(failure.timeline?.events.length).toBeGreaterThan(0)
    expect(failure.message).toMatch(/^\[TESTING_RUN_FAILED\] seed 0x2a fails: linearizability: no order/)
    expect(failure.message).toMatch(/shrunk from \d+ steps to \d+ in \d+ runs; nodes server:\n {2}\{"at":/)
    expect(failure.message).toContain('saved as:\nout/1.json\n')
    expect(failure.message).toMatch(
      /\n\nto repeat it:\nCOLONY_SEED=0x2a npx vitest run test\/counter\.sim\.ts -t counts$/,
    )
    expect(saved).toHaveLength(1)
    const [run] = saved
    expect(run).toMatchObject({
      name: 'counter-0x2a',
      title: 'counter, seed 0x2a',
      failure: { check: 'linearizability' },
      witness: failure.witness,
      scenario: failure.scenario,
    })
    expect(run?.repro).toBe('COLONY_SEED=0x2a npx vitest run test/counter.sim.ts -t counts')
    const pinned = parseScenario(formatScenario(failure.scenario))
    await expect(simulate(counterSuite('loses one in ten'), pinned)).rejects.toMatchObject({
      check: 'linearizability',
      traceHash: failure.traceHash,
    })
    await simulate(counterSuite(), pinned)
  })

  test('is left as it is when that is asked for, and when it is vacuous', async () => {
    const whole = await failureOf({ shrinkRuns: 0 })
    expect(whole.scenario.operations.length).toBeGreaterThan(20)
    expect(whole.message).not.toContain('shrunk')
    const vacuous = explore(counterSuite(undefined, { leastOk: 1e6 }), { seeds: [1], file })
    await expect(vacuous).rejects.toMatchObject({ check: 'vacuous' })
    await expect(vacuous).rejects.toThrow(/COLONY_SEED=0x1 npx vitest run test\/counter\.sim\.ts$/)
  })

  test('stops the suite', async () => {
    const seen: unknown[] = []
    const suite = counterSuite('loses one in ten', { state: ({ seed }) => seen.push(seed) })
    await expect(explore(suite, { seeds: [1, 2], file, shrinkRuns: 1 })).rejects.toMatchObject({
      scenario: { seed: 1 },
    })
    expect(seen).not.toContain(2)
  })
})

test('with COLONY_TRACE every run is saved', async () => {
  setEnvironment({ COLONY_TRACE: '1' })
  const saved: SavedRun[] = []
  await explore(counterSuite(), { seeds: [1, 'x y'], file, save: (run) => [String(saved.push(run))] })
  expect(saved.map(({ name, failure }) => [name, failure])).toEqual([
    ['counter-0x1', undefined],
    ['counter-x-y', undefined],
  ])
  expect(saved[0]?.timeline.events.length).toBeGreaterThan(10)
})

test('a report is a section of markdown', async () => {
  const report = {
    suite: 'counter',
    seeds: 12_345,
    simulatedMs: 123_456_789,
    events: 1000,
    operations: { add: { ok: 1_234_567, fail: 0, unknown: 12 }, 'a|b': { ok: 1, fail: 2, unknown: 3 } },
    faults: { crash: 7 },
    sometimes: { 'above two': 3 },
    undecided: 0,
  }
  expect(formatSuiteReport(report)).toBe(`### counter

| seeds  | simulated time | events | undecided histories |
| ------ | -------------: | -----: | ------------------: |
| 12,345 |           34 h |  1,000 |                   0 |

| operation |        ok | fail | unknown |
| --------- | --------: | ---: | ------: |
| add       | 1,234,567 |    0 |      12 |
| a\\|b      |         1 |    2 |       3 |

| fault | times |
| ----- | ----: |
| crash |     7 |

| reached   | times |
| --------- | ----: |
| above two |     3 |
`)
  expect(formatSuiteReport({ ...report, states: { looks: 1000, distinct: 12 } })).toContain(
    '| looks at the state | different within a run |\n| ------------------ | ---------------------: |\n| 1,000              |                     12 |\n',
  )
  expect(formatSuiteReport({ ...report, unexplained: 2 })).toContain(
    '| undecided histories | not explained by their order |\n',
  )
  const bare = formatSuiteReport({ ...report, simulatedMs: 5000, operations: {}, faults: {}, sometimes: {} })
  expect(bare).toContain('5 s')
  expect(bare.split('\n\n')).toHaveLength(2)
})
