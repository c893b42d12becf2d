import { TestingError } from '../errors.ts'
import type { RecordedRun } from '../scenario/run-report.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { SimulationFailure } from '../scenario/simulation-failure.ts'
import { simulate } from '../scenario/simulate.ts'
import type { Suite } from '../scenario/suite.ts'
import { messageOf } from '../scenario/broken-check.ts'
import type { ShrinkResult } from '../shrink/shrink.ts'
import { shrink } from '../shrink/shrink.ts'
import type { ExploreOptions, SavedRun } from './explore-options.ts'
import { TIMELINE_EVENTS } from './timeline-events.ts'
import { reproLine } from './repro.ts'
import type { Seed } from './seed.ts'
import { formatSeed } from './seed.ts'

/** A scenario of more steps is not for a message. */
const STEPS_IN_MESSAGE = 20

/** Shrinks what failed, records and saves it, and makes the error to throw. */
export async function exploredFailure<Service, State>(
  suite: Suite<Service, State>,
  failure: SimulationFailure,
  options: ExploreOptions,
): Promise<TestingError> {
  const { seed } = failure.scenario
  try {
    const shrunk = await shrunkFailure(suite, failure, options)
    const smallest = await recordedFailure(suite, shrunk?.failure ?? failure, options)
    const saved = await saveFailure(smallest, seed, options)
    const parts = [
      `seed ${formatSeed(seed)} fails: ${plainMessage(smallest)}`,
      ...(shrunk === undefined ? [] : [tellShrunk(shrunk, failure.scenario)]),
      ...(saved.length === 0 ? [] : [`saved as:\n${saved.join('\n')}`]),
      `to repeat it:\n${repro(seed, options)}`,
    ]
    return new SimulationFailure(parts.join('\n\n'), smallest)
  } catch (error) {
    return withRepro(error, seed, options)
  }
}

/** The same error, ending with the line that repeats it. */
export function withRepro(error: unknown, seed: Seed, options: ExploreOptions): TestingError {
  const code = error instanceof TestingError ? error.code : 'TESTING_RUN_FAILED'
  const told = `seed ${formatSeed(seed)} fails: ${plainMessage(error)}`
  return new TestingError(code, `${told}\n\nto repeat it:\n${repro(seed, options)}`, { cause: error })
}

/** Saves a run that did not fail. */
export async function saveRecorded(run: RecordedRun, options: ExploreOptions): Promise<void> {
  const { suite, seed } = run.scenario
  await options.save?.({ ...run, ...namesOf(suite, seed), repro: repro(seed, options) })
}

async function shrunkFailure<Service, State>(
  suite: Suite<Service, State>,
  failure: SimulationFailure,
  { shrinkRuns, strict }: ExploreOptions,
): Promise<ShrinkResult | undefined> {
  if (shrinkRuns === 0 || failure.check === 'vacuous') return undefined
  return await shrink(suite, failure, {
    ...(shrinkRuns !== undefined && { runs: shrinkRuns }),
    ...(strict !== undefined && { strict }),
  })
}

/** The same failure once more, with a timeline. */
async function recordedFailure<Service, State>(
  suite: Suite<Service, State>,
  { check, scenario }: SimulationFailure,
  { strict }: ExploreOptions,
): Promise<SimulationFailure> {
  // A run is vacuous by what its seed had planned.
  const what = check === 'vacuous' ? scenario.seed : scenario
  const settings = { timelineEvents: TIMELINE_EVENTS, ...(strict !== undefined && { strict }) }
  try {
    await simulate(suite, what, settings)
  } catch (error) {
    if (error instanceof SimulationFailure && error.check === check) return withBreaks(error)
    throw error
  }
  throw new TestingError('TESTING_NOT_DETERMINISTIC', `'${check}' did not break when the run was repeated`)
}

/** The failure with a scenario that says what it breaks, ready to be pinned. */
function withBreaks(failure: SimulationFailure): SimulationFailure {
  const scenario: Scenario = { ...failure.scenario, breaks: failure.check }
  return new SimulationFailure(plainMessage(failure), { ...detailsOf(failure), scenario })
}

function detailsOf(failure: SimulationFailure): ConstructorParameters<typeof SimulationFailure>[1] {
  const { check, scenario, operations, begun, atMs, traceHash, witness, timeline, cause } = failure
  return {
    ...{ check, scenario, operations, begun, atMs, traceHash, cause },
    ...(witness !== undefined && { witness }),
    ...(timeline !== undefined && { timeline }),
  }
}

async function saveFailure(
  failure: SimulationFailure,
  seed: Seed,
  options: ExploreOptions,
): Promise<readonly string[]> {
  const { scenario, operations, check, witness, timeline } = failure
  if (options.save === undefined || timeline === undefined) return []
  return await options.save({
    ...namesOf(scenario.suite, seed),
    ...{ scenario, operations, timeline },
    failure: { check, message: plainMessage(failure) },
    ...(witness !== undefined && { witness }),
    repro: repro(seed, options),
  })
}

function namesOf(suite: string, seed: Seed): Pick<SavedRun, 'name' | 'title'> {
  const title = `${suite}, seed ${formatSeed(seed)}`
  return { title, name: `${suite} ${formatSeed(seed)}`.replaceAll(/[^\w.]+/g, '-') }
}

function repro(seed: Seed, { file, test, command }: ExploreOptions): string {
  return reproLine({
    ...{ seed, file },
    ...(test !== undefined && { test }),
    ...(command !== undefined && { command }),
  })
}

/** Without the code, which the error around it says again. */
function plainMessage(error: unknown): string {
  return messageOf(error).replace(/^\[TESTING_\w+\] /, '')
}

function tellShrunk({ scenario, runs, steps, minimal }: ShrinkResult, before: Scenario): string {
  const count = before.faults.length + before.operations.length
  const limit = minimal ? '' : ' (and no further, because they were used up)'
  const all = [...scenario.faults, ...scenario.operations].toSorted((left, right) => left.at - right.at)
  const lines = all.slice(0, STEPS_IN_MESSAGE).map((step) => `  ${JSON.stringify(step)}`)
  const more = all.length > STEPS_IN_MESSAGE ? [`  … and ${all.length - STEPS_IN_MESSAGE} more`] : []
  const nodes = scenario.nodes.join(', ')
  const told = `shrunk from ${count} steps to ${steps} in ${runs} runs${limit}; nodes ${nodes}:`
  return [told, ...lines, ...more].join('\n')
}
