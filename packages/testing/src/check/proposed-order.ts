import { TestingError } from '../errors.ts'
import type { Operation } from '../history/operation.ts'
import type { Model } from './model.ts'
import type { ObjectHistory } from './objects.ts'

/** No operation. */
const NONE = -1

/**
 * Sees whether the operations of one object can have taken effect in an order that somebody proposes. Whoever that is, it is believed nothing: each operation is put where the
 * order has it only if it was invoked before everything that is still to come returned, and if the model allows it there. So `ok` is a proof. `refuted` says that this order is none,
 * and nothing about the history.
 *
 * Pure operations need no place. Each is taken at the first moment at which it is legal and everything that returned before its call is over: to wait longer never helps the others, which it
 * does not change. So an order of all others that can be completed at all is completed. One step a placed operation, and one for each state that a pure one meets while it is under way.
 */
export class OrderCheck<State> {
  /** Calls of the model so far. */
  steps = 0
  /** What was found; `undefined` before that. */
  verdict: 'ok' | 'refuted' | undefined
  readonly #model: Model<State>
  readonly #operations: readonly Operation[]
  /** What is to be placed, in the proposed order, and the earliest return from each of them on. */
  readonly #order: readonly number[]
  readonly #returnsFrom: Float64Array
  /** The pure operations that were not taken yet, in the order of their calls: each one's successor, the first one's at the end. */
  readonly #nextPure: Int32Array
  readonly #head: number
  /** The last pure operation that was passed over since the state last changed, or the head. */
  #passed: number
  /** The earliest return of all that is to be taken yet, as far as the pure ones were looked at. */
  #horizon: number
  #taken = 0
  #state: State

  /** `order`: places in the object's own list. */
  constructor(model: Model<State>, { key, alike }: ObjectHistory, order: readonly number[]) {
    this.#model = model
    this.#operations = alike
    this.#state = model.init(key)
    const isPure = alike.map((operation) => model.isPure?.(operation) ?? false)
    this.#order = order.filter((place) => isPure[place] === false)
    const isPlaced = new Uint8Array(alike.length)
    for (const place of this.#order) {
      if (isPlaced[place] === 1) this.verdict = 'refuted'
      isPlaced[place] = 1
    }
    const isMissing = ({ outcome }: Operation, place: number): boolean =>
      outcome === 'ok' && isPlaced[place] === 0 && isPure[place] === false
    if (alike.some(isMissing)) this.verdict = 'refuted'
    this.#returnsFrom = earliestReturns(this.#order.map((place) => this.#at(place)))
    this.#head = alike.length
    this.#nextPure = chainedByCall(
      alike,
      isPure.flatMap((pure, place) => (pure ? [place] : [])),
    )
    this.#passed = this.#head
    this.#horizon = this.#returnsFrom[0] as number
  }

  /** Goes on until `limit` steps in all. `undefined`: not known yet. */
  run(limit: number): 'ok' | 'refuted' | undefined {
    while (this.verdict === undefined && this.steps < limit) {
      const pure = this.#nextPure[this.#passed] as number
      // The others were called later still.
      if (pure !== NONE && this.#at(pure).invokedAt <= this.#horizon) this.#tryPure(pure)
      else this.#placeNext()
    }
    return this.verdict
  }

  #tryPure(pure: number): void {
    this.steps += 1
    const operation = this.#at(pure)
    if (this.#model.step(this.#state, operation).legal) {
      this.#nextPure[this.#passed] = this.#nextPure[pure] as number
      return
    }
    this.#passed = pure
    this.#horizon = Math.min(this.#horizon, operation.completedAt)
  }

  #placeNext(): void {
    if (this.#taken === this.#order.length) {
      this.verdict = this.#nextPure[this.#head] === NONE ? 'ok' : 'refuted'
      return
    }
    const operation = this.#at(this.#order[this.#taken] as number)
    this.steps += 1
    const { legal, state } = this.#model.step(this.#state, operation)
    if (!legal || operation.invokedAt > this.#horizon) {
      this.verdict = 'refuted'
      return
    }
    this.#state = state
    this.#taken += 1
    this.#horizon = this.#returnsFrom[this.#taken] as number
    this.#passed = this.#head
  }

  #at(place: number): Operation {
    return this.#operations[place] as Operation
  }
}

/** The earliest return among the operations from each place on; the last is that of none. One of unknown outcome never returns. */
function earliestReturns(operations: readonly Operation[]): Float64Array {
  const earliest = new Float64Array(operations.length + 1).fill(Number.POSITIVE_INFINITY)
  for (let place = operations.length - 1; place >= 0; place -= 1) {
    const { outcome, completedAt } = operations[place] as Operation
    const returns = outcome === 'ok' ? completedAt : Number.POSITIVE_INFINITY
    earliest[place] = Math.min(returns, earliest[place + 1] as number)
  }
  return earliest
}

/** A chain of operations in the order of their calls; the first is where one behind the last of all points to. */
function chainedByCall(operations: readonly Operation[], places: number[]): Int32Array {
  const invokedAt = (place: number): number => (operations[place] as Operation).invokedAt
  const next = new Int32Array(operations.length + 1).fill(NONE)
  let last = operations.length
  for (const place of places.sort((left, right) => invokedAt(left) - invokedAt(right))) {
    next[last] = place
    last = place
  }
  return next
}

/**
 * What an order of a whole history is for each of its objects, as places in their own lists. Operations that say nothing (see {@link splitObjects}) have no place.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for what is no position in the history.
 */
export function splitOrder(
  objects: readonly ObjectHistory[],
  order: readonly number[],
  count: number,
): number[][] {
  const owner = new Int32Array(count).fill(NONE)
  const own = new Int32Array(count)
  objects.forEach(({ places }, object) => {
    places.forEach((place, at) => {
      owner[place] = object
      own[place] = at
    })
  })
  const orders = objects.map((): number[] => [])
  for (const position of order) {
    const object = owner[position]
    if (object === undefined) {
      const told = `order: ${position} is no position in a history of ${count} operations`
      throw new TestingError('TESTING_INVALID_OPTION', told)
    }
    if (object !== NONE) orders[object]?.push(own[position] as number)
  }
  return orders
}
