import { setTimeout as sleep } from 'node:timers/promises'
import type { NodeId } from '@colony/host'
import { requireRange, TestingError } from '../../errors.ts'
import { endOfFault } from '../../faults/end-of-fault.ts'
import type { FaultStep, PlainFault } from '../../faults/fault-step.ts'
import { isRole, namesOf, withNodes } from '../../faults/roles.ts'
import { machineClock } from './machine-clock.ts'
import { inflict, type RealTargets } from './real-fault.ts'

/**
 * What a {@link RealNemesis} works on.
 * @category Processes
 */
export interface RealNemesisOptions extends RealTargets {
  /** Who has which role just now, for steps that name `@leader`: `() => ({ leader: 'a' })`. Default: there are no roles. */
  readonly roles?: () => Readonly<Record<string, NodeId | undefined>>
}

/**
 * A step that was carried out, or why it was not.
 * @category Processes
 */
export interface InflictedStep {
  /** The step, with nodes in place of roles. */
  readonly step: FaultStep
  /** When, on {@link machineClock}: to be put beside a history. */
  readonly atMs: number
  /** Why nothing happened; absent when something did. */
  readonly skipped?: string
}

/**
 * How to carry out a timetable.
 * @category Processes
 */
export interface TimetableOptions {
  /** What the times of steps count from, on {@link machineClock}. Default: now. */
  readonly startedAtMs?: number
  /** Ends the run early: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/**
 * Makes one that does to real processes, and to the proxies between them, what fault steps say: the same data that a simulated world takes.
 *
 * Crash, restart, pause, resume, wipe, partition, cut, heal and latency exist for real processes. What does not (loss within a connection, other people's
 * clocks and disks, points in code) is passed over, and {@link RealNemesis.steps} says so.
 * @category Processes
 */
export function createRealNemesis(options: RealNemesisOptions): RealNemesis {
  return new RealNemesis(options)
}

/**
 * Carries out fault steps on real processes. Made by {@link createRealNemesis}.
 * @category Processes
 */
export class RealNemesis {
  readonly #options: RealNemesisOptions
  readonly #steps: InflictedStep[] = []
  /** What is under way with each node: steps on one node come one after the other, a slow start delays nobody else. */
  readonly #busy = new Map<NodeId, Promise<unknown>>()

  /** @internal */
  constructor(options: RealNemesisOptions) {
    this.#options = options
  }

  /** What was done so far, and what was passed over, in order. */
  get steps(): readonly InflictedStep[] {
    return [...this.#steps]
  }

  /**
   * Carries out steps, each when its time comes; resolves when the last one is done, ends of faults with `forMs` included.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for a step that names an unknown node, before anything is done. What a node's own methods throw.
   */
  async run(steps: readonly FaultStep[], options: TimetableOptions = {}): Promise<void> {
    const { startedAtMs = machineClock.now(), signal } = options
    for (const step of steps) this.#validate(step)
    const timetable = [...steps].sort((one, other) => one.at - other.at)
    const working: Promise<unknown>[] = []
    // A node that fails ends the run at once, and not only when all other steps are done.
    const failed = new AbortController()
    const either = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
    while (timetable.length > 0) {
      const step = timetable.shift() as FaultStep
      await waitUntil(startedAtMs + step.at, either)
      const { done, ends } = this.#inflict(step)
      working.push(done.catch((error: unknown) => failed.abort(error)))
      timetable.push(...ends)
      timetable.sort((one, other) => one.at - other.at)
    }
    await Promise.all(working)
    either.throwIfAborted()
  }

  /** Carries out one step now, whatever its `at` and `forMs` say; resolves when it is done. */
  async perform(step: FaultStep): Promise<void> {
    this.#validate(step)
    await this.#inflict(step).done
  }

  /** Ends every fault: heals the network, lets paused nodes go on and starts those that are down. Resolves when all are ready. */
  async mend(): Promise<void> {
    const { nodes, network } = this.#options
    network?.heal()
    network?.configure({ minLatencyMs: null, meanLatencyMs: null, distribution: null, bytesPerSecond: null })
    await Promise.all([...this.#busy.values()])
    const down = Object.keys(nodes).map(async (node) => {
      await this.perform({ at: 0, do: 'resume', node })
      await this.perform({ at: 0, do: 'restart', node })
    })
    await Promise.all(down)
  }

  #inflict(step: FaultStep): { readonly done: Promise<unknown>; readonly ends: readonly FaultStep[] } {
    const found = step.do === 'arm' ? undefined : withNodes(step, this.#lookup)
    if (found === undefined) {
      this.#note(
        step,
        step.do === 'arm' ? 'code of a real process reaches no points' : 'nobody has that role',
      )
      return { done: Promise.resolve(), ends: [] }
    }
    const ends = found.forMs === undefined ? [] : endOfFault(found, step.at + found.forMs)
    return { done: this.#inTurn(found), ends }
  }

  #inTurn(step: PlainFault): Promise<unknown> {
    const carryOut = async (): Promise<void> => {
      const { done, skipped } = inflict(this.#options, step)
      this.#note(step, skipped)
      await done
    }
    if (!('node' in step)) return carryOut()
    const before = this.#busy.get(step.node)
    const done = before === undefined ? carryOut() : before.then(carryOut)
    // What comes after a failure must not wait for ever, nor fail for the same reason.
    const settled = done
      .catch(() => {})
      .then(() => {
        if (this.#busy.get(step.node) === settled) this.#busy.delete(step.node)
      })
    this.#busy.set(step.node, settled)
    return done
  }

  #note(step: FaultStep, skipped: string | undefined): void {
    this.#steps.push({ step, atMs: machineClock.now(), ...(skipped !== undefined && { skipped }) })
  }

  #validate(step: FaultStep): void {
    requireRange(`at of '${step.do}'`, step.at, 0, 1e9)
    requireRange(`forMs of '${step.do}'`, step.forMs ?? 0, 0, 1e9)
    for (const name of namesOf(step)) {
      if (isRole(name) || Object.hasOwn(this.#options.nodes, name)) continue
      throw new TestingError('TESTING_INVALID_OPTION', `a step names '${name}', and there is no such node`)
    }
  }

  readonly #lookup = (name: string): NodeId | undefined => this.#options.roles?.()[name.slice(1)]
}

async function waitUntil(dueMs: number, signal: AbortSignal): Promise<void> {
  let remainingMs = dueMs - machineClock.now()
  do {
    // Also when it is late already: what is done at once has then ended before the next step, so that steps keep their order.
    // Timers count whole milliseconds, from a time that the loop noted earlier: they may fire up to two early.
    await sleep(Math.max(0, Math.ceil(remainingMs)), undefined, { signal }).catch((error: unknown) => {
      signal.throwIfAborted()
      throw error
    })
    remainingMs = dueMs - machineClock.now()
  } while (remainingMs > 0)
}
