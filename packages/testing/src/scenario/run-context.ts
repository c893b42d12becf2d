import { History } from '../history/history.ts'
import type { World } from '../world/world.ts'
import { createWorld } from '../world/world.ts'
import type { WorldOptions } from '../world/world-options.ts'
import { BrokenCheck, messageOf } from './broken-check.ts'
import type { Scenario } from './scenario.ts'
import type { SimulationRun, Suite } from './suite.ts'

/** A run that is under way: its world, its history, and what was seen. */
export class RunContext<Service, State> implements SimulationRun<Service, State> {
  readonly scenario: Scenario
  readonly world: World<Service>
  readonly history: History
  readonly state: State
  /** How often each interesting state was reached. */
  readonly reached: Map<string, number> = new Map()

  /** Makes the world, in which nothing has happened yet. */
  constructor(
    suite: Suite<Service, State>,
    scenario: Scenario,
    options: Pick<WorldOptions<Service>, 'timeline' | 'strict'>,
  ) {
    this.scenario = scenario
    const { seed, nodes, network, disk } = scenario
    const { fingerprint } = suite
    this.world = createWorld<Service>({
      ...suite.world,
      ...options,
      seed,
      nodes,
      ...(network !== undefined && { network }),
      ...(disk !== undefined && { disk }),
      ...(fingerprint !== undefined && { states: { fingerprint: () => fingerprint(this) } }),
      roles: () => suite.roles?.(this) ?? {},
      boot: (node) => suite.boot(node, this),
    })
    this.history = new History(this.world)
    // Without such a function the type parameter is `unknown`, of which `undefined` is a value.
    this.state = suite.state?.(scenario, this.world) as State
    this.#watch(suite.invariants ?? {})
  }

  sometimes(name: string): void {
    this.reached.set(name, (this.reached.get(name) ?? 0) + 1)
  }

  fail(name: string, message: string): void {
    this.world.fail(new BrokenCheck(`invariant: ${name}`, message))
  }

  #watch(invariants: NonNullable<Suite<Service, State>['invariants']>): void {
    const names = Object.keys(invariants)
    const checks = Object.values(invariants)
    if (checks.length === 0) return
    this.world.invariant('suite', () => {
      let at = 0
      try {
        for (; at < checks.length; at += 1) {
          if (checks[at]?.(this) === false) throw new Error('does not hold')
        }
      } catch (cause) {
        throw new BrokenCheck(`invariant: ${names[at] ?? ''}`, messageOf(cause), cause)
      }
    })
  }
}
