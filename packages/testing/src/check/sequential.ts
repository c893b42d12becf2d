import { requireRange } from '../errors.ts'
import type { Operation } from '../history/operation.ts'
import type { CheckOptions, CheckResult } from './check-result.ts'
import { DEFAULT_BUDGET } from './check-result.ts'
import { decideLinearizable } from './linearizability.ts'
import type { Model } from './model.ts'
import type { ObjectHistory, ObjectOperations } from './objects.ts'
import { countObjects, splitObjects } from './objects.ts'
import { areSequential, splitPrograms } from './programs.ts'
import { splitOrder } from './proposed-order.ts'
import { SequentialSearch } from './sequential-search.ts'
import { interleave } from './shares.ts'
import { findSequentialWitness } from './sequential-witness.ts'

/** Part of the budget for ways that may save the search over all objects. */
const SHORT_CUT = 0.25

/**
 * Checks whether all operations, of all objects together, can have happened one after the other in an order that the model allows and that keeps the order of every
 * process (sequential consistency; Lamport 1979). Real time says nothing: a read may be stale, as long as its process never sees time go back. Operations of a
 * process follow each other as they were invoked. One of unknown outcome comes after what its process did before, at any time, or never.
 *
 * Unlike linearizability, each object may be fine while all together are not, so they cannot be checked apart, and proofs may take time exponential in the number
 * of processes: at the budget the verdict is `unknown`. Times matter in one thing only: a witness counts returns in their order, and everything
 * that returns later has an unknown outcome in its prefix, whether it was invoked before or not, since a read may see the future.
 * @throws As `checkLinearizable`.
 * @category Checkers
 */
export function checkSequential<State>(
  model: Model<State>,
  operations: readonly Operation[],
  options: CheckOptions = {},
): CheckResult {
  const budget = requireRange('budget', options.budget ?? DEFAULT_BUDGET, 1, 1e12)
  const objects = splitObjects(model, operations)
  const about = countObjects(objects)
  const spent = { steps: 0 }
  const orders = options.order && splitOrder(objects, options.order, operations.length)
  const linear = isLinearizable(model, objects, Math.ceil(budget * SHORT_CUT), spent, orders)
  if (linear) return { verdict: 'ok', ...about, ...spent, undecided: [] }
  const apart =
    objects.length > 1 ? convictOne(model, objects, Math.ceil(budget * SHORT_CUT), spent) : undefined
  const guilty = apart === undefined ? objects : [apart]
  const search = new SequentialSearch(model, guilty.map(inOneShape))
  const verdict = apart === undefined ? search.run(Math.max(1, budget - spent.steps)) : 'illegal'
  spent.steps += search.steps
  if (verdict === 'illegal') {
    const witness = findSequentialWitness(model, guilty, budget)
    return { verdict, ...about, ...spent, undecided: [], witness }
  }
  const undecided = verdict === undefined ? objects.map(({ key }) => key) : []
  return { verdict: verdict ?? 'unknown', ...about, ...spent, undecided }
}

/** Whether real time explains the history already, where it holds the order of processes: much faster to tell. */
function isLinearizable<State>(
  model: Model<State>,
  objects: readonly ObjectHistory[],
  budget: number,
  spent: { steps: number },
  orders: readonly (readonly number[])[] | undefined,
): boolean {
  const operations = objects.flatMap((object) => object.operations)
  if (!areSequential(operations, splitPrograms(operations))) return false
  const { verdict, steps } = decideLinearizable(model, objects, budget, orders)
  spent.steps += steps
  return verdict === 'ok'
}

/** An object that is not sequentially consistent even alone, if one can be found soon. */
function convictOne<State>(
  model: Model<State>,
  objects: readonly ObjectHistory[],
  budget: number,
  spent: { steps: number },
): ObjectHistory | undefined {
  const searches = objects.map((object) => new SequentialSearch(model, [inOneShape(object)]))
  const { steps, guilty } = interleave(searches, budget)
  spent.steps += steps
  return guilty && objects[searches.indexOf(guilty)]
}

function inOneShape({ key, alike, places }: ObjectHistory): ObjectOperations {
  return { key, operations: alike, places }
}
