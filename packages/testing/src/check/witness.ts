import type { Operation } from '../history/operation.ts'
import { orderEvents } from './event-order.ts'
import type { Model } from './model.ts'
import { LinearizationSearch } from './search.ts'

/**
 * Why a history is not linearizable.
 * @category Checkers
 */
export interface Witness {
  /** The object, as {@link Model.partition} names it. */
  readonly key: string
  /** The first operation whose return cannot be explained by anything that happened up to then. */
  readonly operation: Operation
  /**
   * The history up to that return, which convicts on its own: operations that were still under way have the outcome `unknown`, and no event can
   * be taken away from its end.
   */
  readonly prefix: readonly Operation[]
  /** Whether the prefix was proved to be the shortest; `false` when the budget did not allow that. */
  readonly shortest: boolean
  /** The same history right before that return, in an order in which it can have taken effect; empty when the budget did not allow to find one. */
  readonly lastLegal: readonly Operation[]
}

/** What an observer knows at the n-th return: later returns have not happened yet. */
function prefixUpTo(operations: readonly Operation[], returns: Int32Array, position: number): Operation[] {
  const returned = new Set(returns.subarray(0, position + 1))
  const horizon = operations[returns[position] as number]?.completedAt ?? 0
  const prefix: Operation[] = []
  operations.forEach((operation, index) => {
    if (returned.has(index)) prefix.push(operation)
    else if (operation.invokedAt <= horizon) prefix.push(asUnknown(operation))
  })
  return prefix
}

function asUnknown(operation: Operation): Operation {
  const { result: _, ...rest } = operation
  return { ...rest, outcome: 'unknown', completedAt: Number.POSITIVE_INFINITY }
}

/**
 * Finds the shortest convicting prefix of an illegal history of one object. `furthest` is where the search got stuck: the prefix up to there is
 * usually the one, unless the search used results that were not known yet; then a bisection finds it, since what convicts stays convicting.
 */
export function findWitness<State>(
  model: Model<State>,
  key: string,
  operations: readonly Operation[],
  furthest: number,
  budget: number,
): Witness {
  const { returns } = orderEvents(operations)
  let shortest = true
  const convicts = (position: number): boolean => {
    const verdict = new LinearizationSearch(
      model,
      orderEvents(prefixUpTo(operations, returns, position)),
    ).run(budget)
    if (verdict === undefined) shortest = false
    // Undecided counts as legal: the prefix that is shown at last is longer then, but still convicts.
    return verdict === 'illegal'
  }
  let low = furthest
  let high = returns.length - 1
  if (convicts(low)) high = low
  else low = Math.min(low + 1, high)
  while (low < high) {
    const middle = (low + high) >> 1
    if (convicts(middle)) high = middle
    else low = middle + 1
  }
  return {
    key,
    operation: operations[returns[low] as number] as Operation,
    prefix: prefixUpTo(operations, returns, low),
    shortest,
    lastLegal: low === 0 ? [] : legalOrder(model, prefixUpTo(operations, returns, low - 1), budget),
  }
}

function legalOrder<State>(
  model: Model<State>,
  operations: readonly Operation[],
  budget: number,
): Operation[] {
  const search = new LinearizationSearch(model, orderEvents(operations))
  return search.run(budget) === 'ok' ? search.linearization() : []
}
