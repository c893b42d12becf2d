import { requireRange, TestingError } from '../errors.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { SimulationFailure } from '../scenario/simulation-failure.ts'
import type { SimulateOptions } from '../scenario/simulate.ts'
import { simulate } from '../scenario/simulate.ts'
import type { Suite } from '../scenario/suite.ts'
import {
  dropFaults,
  dropNodes,
  dropOperations,
  mergeClients,
  separateClients,
  truncate,
} from './fewer-steps.ts'
import type { Shrinker } from './shrinker.ts'
import { simplifyConditions, simplifyFaults } from './weaker-faults.ts'
import { closeGaps, roundTimes } from './simpler-times.ts'

/**
 * How far to shrink.
 * @category Scenarios
 */
export interface ShrinkOptions extends Pick<SimulateOptions, 'strict'> {
  /** Most runs, 1 to 10^6. Default 500: a few seconds. */
  readonly runs?: number
}

/**
 * What shrinking came to.
 * @category Scenarios
 */
export interface ShrinkResult {
  /** The smallest scenario found; its `breaks` names the check. */
  readonly scenario: Scenario
  /** How it fails. */
  readonly failure: SimulationFailure
  /** How many runs it took. */
  readonly runs: number
  /** Its fault steps and operations together. */
  readonly steps: number
  /** Whether everything was tried, so that no single step can be left out of it; `false`: the runs were used up before. */
  readonly minimal: boolean
}

/** From what saves most to what only makes it nicer to read. */
const PASSES: readonly ((shrinker: Shrinker) => Promise<void>)[] = [
  truncate,
  dropFaults,
  dropOperations,
  dropNodes,
  mergeClients,
  simplifyConditions,
  simplifyFaults,
  closeGaps,
  roundTimes,
]

const DEFAULT_RUNS = 500

/**
 * Makes a failing scenario smaller for as long as it breaks the *same* check: shorter, fewer faults, operations, nodes and clients, weaker faults, rounder times. Always
 * comes to the same result.
 * @throws A {@link TestingError} with code `TESTING_NOT_DETERMINISTIC` when the scenario does not fail again as it did.
 * @category Scenarios
 */
export async function shrink<Service, State>(
  suite: Suite<Service, State>,
  failure: SimulationFailure,
  options: ShrinkOptions = {},
): Promise<ShrinkResult> {
  const budget = requireRange('runs', options.runs ?? DEFAULT_RUNS, 1, 1e6)
  const shrinker = new BudgetedShrinker(suite, failure, budget, options)
  // Nothing about doing too little is to be learned from doing less.
  let minimal = failure.check !== 'vacuous'
  if (minimal) {
    await shrinker.repeat()
    await separateClients(shrinker)
  }
  for (let before: Scenario | undefined; minimal && before !== shrinker.best; minimal = !shrinker.spent) {
    before = shrinker.best
    for (const pass of PASSES) await pass(shrinker)
  }
  const { best } = shrinker
  return {
    scenario: { ...best, breaks: failure.check },
    failure: shrinker.failure,
    runs: shrinker.runs,
    steps: best.faults.length + best.operations.length,
    minimal,
  }
}

class BudgetedShrinker<Service, State> implements Shrinker {
  best: Scenario
  failure: SimulationFailure
  runs = 0
  /** Whether a candidate was not tried because the runs were used up. */
  spent = false
  readonly #suite: Suite<Service, State>
  readonly #budget: number
  readonly #options: ShrinkOptions
  readonly #rejected = new Set<string>()

  constructor(
    suite: Suite<Service, State>,
    failure: SimulationFailure,
    budget: number,
    options: ShrinkOptions,
  ) {
    const { breaks: _, ...scenario } = failure.scenario
    this.best = scenario
    this.failure = failure
    this.#suite = suite
    this.#budget = budget
    this.#options = options
  }

  /** Sees that the scenario fails again at all. */
  async repeat(): Promise<void> {
    const { check } = this.failure
    if (await this.#fails(this.best)) return
    throw new TestingError(
      'TESTING_NOT_DETERMINISTIC',
      `a scenario that broke '${check}' did not break it when it was run again`,
    )
  }

  async accept(proposed: Scenario): Promise<boolean> {
    const candidate = inOrder(proposed)
    const key = JSON.stringify(candidate)
    // What rounding made the same again is no step ahead: taking it for one, shrinking would never come to its end.
    if (this.#rejected.has(key) || key === JSON.stringify(this.best)) return false
    this.spent ||= this.runs >= this.#budget
    if (this.spent) return false
    if (await this.#fails(candidate)) {
      this.best = candidate
      return true
    }
    this.#rejected.add(key)
    return false
  }

  async #fails(scenario: Scenario): Promise<boolean> {
    this.runs += 1
    const { strict } = this.#options
    try {
      await simulate(this.#suite, scenario, strict === undefined ? {} : { strict })
      return false
    } catch (error) {
      if (error instanceof SimulationFailure) return this.#isSame(error)
      // A candidate may be out of range (no quorum among so few nodes); anything else is not for the shrinker to hide.
      if (error instanceof TestingError && error.code === 'TESTING_INVALID_OPTION') return false
      throw error
    }
  }

  #isSame(failure: SimulationFailure): boolean {
    if (failure.check !== this.failure.check) return false
    this.failure = failure
    return true
  }
}

function inOrder(scenario: Scenario): Scenario {
  return {
    ...scenario,
    operations: scenario.operations.toSorted((left, right) => left.at - right.at),
    faults: scenario.faults.toSorted((left, right) => left.at - right.at),
  }
}
