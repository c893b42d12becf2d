import { TestingError } from '../errors.ts'
import type { Operation, Outcome } from './operation.ts'

/**
 * One operation that is under way. Exactly one of its methods is to be called, once; never calling any means `unknown`.
 * @category Histories
 */
export interface OperationHandle {
  /** Its position in {@link History.operations}. A request that carries it along lets a system tell in which order things took effect; see {@link CheckOptions.order}. */
  readonly position: number
  /** It happened, and this came back. */
  ok(result?: unknown): void
  /** It did not happen and never will. */
  fail(): void
  /** Nobody knows. */
  unknown(): void
}

/**
 * Records what clients ask and get, with times from one clock, for the checkers.
 *
 * Values are kept by reference: do not change them afterwards.
 * @category Histories
 */
export class History {
  readonly #now: () => number
  readonly #records: { -readonly [Field in keyof Operation]: Operation[Field] }[] = []

  /**
   * Makes an empty history.
   * @param clock Where times come from: a world, a `Clock`, anything that never goes backwards.
   */
  constructor(clock: { readonly now: number | (() => number) }) {
    this.#now = () => (typeof clock.now === 'number' ? clock.now : clock.now())
  }

  /** Begins an operation: call it right before the request leaves the client. */
  invoke(process: number | string, f: string, key?: string, value?: unknown): OperationHandle {
    const record = {
      process,
      f,
      ...(key !== undefined && { key }),
      ...(value !== undefined && { value }),
      outcome: 'unknown' as Outcome,
      invokedAt: this.#now(),
      completedAt: Number.POSITIVE_INFINITY,
    }
    this.#records.push(record)
    return new Handle(this.#records.length - 1, record, this.#now)
  }

  /** Begins an operation and ends it with what `work` does: resolves `ok` with its value; what it throws goes to `classify`. */
  async record<Result>(
    request: {
      readonly process: number | string
      readonly f: string
      readonly key?: string
      readonly value?: unknown
    },
    work: () => Promise<Result>,
    classify: (error: unknown) => 'fail' | 'unknown',
  ): Promise<Result | undefined> {
    const handle = this.invoke(request.process, request.f, request.key, request.value)
    try {
      const result = await work()
      handle.ok(result)
      return result
    } catch (error) {
      handle[classify(error)]()
      return undefined
    }
  }

  /** Everything so far, in order of invocation; what is under way counts as unknown. A copy. */
  get operations(): readonly Operation[] {
    return this.#records.map((record) => ({ ...record }))
  }

  /** How many operations ended in each way so far. */
  get counts(): Readonly<Record<Outcome, number>> {
    const counts = { ok: 0, fail: 0, unknown: 0 }
    for (const { outcome } of this.#records) counts[outcome] += 1
    return counts
  }
}

class Handle implements OperationHandle {
  readonly position: number
  readonly #record: { outcome: Outcome; completedAt: number; result?: unknown }
  readonly #now: () => number
  #ended = false

  constructor(
    position: number,
    record: { outcome: Outcome; completedAt: number; result?: unknown },
    now: () => number,
  ) {
    this.position = position
    this.#record = record
    this.#now = now
  }

  ok(result?: unknown): void {
    this.#end('ok')
    if (result !== undefined) this.#record.result = result
  }

  fail(): void {
    this.#end('fail')
  }

  unknown(): void {
    // The effect may come at any later time, so the interval stays open; only the client knows that it gave up.
    this.#end('unknown')
    this.#record.completedAt = Number.POSITIVE_INFINITY
  }

  #end(outcome: Outcome): void {
    if (this.#ended)
      throw new TestingError('TESTING_INVALID_OPTION', 'an operation of a history can end only once')
    this.#ended = true
    this.#record.outcome = outcome
    this.#record.completedAt = this.#now()
  }
}
