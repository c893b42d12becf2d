import type { LogIndex } from '../core/entry.ts'
import type { ReadResult } from './raft.ts'
import type { ReadDemand } from './read-demand.ts'

/** How a read ends for whoever made it. */
export interface ReadCaller<Value> {
  readonly resolve: (result: ReadResult<Value>) => void
  readonly reject: (reason: unknown) => void
  /** Ends it early. */
  readonly signal: AbortSignal | undefined
}

/** A call of `read` on this node that could not be answered at once. */
export interface WaitingRead<Machine> {
  readonly demand: ReadDemand
  /** When to give up, on the clock of the host. */
  readonly deadline: number
  /** Settled: answered, aborted or timed out. */
  readonly done: boolean
  /** Runs the query: the machine, at `index`, is new enough. */
  run(machine: Machine, index: LogIndex, staleMs: number): void
  /** Ends it with an error. */
  reject(reason: unknown): void
}

/** One such call, with what it is to give back. */
export class LocalRead<Machine, Value> implements WaitingRead<Machine> {
  readonly demand: ReadDemand
  readonly deadline: number
  done = false
  readonly #query: (machine: Machine) => Value
  readonly #caller: ReadCaller<Value>
  readonly #onAbort: (() => void) | undefined

  /** `abandoned` is told when the caller's signal ends it. */
  constructor(
    query: (machine: Machine) => Value,
    demand: ReadDemand,
    deadline: number,
    caller: ReadCaller<Value>,
    abandoned: (read: WaitingRead<Machine>, reason: unknown) => void,
  ) {
    this.#query = query
    this.demand = demand
    this.deadline = deadline
    this.#caller = caller
    const { signal } = caller
    if (signal === undefined) return
    this.#onAbort = () => abandoned(this, signal.reason)
    signal.addEventListener('abort', this.#onAbort)
  }

  run(machine: Machine, index: LogIndex, staleMs: number): void {
    this.#settle()
    let value: Value
    try {
      value = this.#query(machine)
    } catch (error) {
      this.#caller.reject(error)
      return
    }
    this.#caller.resolve({ value, index, staleMs })
  }

  reject(reason: unknown): void {
    this.#settle()
    this.#caller.reject(reason)
  }

  #settle(): void {
    this.done = true
    if (this.#onAbort !== undefined) this.#caller.signal?.removeEventListener('abort', this.#onAbort)
  }
}
