import type { Operation } from '../history/operation.ts'
import { orderReturns } from './event-order.ts'
import type { Model } from './model.ts'
import type { ObjectOperations } from './objects.ts'
import { SequentialSearch } from './sequential-search.ts'
import type { Witness } from './witness.ts'
import { asUnknown, firstConviction, markReturned } from './witness.ts'

/**
 * Finds the first return that convicts, with at most `budget` calls of the model. What returns later is not left out, but of unknown outcome, whether it was invoked before or not: a read
 * may see the future, so leaving it out would convict what is in order.
 */
export function findSequentialWitness<State>(
  model: Model<State>,
  objects: readonly ObjectOperations[],
  budget: number,
): Witness {
  const prefixes = new PrefixSearch(model, objects, budget)
  const { returns, operations } = prefixes
  const last = returns.length - 1
  const position = firstConviction((each) => prefixes.search(each).verdict === 'illegal', last, last)
  return {
    key: objects.length === 1 ? (objects[0]?.key ?? '') : '',
    operation: operations[returns[position] as number] as Operation,
    prefix: inOrder(prefixes.prefix(position)),
    shortest: prefixes.decided,
    lastLegal: position === 0 ? [] : prefixes.search(position - 1).order,
  }
}

function inOrder(objects: readonly ObjectOperations[]): Operation[] {
  const all = objects.flatMap(({ operations, places }) =>
    operations.map((operation, index) => ({ operation, place: places[index] ?? 0 })),
  )
  return all.sort((left, right) => left.place - right.place).map(({ operation }) => operation)
}

/** Searches what is known of a history after each return. */
class PrefixSearch<State> {
  /** All operations, object by object. */
  readonly operations: readonly Operation[]
  /** The order in which they returned. */
  readonly returns: Int32Array
  /** Whether all searches so far came to an end. */
  decided = true
  readonly #model: Model<State>
  readonly #objects: readonly ObjectOperations[]
  #budget: number

  constructor(model: Model<State>, objects: readonly ObjectOperations[], budget: number) {
    this.#model = model
    this.#objects = objects
    this.#budget = budget
    this.operations = objects.flatMap(({ operations }) => operations)
    this.returns = orderReturns(this.operations)
  }

  /** What is known at the n-th return. */
  prefix(position: number): ObjectOperations[] {
    const returned = markReturned(this.operations.length, this.returns, position)
    let place = 0
    return this.#objects.map((object) => {
      const operations = object.operations.map((operation) =>
        returned[place++] === 1 ? operation : asUnknown(operation),
      )
      return { ...object, operations }
    })
  }

  /** Decides it, as far as the budget goes. */
  search(position: number): { readonly verdict: 'ok' | 'illegal' | undefined; readonly order: Operation[] } {
    const objects = this.prefix(position).map((object) => withoutPure(this.#model, object))
    const search = new SequentialSearch(this.#model, objects)
    const verdict = search.run(this.#budget)
    this.#budget = Math.max(0, this.#budget - search.steps)
    if (verdict === undefined) this.decided = false
    return { verdict, order: verdict === 'ok' ? search.order() : [] }
  }
}

/** What is of unknown outcome and changes nothing says nothing. */
function withoutPure<State>(model: Model<State>, object: ObjectOperations): ObjectOperations {
  const says = object.operations.map(
    (operation) => operation.outcome === 'ok' || model.isPure?.(operation) !== true,
  )
  return {
    key: object.key,
    operations: object.operations.filter((_, index) => says[index]),
    places: object.places.filter((_, index) => says[index]),
  }
}
