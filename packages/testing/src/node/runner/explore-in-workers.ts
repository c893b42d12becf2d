import { availableParallelism } from 'node:os'
import { requireRange, TestingError } from '../../errors.ts'
import { requireCoverage, seedSource } from '../../run/explore.ts'
import type { ExploreOptions } from '../../run/explore-options.ts'
import { exploredFailure, saveRecorded, withRepro } from '../../run/explored-failure.ts'
import type { Seed } from '../../run/seed.ts'
import type { SeedSource } from '../../run/seed-source.ts'
import type { SuiteReport } from '../../run/suite-report.ts'
import { addRun, emptyReport } from '../../run/suite-report.ts'
import { SimulationFailure } from '../../scenario/simulation-failure.ts'
import { simulate } from '../../scenario/simulate.ts'
import type { Suite } from '../../scenario/suite.ts'
import { loadSuite } from './load-suite.ts'
import { SeedWorker } from './seed-worker.ts'
import type { SeedOutcome } from './worker-messages.ts'

/**
 * How to run a suite in worker threads.
 * @category Runner
 */
export interface WorkerOptions extends ExploreOptions {
  /** URL of the module that exports the suite: `new URL('suite.ts', import.meta.url)`. Each thread imports it. */
  readonly module: string | URL
  /** Name of the export. Default `suite`. */
  readonly export?: string
  /** How many threads, 1 to 1,024. Default: one a core. */
  readonly workers?: number
  /** Modules that each thread imports first, by URL: what makes Node load TypeScript, where it does not do so by itself. Default: none. */
  readonly preload?: readonly (string | URL)[]
  /** Longest real time for one seed in milliseconds, 1 to 10^9: a loop without end fails it. Default 120,000. */
  readonly seedTimeoutMs?: number
}

/**
 * Does what {@link explore} does, on all cores. The report, or the seed that fails first, is the same as without threads, whichever thread is done first. A thread that
 * dies, or hangs, is a failure of the seed that it had.
 * @throws What {@link explore} throws, and a {@link TestingError} with code `TESTING_INVALID_OPTION` when the module does not export the suite.
 * @category Runner
 */
export async function exploreInWorkers(options: WorkerOptions): Promise<SuiteReport> {
  const start = { module: String(options.module), name: options.export ?? 'suite', strict: options.strict }
  const suite = await loadSuite(start)
  const { seedTimeoutMs = 120_000 } = options
  const preload = (options.preload ?? []).map(String)
  requireRange('seedTimeoutMs', seedTimeoutMs, 1, 1e9)
  const count = Math.floor(requireRange('workers', options.workers ?? availableParallelism(), 1, 1024))
  const source = seedSource(options)
  const workers = Array.from({ length: count }, () => new SeedWorker({ start, preload, seedTimeoutMs }))
  const ledger = new Ledger(suite)
  try {
    await Promise.all(workers.map((worker) => keepBusy(worker, source, ledger, options)))
    const { failed, report } = ledger
    if (failed !== undefined) throw await failureOf(suite, failed.seed, failed.outcome, options)
    requireCoverage(suite, report, options)
    return report
  } finally {
    await Promise.all(workers.map((worker) => worker.close()))
  }
}

/** Takes seeds until there are no more, or one has failed: all earlier ones are with some worker by then. */
async function keepBusy(
  worker: SeedWorker,
  source: SeedSource,
  ledger: Ledger,
  options: WorkerOptions,
): Promise<void> {
  for (;;) {
    const seed = ledger.sawFailure ? undefined : source.next()
    if (seed === undefined) return
    const place = ledger.open()
    const outcome = await worker.run({ seed, place, twice: place === 0 })
    if (outcome.kind === 'report' && outcome.report.recorded !== undefined)
      await saveRecorded(outcome.report.recorded, options)
    ledger.settle(place, { seed, outcome })
  }
}

/** What came of a seed. */
interface Settled {
  readonly seed: Seed
  readonly outcome: SeedOutcome
}

/** Adds up outcomes in the order of the seeds, in whichever order they come. */
class Ledger {
  /** All seeds before the first that failed. */
  report: SuiteReport
  /** The first that failed. */
  failed: Settled | undefined
  /** Whether any has failed so far. */
  sawFailure = false
  readonly #early = new Map<number, Settled>()
  #opened = 0
  #next = 0

  constructor(suite: Suite) {
    this.report = emptyReport(suite.name, suite.sometimes)
  }

  /** The place of the next seed. */
  open(): number {
    return this.#opened++
  }

  settle(place: number, settled: Settled): void {
    this.sawFailure ||= settled.outcome.kind !== 'report'
    this.#early.set(place, settled)
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      if (next.outcome.kind === 'report') this.report = addRun(this.report, next.outcome.report)
      else this.failed = next
    }
  }

  #take(): Settled | undefined {
    const settled = this.failed === undefined ? this.#early.get(this.#next) : undefined
    if (settled === undefined) return undefined
    this.#early.delete(this.#next)
    this.#next += 1
    return settled
  }
}

async function failureOf(
  suite: Suite,
  seed: Seed,
  outcome: SeedOutcome,
  options: WorkerOptions,
): Promise<TestingError> {
  if (outcome.kind === 'error')
    return withRepro(new TestingError(outcome.code, withoutCode(outcome.message)), seed, options)
  const { strict } = options
  try {
    await simulate(suite, seed, strict === undefined ? {} : { strict })
  } catch (error) {
    if (error instanceof SimulationFailure) return await exploredFailure(suite, error, options)
    return withRepro(error, seed, options)
  }
  const told = 'it failed in a worker and did not when it was run again'
  return withRepro(new TestingError('TESTING_NOT_DETERMINISTIC', told), seed, options)
}

function withoutCode(message: string): string {
  return message.replace(/^\[TESTING_\w+\] /, '')
}
