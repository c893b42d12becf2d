import { ColonyError, type Random } from '@colony/host'
import type { DiskFaults } from './disk-faults.ts'
import { DEFAULT_LATENCY, type DiskOperation, type SimulatedDiskOptions } from './disk-options.ts'

/** One operation, from the call to its completion. */
export interface Operation<Result> {
  readonly kind: DiskOperation
  /** What it is done to, for messages. */
  readonly path: string
  /** Does it, at the moment of completion. */
  readonly complete: () => Result
  /** When the process or the machine dies before completion: does perhaps part of it. */
  readonly interrupt?: (random: Random) => void
  /** When it was told to fail: does what a failed one leaves behind. */
  readonly fail?: (random: Random) => void
}

interface Failure {
  readonly kind: DiskOperation
  readonly error: Error
  skip: number
}

/** Lets operations take their time, fail when told to, and never complete once the process that asked for them is dead. */
export class Operations {
  readonly #options: SimulatedDiskOptions
  readonly #latency: Random
  readonly #outcome: Random
  readonly #inFlight = new Set<Operation<unknown>>()
  #failures: Failure[] = []
  #life = 0

  readonly #faults: DiskFaults

  constructor(options: SimulatedDiskOptions, faults: DiskFaults) {
    this.#options = options
    this.#faults = faults
    this.#latency = options.random.fork('latency')
    this.#outcome = options.random.fork('outcome')
  }

  /** Which process is running: grows when it dies. */
  get life(): number {
    return this.#life
  }

  /** Number of operations under way. */
  get count(): number {
    return this.#inFlight.size
  }

  /** Plans a failure. */
  failNext(kind: DiskOperation, error: Error, skip: number): void {
    this.#failures.push({ kind, error, skip })
  }

  /** Starts an operation for the process of `life`; for one that is dead, the promise stays open for ever. */
  run<Result>(operation: Operation<Result>, life: number): Promise<Result> {
    const { kind, path } = operation
    return new Promise((resolve, reject) => {
      if (life !== this.#life) return
      const error = this.#takeFailure(kind)
      this.#inFlight.add(operation)
      this.#options.later(this.#delay(kind), () => {
        if (life !== this.#life) return
        this.#inFlight.delete(operation)
        try {
          if (error === undefined) {
            resolve(operation.complete())
            return
          }
          operation.fail?.(this.#outcome)
          reject(diskFailed(kind, path, error))
        } catch (cause) {
          reject(diskFailed(kind, path, cause))
        }
      })
    })
  }

  /** The process dies: what is under way happens in part, and nobody hears of it. */
  die(): void {
    this.#life++
    for (const operation of this.#inFlight) operation.interrupt?.(this.#outcome)
    this.#inFlight.clear()
    this.#failures = []
  }

  #delay(kind: DiskOperation): number {
    const [min, max] = this.#options.latency?.[kind] ?? DEFAULT_LATENCY[kind]
    return (min + this.#latency.float() * (max - min)) * this.#faults.settings.slowdown
  }

  #takeFailure(kind: DiskOperation): Error | undefined {
    const failure = this.#failures.find((planned) => planned.kind === kind)
    if (failure === undefined || failure.skip-- > 0) return this.#faults.failureOf(kind)
    this.#failures.splice(this.#failures.indexOf(failure), 1)
    return failure.error
  }
}

/** What a dying process leaves of an operation that has no parts: it happened, or it did not. */
export function oneInTwo(act: () => void): (random: Random) => void {
  return (random) => {
    if (random.integer(0, 1) === 1) return
    try {
      act()
    } catch {
      // Nobody is left to hear of it: the process that asked is dead.
    }
  }
}

function diskFailed(kind: DiskOperation, path: string, cause: unknown): ColonyError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ColonyError('HOST_DISK_FAILED', `${kind} ${path}: ${reason}`, { cause })
}
