import type { NodeId } from '@colony/host'
import { requireRange, TestingError } from '../errors.ts'
import type { TimelineRecorder } from '../timeline/recorder.ts'
import type { Trace } from '../trace/trace.ts'
import type { Scheduler } from '../world/scheduler.ts'
import { ArmedFaults } from './armed-faults.ts'
import { endOfFault } from './end-of-fault.ts'
import type { ArmStep, FaultKind, FaultStep, PlainFault } from './fault-step.ts'
import type { FaultTarget } from './perform-fault.ts'
import { performFault } from './perform-fault.ts'
import { isRole, namesOf, withNodes } from './roles.ts'

/** What a {@link FaultEngine} works on. */
export interface FaultSurroundings {
  readonly target: FaultTarget
  readonly scheduler: Scheduler
  readonly trace: Trace
  readonly recorder: TimelineRecorder | undefined
  /** Who has which role just now; `undefined` where there are no roles. */
  readonly roles: (() => Readonly<Record<string, NodeId | undefined>>) | undefined
}

const LONGEST_MS = 1e12
const LONGEST_FAULT_MS = 1e9

/** Carries out fault steps when their time comes, or when code reaches the point that they wait for. */
export class FaultEngine {
  /** How often each kind was carried out. */
  readonly counts: Partial<Record<FaultKind, number>> = {}
  readonly #surroundings: FaultSurroundings
  readonly #armed = new ArmedFaults()

  constructor(surroundings: FaultSurroundings) {
    this.#surroundings = surroundings
  }

  /** Schedules steps; those of one instant are carried out in the order of the list. Refuses all when one is wrong. */
  apply(steps: readonly FaultStep[]): void {
    const { scheduler } = this.#surroundings
    const now = scheduler.now / 1000
    for (const step of steps) this.#validate(step, now)
    const instants = new Map<number, FaultStep[]>()
    for (const step of steps) instants.set(step.at, [...(instants.get(step.at) ?? []), step])
    for (const [at, together] of instants) {
      const delay = Math.round((at - now) * 1000)
      scheduler.add(delay, () => together.forEach((step) => this.fault(step)))
    }
  }

  /** Carries out a step now, whatever its `at` says. */
  fault(step: FaultStep): void {
    const { scheduler, trace } = this.#surroundings
    trace.record(scheduler.now, 'fault', 0, '', JSON.stringify(step))
    if (step.do === 'arm') this.#arm(step)
    else this.#perform(step)
  }

  /** Code says that it is at a point. */
  reach(point: string, node: NodeId): void {
    const { scheduler } = this.#surroundings
    for (const [{ delayMs = 0 }, then] of this.#armed.reached(point, node, this.#lookup)) {
      const delay = Math.round(delayMs * 1000)
      scheduler.addFirst(delay, () => this.fault({ ...then, at: scheduler.now / 1000 }))
    }
  }

  #arm(step: ArmStep): void {
    const forget = this.#armed.arm(step)
    this.#count(step)
    if (step.forMs !== undefined) this.#later(step.forMs, forget)
  }

  #perform(step: PlainFault): void {
    const found = withNodes(step, this.#lookup)
    if (found === undefined) return
    this.#count(found)
    if (found.do === 'disarm') this.#armed.disarm()
    performFault(this.#surroundings.target, found)
    const { forMs } = found
    if (forMs === undefined) return
    const { scheduler } = this.#surroundings
    this.#later(forMs, () => endOfFault(found, scheduler.now / 1000).forEach((end) => this.fault(end)))
  }

  #later(delayMs: number, task: () => void): void {
    this.#surroundings.scheduler.addFirst(Math.round(delayMs * 1000), task)
  }

  #count(step: FaultStep): void {
    const { scheduler, recorder } = this.#surroundings
    this.counts[step.do] = (this.counts[step.do] ?? 0) + 1
    recorder?.add({ kind: 'fault', at: scheduler.now / 1000, step })
  }

  #validate(step: FaultStep, now: number): void {
    requireRange(`at of '${step.do}'`, step.at, now, LONGEST_MS)
    requireRange(`forMs of '${step.do}'`, step.forMs ?? 0, 0, LONGEST_FAULT_MS)
    if (step.do === 'arm') {
      requireRange('skip of an armed fault', step.skip ?? 0, 0, 1e9)
      requireRange('delayMs of an armed fault', step.delayMs ?? 0, 0, LONGEST_FAULT_MS)
    }
    const { roles, target } = this.#surroundings
    for (const name of namesOf(step)) {
      if (!isRole(name)) target.node(name)
      else if (roles === undefined && !(step.do === 'arm' && name === '@here'))
        throw new TestingError('TESTING_INVALID_OPTION', `'${name}': this world has no roles`)
    }
  }

  readonly #lookup = (name: string): NodeId | undefined => {
    if (!isRole(name)) return name
    return this.#surroundings.roles?.()[name.slice(1)]
  }
}
