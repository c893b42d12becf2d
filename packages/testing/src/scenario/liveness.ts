import type { NodeId, Random } from '@colony/host'
import { createRandom } from '@colony/host'
import { requireRange, TestingError } from '../errors.ts'
import { sample } from '../faults/episode.ts'
import type { FaultStep } from '../faults/fault-step.ts'
import { mendEverything } from '../faults/generate-faults.ts'
import { BrokenCheck } from './broken-check.ts'
import type { Clients } from './clients.ts'
import { drawOperation } from './plan-scenario.ts'
import type { RunContext } from './run-context.ts'
import type { Scenario } from './scenario.ts'
import type { Suite } from './suite.ts'

const DEFAULT_CONVERGE_MS = 30_000
const DEFAULT_PROGRESS = 3

/**
 * What must come true after the faults. First in the hard place: a quorum is healed and everything around it stays as broken as it is, for ever; it must
 * converge and be of use. (Healing everything at once hides whatever depends on the one node that came back.) Then everything is mended and must converge too.
 */
export class Liveness<Service, State> {
  readonly #suite: Suite<Service, State>
  readonly #run: RunContext<Service, State>
  readonly #clients: Clients<Service, State>
  readonly #core: readonly NodeId[]
  readonly #withinMs: number
  readonly #wanted: number

  /** Prepares the checks. */
  constructor(
    suite: Suite<Service, State>,
    run: RunContext<Service, State>,
    clients: Clients<Service, State>,
  ) {
    this.#suite = suite
    this.#run = run
    this.#clients = clients
    const withinMs = suite.convergeWithinMs ?? DEFAULT_CONVERGE_MS
    this.#withinMs = requireRange('convergeWithinMs', withinMs, 0, 1e9)
    this.#wanted = requireRange('progress', suite.progress ?? DEFAULT_PROGRESS, 0, 1000)
    this.#core = drawCore(suite, run.scenario)
  }

  /** Both phases. Throws a {@link BrokenCheck}, or what the world throws. */
  async check(): Promise<void> {
    const { world, scenario } = this.#run
    const { nodes } = scenario
    const core = this.#suite.core?.(this.#run) ?? this.#core
    requireNodes(core, nodes)
    if (core.length < nodes.length) {
      for (const step of mendCore(core, world.now)) world.fault(step)
      await this.#converge(core, 'while everything around it stayed broken')
      await this.#progress(core)
    }
    for (const step of mendEverything(nodes, world.now)) world.fault(step)
    await this.#converge(nodes, 'with everything mended')
    await world.runUntil(() => this.#clients.idle, { withinMs: this.#clients.timeoutMs + 1 })
    if (core.length === nodes.length) await this.#progress(core)
  }

  async #converge(core: readonly NodeId[], circumstances: string): Promise<void> {
    const { world } = this.#run
    const { converged } = this.#suite
    const holds = (): boolean =>
      core.every((id) => world.node(id).booted) && (converged?.(this.#run, core) ?? true)
    await this.#within(holds, () => {
      const sleeping = core.filter((id) => !world.node(id).booted)
      const booting = sleeping.length === 0 ? '' : `; not booted: ${sleeping.join(', ')}`
      const within = `within ${this.#withinMs} simulated ms`
      const told = `${core.join(', ')} did not converge ${within} ${circumstances}${booting}`
      return new BrokenCheck('convergence', told)
    })
  }

  /** One client at each node of the core: whichever it asks, each must be of use. */
  async #progress(core: readonly NodeId[]): Promise<void> {
    const { serving } = this.#suite
    const wanted = this.#wanted
    const work: Work = { done: new Map(), over: false, count: FIRST_COUNT }
    for (const id of core) this.#workAt(id, work).catch((error: unknown) => this.#run.world.fail(error))
    const lacking = (): readonly NodeId[] =>
      (serving?.(this.#run, core) ?? core).filter((id) => (work.done.get(id) ?? 0) < wanted)
    await this.#within(
      () => lacking().length === 0,
      () => {
        const told = lacking().map(
          (id) => `${work.done.get(id) ?? 0} of ${wanted} operations succeeded at ${id}`,
        )
        const within = `within ${this.#withinMs} simulated ms after ${core.join(', ')} had converged`
        return new BrokenCheck('progress', `${told.join(', ')} ${within}`)
      },
    )
    work.over = true
  }

  async #workAt(id: NodeId, work: Work): Promise<void> {
    const { world, scenario } = this.#run
    const streams = progressStreams(scenario.seed, id)
    let process = this.#clients.drawNumber()
    for (let done = 0; done < this.#wanted && !work.over; work.done.set(id, done)) {
      const client = { process, at: world.now, ...streams }
      const operation = drawOperation(this.#suite.workload, client, work.count, [id])
      work.count += 1
      const outcome = await this.#clients.perform(process, operation)
      if (outcome === 'ok') done += 1
      else await world.sleep(PAUSE_MS)
      if (outcome === 'unknown') process = this.#clients.drawNumber()
    }
  }

  async #within(holds: () => boolean, otherwise: () => BrokenCheck): Promise<void> {
    try {
      await this.#run.world.runUntil(holds, { withinMs: this.#withinMs })
    } catch (error) {
      if (error instanceof TestingError && error.code === 'TESTING_TIMEOUT') throw otherwise()
      throw error
    }
  }
}

/** What the clients of the core have come to. */
interface Work {
  /** Operations that succeeded, by node. */
  readonly done: Map<NodeId, number>
  over: boolean
  count: number
}

/** Between two tries: an operation that is refused at once must not make the clock stand still. */
const PAUSE_MS = 10

/** Far from those of planned operations, whatever was left out of a scenario: values drawn from it must be new ones. */
const FIRST_COUNT = 1_000_000

function requireNodes(core: readonly NodeId[], nodes: readonly NodeId[]): void {
  if (core.length > 0 && core.every((id) => nodes.includes(id))) return
  throw new TestingError(
    'TESTING_INVALID_OPTION',
    `core must give some of ${nodes.join(', ')}, not ${JSON.stringify(core)}`,
  )
}

function drawCore<Service, State>(
  { quorum }: Suite<Service, State>,
  { nodes, seed, faults }: Scenario,
): readonly NodeId[] {
  if (quorum === false) return nodes
  const size = quorum?.(nodes) ?? Math.floor(nodes.length / 2) + 1
  const count = requireRange('quorum', size, 1, nodes.length)
  const shuffled = sample(createRandom(seed, 'core'), nodes, nodes.length)
  // Nodes that lost what they had promised come last: a quorum of them may have nothing to go on with, and be right.
  const harmed = new Set(faults.flatMap(harmedBy))
  const core = shuffled.toSorted((left, right) => Number(harmed.has(left)) - Number(harmed.has(right)))
  core.length = count
  return nodes.filter((node) => core.includes(node))
}

/** Whose disk a step makes lose what was durable. */
function harmedBy(step: FaultStep): readonly NodeId[] {
  if (step.do === 'arm') return harmedBy({ ...step.then, at: step.at })
  if (step.do === 'wipe') return [step.node]
  if (step.do !== 'disk') return []
  const { rot, misdirection } = step.change
  return (rot ?? 0) > 0 || (misdirection ?? 0) > 0 ? [step.node] : []
}

function progressStreams(
  seed: number | string,
  node: NodeId,
): { readonly what: Random; readonly whom: Random } {
  const random = createRandom(seed, 'progress').fork(node)
  return { what: random.fork('what'), whom: random.fork('whom') }
}

/** Mends the nodes of the core and the links between them, and leaves every other link as it is. */
function mendCore(core: readonly NodeId[], at: number): readonly FaultStep[] {
  const links = core.flatMap((from) => core.filter((to) => to !== from).map((to) => ({ from, to })))
  return mendEverything(core, at).flatMap((step): FaultStep[] =>
    step.do === 'heal' || step.do === 'network' ? links.map((link) => ({ ...step, ...link })) : [step],
  )
}
