import { TestingError } from '../errors.ts'
import type { RunReport } from '../scenario/run-report.ts'
import { SimulationFailure } from '../scenario/simulation-failure.ts'
import { simulate } from '../scenario/simulate.ts'
import type { Suite } from '../scenario/suite.ts'
import { checkDeterminism } from '../trace/determinism.ts'
import type { ExploreOptions } from './explore-options.ts'
import { exploredFailure, saveRecorded, withRepro } from './explored-failure.ts'
import { runEnvironment } from './run-environment.ts'
import type { Seed } from './seed.ts'
import { SeedSource } from './seed-source.ts'
import { seedsFromEnvironment } from './seeds.ts'
import type { SuiteReport } from './suite-report.ts'
import { addRun, emptyReport } from './suite-report.ts'
import { TIMELINE_EVENTS } from './timeline-events.ts'

const DEFAULT_SEEDS = 100
const DEFAULT_COVER_AFTER = 200

/**
 * Runs a suite with every seed, the first one twice to see that both runs are the same. A failing seed is shrunk, saved, and thrown with one line that repeats it.
 * @throws A {@link SimulationFailure} of the smallest scenario that breaks the same check; a {@link TestingError} with code `TESTING_NOT_DETERMINISTIC`, or
 *   `TESTING_RUN_FAILED` when the suite never reached a state that it should.
 * @category Runner
 */
export async function explore<Service, State>(
  suite: Suite<Service, State>,
  options: ExploreOptions,
): Promise<SuiteReport> {
  const source = seedSource(options)
  let report = emptyReport(suite.name, suite.sometimes)
  for (let seed = source.next(); seed !== undefined; seed = source.next()) {
    report = addRun(report, await runOnce(suite, seed, options, report.seeds === 0))
  }
  requireCoverage(suite, report, options)
  return report
}

/** The seeds that the options and the environment ask for. */
export function seedSource({ seeds, timeMs }: Pick<ExploreOptions, 'seeds' | 'timeMs'>): SeedSource {
  const wanted = seeds ?? seedsFromEnvironment({ count: DEFAULT_SEEDS })
  if (wanted.length === 0)
    throw new TestingError('TESTING_INVALID_OPTION', 'seeds must hold at least one seed')
  return new SeedSource(wanted, timeMs ?? runEnvironment().timeMs ?? 0)
}

async function runOnce<Service, State>(
  suite: Suite<Service, State>,
  seed: Seed,
  options: ExploreOptions,
  twice: boolean,
): Promise<RunReport> {
  try {
    const report = await runSeed(suite, seed, options, twice)
    if (report.recorded !== undefined) await saveRecorded(report.recorded, options)
    return report
  } catch (error) {
    if (error instanceof SimulationFailure) throw await exploredFailure(suite, error, options)
    throw withRepro(error, seed, options)
  }
}

/** Runs one seed, once, or twice to see that both runs are the same. */
export async function runSeed<Service, State>(
  suite: Suite<Service, State>,
  seed: Seed,
  { strict }: Pick<ExploreOptions, 'strict'>,
  twice: boolean,
): Promise<RunReport> {
  const recorded = runEnvironment().trace ? { timelineEvents: TIMELINE_EVENTS } : {}
  const settings = { ...recorded, ...(strict !== undefined && { strict }) }
  const report = await simulate(suite, seed, settings)
  if (!twice) return report
  // The first of the two runs that are compared is over.
  const hashes = [report.traceHash]
  await checkDeterminism(async () => hashes.pop() ?? (await simulate(suite, seed, settings)).traceHash, seed)
  return report
}

/** Throws when enough seeds ran, and a state that the suite names was never reached. */
export function requireCoverage<Service, State>(
  { name, sometimes = [] }: Suite<Service, State>,
  report: SuiteReport,
  { coverAfter = DEFAULT_COVER_AFTER, file }: ExploreOptions,
): void {
  if (report.seeds < coverAfter) return
  const missed = sometimes.filter((state) => (report.sometimes[state] ?? 0) === 0)
  if (missed.length === 0) return
  const told = missed.map((state) => `'${state}'`).join(', ')
  throw new TestingError(
    'TESTING_RUN_FAILED',
    `suite '${name}' (${file}) never reached ${told} in ${report.seeds} seeds: it shows nothing about that`,
  )
}
