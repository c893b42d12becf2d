import type { Random } from '@colony/host'
import { createRandom } from '@colony/host'
import { requireRange, TestingError } from '../errors.ts'
import type { Outcome } from '../history/operation.ts'
import type { SimulatedNode } from '../world/simulated-node.ts'
import type { RunContext } from './run-context.ts'
import type { ClientOperation } from './scenario.ts'
import type { ClientCall, Suite } from './suite.ts'

const DEFAULT_TIMEOUT_MS = 5000

/** The clients of a run: each carries out its operations one after the other, whatever becomes of them. */
export class Clients<Service, State> {
  readonly #suite: Suite<Service, State>
  readonly #run: RunContext<Service, State>
  readonly #timeoutMs: number
  readonly #random: Random
  /** Numbers that no client of the scenario has; an operation of unknown outcome is still under way, so its client goes on under a new one. */
  #freeNumber: number
  #running = 0
  #stopped = false
  /** The planned operations that began, in that order, each `at` the time when it did. */
  readonly begun: ClientOperation[] = []
  /** What the last operation that did not succeed threw: what a reader wants to know when none succeeds. */
  lastError: unknown = undefined

  /** Makes clients that do nothing yet. */
  constructor(suite: Suite<Service, State>, run: RunContext<Service, State>) {
    this.#suite = suite
    this.#run = run
    const timeoutMs = suite.workload.timeoutMs ?? DEFAULT_TIMEOUT_MS
    this.#timeoutMs = requireRange('workload.timeoutMs', timeoutMs, 1, 1e9)
    this.#random = createRandom(run.scenario.seed, 'operation')
    this.#freeNumber = 1 + run.scenario.operations.reduce((most, { process }) => Math.max(most, process), 0)
  }

  /** Whether no operation is under way and none is to come. */
  get idle(): boolean {
    return this.#running === 0
  }

  /** How long {@link Clients.idle} can take after {@link Clients.stop}, in simulated milliseconds. */
  get timeoutMs(): number {
    return this.#timeoutMs
  }

  /** Lets every client begin. */
  start(operations: readonly ClientOperation[]): void {
    const clients = new Map<number, ClientOperation[]>()
    for (const operation of operations.toSorted((left, right) => left.at - right.at)) {
      const own = clients.get(operation.process)
      if (own === undefined) clients.set(operation.process, [operation])
      else own.push(operation)
    }
    for (const [process, own] of clients) {
      this.#running += 1
      this.#follow(process, own).then(
        () => (this.#running -= 1),
        (error: unknown) => this.#run.world.fail(error),
      )
    }
  }

  /** Begins no further operation; those under way end, or time out. */
  stop(): void {
    this.#stopped = true
  }

  /** A number that no operation has yet. */
  drawNumber(): number {
    return this.#freeNumber++
  }

  /** Carries out one operation for the process of a number, and records it. */
  perform(process: number, operation: ClientOperation): Promise<Outcome> {
    const { world, history } = this.#run
    const handle = history.invoke(process, operation.f, operation.key, operation.value)
    const call = new OperationCall(this.#run, operation, handle.position, this.#random)
    return new Promise((resolve) => {
      let open = true
      const end = (outcome: Outcome, result?: unknown): void => {
        if (!open) return
        open = false
        timeout[Symbol.dispose]()
        if (outcome === 'ok') handle.ok(result)
        else handle[outcome]()
        resolve(outcome)
      }
      const timeout = world.clock.after(this.#timeoutMs, () => end('unknown'))
      this.#attempt(call).then(
        (result) => end('ok', result),
        (error: unknown) => end(this.#outcomeOf(error, operation)),
      )
    })
  }

  async #follow(client: number, operations: readonly ClientOperation[]): Promise<void> {
    const { world } = this.#run
    let process = client
    for (const operation of operations) {
      if (world.now < operation.at) await world.sleep(operation.at - world.now)
      if (this.#stopped) return
      this.begun.push({ ...operation, at: world.now })
      const outcome = await this.perform(process, operation)
      if (outcome === 'unknown') process = this.drawNumber()
    }
  }

  /** What `perform` throws at once is a rejection too. */
  async #attempt(call: ClientCall<Service, State>): Promise<unknown> {
    return await this.#suite.perform(call)
  }

  #outcomeOf(error: unknown, operation: ClientOperation): 'fail' | 'unknown' {
    this.lastError = error
    const { classify } = this.#suite
    if (classify !== undefined) return classify(error, operation)
    return error instanceof TestingError && error.code === 'TESTING_NODE_DOWN' ? 'fail' : 'unknown'
  }
}

class OperationCall<Service, State> implements ClientCall<Service, State> {
  readonly run: RunContext<Service, State>
  readonly operation: ClientOperation
  readonly position: number
  readonly node: SimulatedNode<Service>
  readonly #parent: Random
  #random: Random | undefined

  constructor(run: RunContext<Service, State>, operation: ClientOperation, position: number, parent: Random) {
    this.run = run
    this.operation = operation
    this.position = position
    this.node = run.world.node(operation.node)
    this.#parent = parent
  }

  /** Named by the operation and not by its place, so that leaving out another one changes nothing; few ask for it. */
  get random(): Random {
    const { process, at } = this.operation
    this.#random ??= this.#parent.fork(`${process}@${at}`)
    return this.#random
  }
}
