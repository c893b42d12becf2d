import { requireRange } from '../errors.ts'
import type { Operation } from '../history/operation.ts'
import type { CheckOptions, CheckResult } from './check-result.ts'
import { DEFAULT_BUDGET } from './check-result.ts'
import { orderEvents } from './event-order.ts'
import type { Model } from './model.ts'
import type { ObjectHistory } from './objects.ts'
import { countObjects, splitObjects } from './objects.ts'
import { OrderCheck, splitOrder } from './proposed-order.ts'
import { markKnown, readRegisterHistory } from './register-history.ts'
import { LinearizationSearch } from './search.ts'
import { type Decision, interleave } from './shares.ts'
import { findWitness } from './witness.ts'
import { Zones } from './zones.ts'

/**
 * Checks whether every operation can have taken effect at one instant between its call and its return, in an order that the model allows
 * (linearizability; Herlihy and Wing 1990). Operations of unknown outcome may take effect at any time after their call, or never; failed ones never
 * did. Never hangs: at the budget the verdict is `unknown`.
 *
 * Objects are checked apart. One that is a register whose values were each written once, as far as anybody read them or swapped them away, takes O(n log n); any other takes a
 * search that is fast for histories that are linearizable, and may take exponential time to prove that one is not. Whoever knows in which order things happened, proposes it as
 * `order`, and has every history that is explained by it decided at once.
 * @throws A {@link TestingError} with code `TESTING_INVALID_HISTORY` for a history that cannot be one of the model, `TESTING_INVALID_OPTION` for a budget or an order out of range,
 * and what the model throws.
 * @category Checkers
 */
export function checkLinearizable<State>(
  model: Model<State>,
  operations: readonly Operation[],
  options: CheckOptions = {},
): CheckResult {
  const budget = requireRange('budget', options.budget ?? DEFAULT_BUDGET, 1, 1e12)
  const objects = splitObjects(model, operations)
  const orders = options.order && splitOrder(objects, options.order, operations.length)
  const { verdict, steps, undecided, guilty, parts } = decideLinearizable(model, objects, budget, orders)
  return {
    verdict,
    ...countObjects(objects),
    steps,
    undecided: undecided.map(({ object }) => object.key),
    ...(orders && { unexplained: parts.filter((part) => part.isRefuted).map(({ object }) => object.key) }),
    ...(guilty && { witness: findWitness(model, guilty.object, guilty.stuckAt, budget) }),
  }
}

/** Decides without explaining. `orders`: one for each object, that is looked at first. */
export function decideLinearizable<State>(
  model: Model<State>,
  objects: readonly ObjectHistory[],
  budget: number,
  orders?: readonly (readonly number[])[],
): Decision<ObjectCheck<State>> & { readonly parts: readonly ObjectCheck<State>[] } {
  const parts = objects.map((object, at) => new ObjectCheck(model, object, orders?.[at]))
  return { ...interleave(parts, budget), parts }
}

/** One object under examination: the order that was proposed where it holds, zones where they decide, else the search. */
class ObjectCheck<State> {
  readonly object: ObjectHistory
  readonly #model: Model<State>
  readonly #order: OrderCheck<State> | undefined
  #search: LinearizationSearch<State> | undefined

  constructor(model: Model<State>, object: ObjectHistory, order?: readonly number[]) {
    this.#model = model
    this.object = object
    this.#order = order && new OrderCheck(model, object, order)
  }

  /** Calls of the model so far. */
  get steps(): number {
    return (this.#order?.steps ?? 0) + (this.#search?.steps ?? 0)
  }

  /** Whether an order was proposed that explains nothing. */
  get isRefuted(): boolean {
    return this.#order?.verdict === 'refuted'
  }

  /** Whether it stays undecided whatever the budget. */
  get exhausted(): boolean {
    return this.#search?.exhausted ?? false
  }

  /** The return that the search could not get past, if it was one. */
  get stuckAt(): number | undefined {
    return this.#search?.furthest
  }

  /** Goes on until `limit` steps in all. `undefined`: not decided yet. */
  run(limit: number): 'ok' | 'illegal' | undefined {
    if (this.#order !== undefined) {
      const found = this.#order.run(limit)
      if (found !== 'refuted') return found
    }
    if (this.#search === undefined) {
      const verdict = this.#checkZones()
      if (verdict !== undefined) return verdict
      const { key, alike } = this.object
      this.#search = new LinearizationSearch(this.#model, orderEvents(alike), key)
    }
    return this.#search.run(limit - (this.#order?.steps ?? 0))
  }

  #checkZones(): 'ok' | 'illegal' | undefined {
    const { key, alike } = this.object
    const register = readRegisterHistory(this.#model, key, alike)
    if (register === undefined) return undefined
    if (!new Zones(register).isLegal(markKnown(register))) return 'illegal'
    return register.refused.length > 0 ? undefined : 'ok'
  }
}
