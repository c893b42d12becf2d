import { checkLinearizable } from '../check/linearizability.ts'
import type { Witness } from '../check/witness.ts'
import { requireRange, TestingError } from '../errors.ts'
import type { FaultStep } from '../faults/fault-step.ts'
import type { Seed } from '../run/seed.ts'
import { formatSeed } from '../run/seed.ts'
import { BrokenCheck, crashName, messageOf } from './broken-check.ts'
import { Clients } from './clients.ts'
import { Liveness } from './liveness.ts'
import { planScenario } from './plan-scenario.ts'
import { RunContext } from './run-context.ts'
import type { Judgement, RunReport } from './run-report.ts'
import { hashRun, reportOf } from './run-report.ts'
import type { ClientOperation, Scenario } from './scenario.ts'
import { SimulationFailure } from './simulation-failure.ts'
import type { Suite } from './suite.ts'
import { tellWitness } from './tell-witness.ts'

/**
 * How to run a scenario.
 * @category Scenarios
 */
export interface SimulateOptions {
  /** How many events to keep for a picture, 1 to 10^7: then a report has what was `recorded`, and a failure its `timeline`. Default: none, which is fastest. */
  readonly timelineEvents?: number
  /** Whether real timers, clocks, randomness and input or output throw during the simulation; see {@link WorldOptions.strict}. Default `false`. */
  readonly strict?: boolean
}

const DEFAULT_BUDGET = 1_000_000
/** Lines of the trace in a message; more are in the timeline. */
const LINES_IN_MESSAGE = 20

/**
 * Runs one seed of a suite, or one scenario: clients and faults as planned, invariants after every event; then liveness, first of a healed quorum alone and
 * then of everything; then the suite's checks, and the history against its model.
 * @throws A {@link SimulationFailure} when a check breaks, and a {@link TestingError} with code `TESTING_INVALID_OPTION` for a scenario that is not one of this suite.
 * @category Scenarios
 */
export async function simulate<Service, State>(
  suite: Suite<Service, State>,
  what: Seed | Scenario,
  options: SimulateOptions = {},
): Promise<RunReport> {
  const planned = typeof what === 'object'
  const scenario = planned ? what : planScenario(suite, what)
  if (scenario.suite !== suite.name) {
    throw new TestingError(
      'TESTING_INVALID_OPTION',
      `the scenario is of suite '${scenario.suite}', not of '${suite.name}'`,
    )
  }
  const leastOk = planned ? 0 : requireRange('leastOk', suite.leastOk ?? 1, 0, 1e9)
  const { timelineEvents, strict } = options
  const run = new RunContext(suite, scenario, {
    ...(strict !== undefined && { strict }),
    ...(timelineEvents !== undefined && { timeline: { events: timelineEvents } }),
  })
  const clients = new Clients(suite, run)
  const liveness = new Liveness(suite, run, clients)
  run.world.apply(faultsUntil(scenario.faults, scenario.durationMs))
  const drawable = timelineEvents !== undefined
  try {
    return reportOf(run, await carryOut(suite, run, clients, liveness, leastOk), drawable)
  } catch (error) {
    throw failureOf(run, error, clients.begun, drawable)
  }
}

/** The steps before a time; what they break and would mend after it stays broken. */
function faultsUntil(steps: readonly FaultStep[], endMs: number): FaultStep[] {
  return steps
    .filter(({ at }) => at < endMs)
    .map((step) => {
      const { forMs, ...lasting } = step
      return forMs !== undefined && step.at + forMs >= endMs ? lasting : step
    })
}

async function carryOut<Service, State>(
  suite: Suite<Service, State>,
  run: RunContext<Service, State>,
  clients: Clients<Service, State>,
  liveness: Liveness<Service, State>,
  leastOk: number,
): Promise<Judgement> {
  const { world, scenario, history } = run
  clients.start(scenario.operations.filter(({ at }) => at < scenario.durationMs))
  await world.run(scenario.durationMs)
  clients.stop()
  const { ok } = history.counts
  await liveness.check()
  await runChecks(suite, run)
  const judgement = checkHistory(suite, run)
  if (ok < leastOk) {
    const told = clients.lastError === undefined ? '' : `; the last error: ${messageOf(clients.lastError)}`
    const planned = scenario.operations.length
    throw new BrokenCheck('vacuous', `${ok} of ${planned} operations succeeded, less than ${leastOk}${told}`)
  }
  return judgement
}

async function runChecks<Service, State>(
  { checks = {} }: Suite<Service, State>,
  run: RunContext<Service, State>,
): Promise<void> {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check(run)
    } catch (error) {
      throw brokenIn(error) ?? new BrokenCheck(`check: ${name}`, messageOf(error), error)
    }
  }
}

/** An illegal history, with the place where it becomes impossible. */
class IllegalHistory extends BrokenCheck {
  readonly witness: Witness

  constructor(witness: Witness) {
    super('linearizability', tellWitness(witness))
    this.witness = witness
  }
}

function checkHistory<Service, State>(
  { model, order, checkBudget = DEFAULT_BUDGET }: Suite<Service, State>,
  run: RunContext<Service, State>,
): Judgement {
  if (model === undefined) return {}
  const { verdict, witness, unexplained } = checkLinearizable(model, run.history.operations, {
    budget: checkBudget,
    ...(order !== undefined && { order: order(run) }),
  })
  if (witness !== undefined) throw new IllegalHistory(witness)
  return {
    verdict: verdict === 'unknown' ? 'unknown' : 'ok',
    ...(unexplained !== undefined && { unexplained: unexplained.length }),
  }
}

/** The broken check in what was thrown, or in what that was caused by. */
function brokenIn(thrown: unknown): BrokenCheck | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof BrokenCheck) return error
  }
  return undefined
}

function failureOf<Service, State>(
  { scenario, world, history }: RunContext<Service, State>,
  thrown: unknown,
  begun: readonly ClientOperation[],
  drawable: boolean,
): SimulationFailure {
  const broken = brokenIn(thrown)
  // What the world throws says where it happened, as this error will itself: what it was caused by is what there is to tell.
  const root = thrown instanceof TestingError && thrown.cause !== undefined ? thrown.cause : thrown
  const check = broken?.check ?? crashName(root, scenario.nodes)
  const told = broken?.message ?? `crash: ${messageOf(root)}`
  const { operations } = history
  const witness = broken instanceof IllegalHistory ? broken.witness : undefined
  const lines = world.traceTail.slice(-LINES_IN_MESSAGE)
  const tail = lines.length === 0 ? '' : `\nlast events:\n${lines.join('\n')}`
  const where = `seed ${formatSeed(scenario.seed)}, at ${world.now} ms, after ${world.events} events`
  return new SimulationFailure(`${told}\n(${where})${tail}`, {
    check,
    scenario,
    operations,
    begun,
    atMs: witness?.operation.completedAt ?? world.now,
    traceHash: hashRun(world.traceHash, operations),
    ...(witness !== undefined && { witness }),
    ...(drawable && { timeline: world.timeline }),
    cause: broken === undefined ? root : (broken.cause ?? broken),
  })
}
