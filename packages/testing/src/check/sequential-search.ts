import type { Operation } from '../history/operation.ts'
import { ConfigurationSet } from './configuration-set.ts'
import type { Model } from './model.ts'
import type { ObjectOperations } from './objects.ts'
import type { Program } from './programs.ts'
import { splitPrograms } from './programs.ts'
import { StateVector } from './state-vector.ts'

/** A place where the search had a choice. */
interface Branch {
  /** How many operations had been taken. */
  readonly taken: number
  /** What could come next: processes, and behind them operations of unknown outcome. */
  readonly candidates: readonly number[]
  next: number
}

/** What was taken on the way to a configuration: enough to give it back. */
interface Taken {
  readonly candidate: number
  readonly operation: number
  /** The state of its object before. */
  readonly before: number
}

/**
 * Looks for an order of all operations of several objects that keeps the order of every process and that the model allows: depth first, with a memory of
 * configurations. A configuration is (how far each process has come, which operations of unknown outcome were taken, the state of every object). Operations that
 * change nothing are taken as soon as they are legal: that forbids nothing to any other.
 */
export class SequentialSearch<State> {
  /** Calls of the model so far. */
  steps = 0
  readonly #model: Model<State>
  readonly #operations: readonly Operation[]
  readonly #objects: Int32Array
  readonly #pure: Uint8Array
  readonly #programs: readonly Program[]
  readonly #unknown: readonly {
    readonly operation: number
    readonly after: number
    readonly process: number
  }[]
  readonly #states: StateVector<State>
  readonly #seen: ConfigurationSet
  readonly #branches: Branch[] = []
  // How far each process has come, then the mask of the unknown ones that were taken:
  readonly #configuration: Int32Array
  readonly #trail: Taken[] = []
  #left: number
  #verdict: 'ok' | 'illegal' | undefined

  constructor(model: Model<State>, objects: readonly ObjectOperations[]) {
    this.#model = model
    // In the order of the history, which decides what a process did first where times are equal.
    const all = objects
      .flatMap(({ operations, places }, object) =>
        operations.map((operation, index) => ({ operation, object, place: places[index] ?? 0 })),
      )
      .sort((left, right) => left.place - right.place)
    this.#operations = all.map(({ operation }) => operation)
    this.#objects = Int32Array.from(all, ({ object }) => object)
    this.#pure = Uint8Array.from(this.#operations, (operation) => Number(model.isPure?.(operation) ?? false))
    this.#programs = splitPrograms(this.#operations)
    this.#unknown = this.#programs.flatMap(({ unknown }, process) =>
      unknown.map((each) => ({ ...each, process })),
    )
    this.#states = new StateVector(
      model,
      objects.map(({ key }) => key),
    )
    const words = this.#programs.length + Math.ceil(this.#unknown.length / 32)
    this.#configuration = new Int32Array(words)
    this.#seen = new ConfigurationSet(words)
    this.#left = this.#programs.reduce((sum, { known }) => sum + known.length, 0)
    this.#takePure()
    this.#branch()
  }

  /** Searches until `limit` steps in all. `undefined`: not decided yet. */
  run(limit: number): 'ok' | 'illegal' | undefined {
    while (this.#verdict === undefined && this.steps < limit && !this.exhausted) {
      const branch = this.#branches.at(-1)
      if (branch === undefined) this.#verdict = 'illegal'
      else if (!this.#tryNext(branch)) {
        this.#branches.pop()
        this.#restore()
      }
    }
    return this.#verdict
  }

  /** Whether there is no room to remember more; it stays undecided then. */
  get exhausted(): boolean {
    return this.#seen.full || this.#states.full
  }

  /** With the verdict ok: the operations in an order in which they can have taken effect. */
  order(): Operation[] {
    return this.#trail.map(({ operation }) => this.#operations[operation] as Operation)
  }

  /** Tries the next candidates of a branch, up to the first that is legal. `false`: there are no more. */
  #tryNext(branch: Branch): boolean {
    while (branch.next < branch.candidates.length) {
      const candidate = branch.candidates[branch.next] as number
      branch.next += 1
      if (!this.#take(candidate)) continue
      this.#takePure()
      this.#branch()
      return true
    }
    return false
  }

  /** Takes a candidate if that is legal. */
  #take(candidate: number): boolean {
    const operation = this.#operationOf(candidate) as number
    const object = this.#objects[operation] as number
    this.steps += 1
    const { legal, state } = this.#model.step(
      this.#states.get(object),
      this.#operations[operation] as Operation,
    )
    if (!legal) return false
    this.#trail.push({ candidate, operation, before: this.#states.id(object) })
    this.#states.set(object, state)
    this.#move(candidate, 1)
    return true
  }

  /** Goes on or back with a process, or takes or gives back an operation of unknown outcome. */
  #move(candidate: number, by: 1 | -1): void {
    const processes = this.#programs.length
    if (candidate < processes) {
      this.#configuration[candidate] = (this.#configuration[candidate] as number) + by
      this.#left -= by
    } else {
      const bit = candidate - processes
      const word = processes + (bit >> 5)
      this.#configuration[word] = (this.#configuration[word] as number) ^ (1 << (bit & 31))
    }
  }

  /** The operation that a candidate stands for; `undefined` for a process that has done everything. */
  #operationOf(candidate: number): number | undefined {
    const processes = this.#programs.length
    if (candidate >= processes) return this.#unknown[candidate - processes]?.operation
    return this.#programs[candidate]?.known[this.#configuration[candidate] as number]
  }

  /** One look at each process is enough, since what is taken here changes nothing for the others. */
  #takePure(): void {
    for (let process = 0; process < this.#programs.length; process += 1) {
      while (this.#isPureNext(process) && this.#take(process)) continue
    }
  }

  #isPureNext(process: number): boolean {
    const operation = this.#operationOf(process)
    return operation !== undefined && this.#pure[operation] === 1
  }

  /** Makes the present configuration a branch, unless it is known or the end is reached. */
  #branch(): void {
    if (this.#left === 0) {
      this.#verdict = 'ok'
      return
    }
    if (!this.#seen.add(0, this.#states.vectorId, this.#configuration)) {
      this.#restore()
      return
    }
    this.#branches.push({ taken: this.#trail.length, candidates: this.#candidates(), next: 0 })
  }

  /** Comes back to the configuration of the last branch. */
  #restore(): void {
    const taken = this.#branches.at(-1)?.taken ?? 0
    while (this.#trail.length > taken) {
      const { candidate, operation, before } = this.#trail.pop() as Taken
      this.#move(candidate, -1)
      this.#states.restore(this.#objects[operation] as number, before)
    }
  }

  /** What began first comes first, since most systems are nearly linearizable; what may not have happened comes last. */
  #candidates(): number[] {
    const heads: number[] = []
    for (let process = 0; process < this.#programs.length; process += 1) {
      if (this.#operationOf(process) !== undefined) heads.push(process)
    }
    const startOf = (candidate: number): number =>
      this.#operations[this.#operationOf(candidate) ?? -1]?.invokedAt ?? 0
    heads.sort((left, right) => startOf(left) - startOf(right))
    this.#unknown.forEach(({ after, process }, place) => {
      const candidate = this.#programs.length + place
      if ((this.#configuration[process] as number) >= after && !this.#isTaken(place)) heads.push(candidate)
    })
    return heads
  }

  #isTaken(bit: number): boolean {
    const word = this.#configuration[this.#programs.length + (bit >> 5)] as number
    return (word & (1 << (bit & 31))) !== 0
  }
}
