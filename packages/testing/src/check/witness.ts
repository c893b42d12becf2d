import type { Operation } from '../history/operation.ts'
import { orderEvents, orderReturns } from './event-order.ts'
import type { Model } from './model.ts'
import type { ObjectOperations } from './objects.ts'
import { readRegisterHistory } from './register-history.ts'
import { LinearizationSearch } from './search.ts'
import { Zones } from './zones.ts'

/**
 * Why a history is not consistent.
 * @category Checkers
 */
export interface Witness {
  /** The object, as {@link Model.partition} names it; the empty text when it takes several objects to convict. */
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
export function prefixUpTo(
  operations: readonly Operation[],
  returns: Int32Array,
  position: number,
): Operation[] {
  const returned = markReturned(operations.length, returns, position)
  const horizon = operations[returns[position] as number]?.completedAt ?? 0
  const prefix: Operation[] = []
  operations.forEach((operation, index) => {
    if (returned[index] === 1) prefix.push(operation)
    else if (operation.invokedAt <= horizon) prefix.push(asUnknown(operation))
  })
  return prefix
}

/** Marks the operations that have come back at the n-th return. */
export function markReturned(count: number, returns: Int32Array, position: number): Uint8Array {
  const returned = new Uint8Array(count)
  for (const operation of returns.subarray(0, position + 1)) returned[operation] = 1
  return returned
}

/** The operation as one of which nobody knows what became of it. */
export function asUnknown(operation: Operation): Operation {
  const { result: _, ...rest } = operation
  return { ...rest, outcome: 'unknown', completedAt: Number.POSITIVE_INFINITY }
}

/**
 * The first position that convicts, between `guess` and the last one or before. What convicts goes on convicting when more is known, so that a bisection finds it; the
 * guess is mostly right, and then two looks are enough.
 */
export function firstConviction(
  convicts: (position: number) => boolean,
  guess: number,
  last: number,
): number {
  let low = 0
  let high = last
  if (guess < last && !convicts(guess)) low = guess + 1
  else {
    high = guess
    if (guess === 0 || !convicts(guess - 1)) return guess
    high = guess - 1
  }
  while (low < high) {
    const middle = (low + high) >> 1
    if (convicts(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * Finds the shortest convicting prefix of an illegal history of one object, with at most `budget` calls of the model. `guess` is the return where a search got stuck: the prefix up
 * to there is usually the one, unless the search used results that were not known yet.
 */
export function findWitness<State>(
  model: Model<State>,
  { key, operations }: ObjectOperations,
  guess: number | undefined,
  budget: number,
): Witness {
  const returns = orderReturns(operations)
  const prefixes = new PrefixCheck(model, key, operations, returns, budget)
  const last = returns.length - 1
  const position = firstConviction((each) => prefixes.verdict(each) === 'illegal', guess ?? last, last)
  return {
    key,
    operation: operations[returns[position] as number] as Operation,
    prefix: prefixUpTo(operations, returns, position),
    shortest: prefixes.decided,
    lastLegal: position === 0 ? [] : prefixes.linearization(position - 1),
  }
}

/** Decides prefixes of one object's history. */
class PrefixCheck<State> {
  /** Whether all prefixes so far could be decided. */
  decided = true
  readonly #model: Model<State>
  readonly #key: string
  readonly #operations: readonly Operation[]
  readonly #returns: Int32Array
  readonly #zones: Zones | undefined
  /** Refused swaps: while there are any, zones only convict; and before they came back, not even that, since they might have taken place. */
  readonly #refused: readonly number[]
  #budget: number

  constructor(
    model: Model<State>,
    key: string,
    operations: readonly Operation[],
    returns: Int32Array,
    budget: number,
  ) {
    this.#model = model
    this.#key = key
    this.#operations = operations
    this.#returns = returns
    this.#budget = budget
    const register = readRegisterHistory(model, key, operations)
    this.#zones = register && new Zones(register)
    this.#refused = register?.refused ?? []
  }

  /** `undefined`, which counts as legal, where the budget is used up: a longer prefix is shown then, which convicts as well. */
  verdict(position: number): 'ok' | 'illegal' | undefined {
    const verdict = this.#zonesVerdict(position) ?? this.#search(position).verdict
    if (verdict === undefined) this.decided = false
    return verdict
  }

  /** An order in which a legal prefix can have taken effect; empty where the budget is used up. */
  linearization(position: number): Operation[] {
    if (this.#zonesVerdict(position) === 'ok') return this.#zonesOrder(this.#known(position))
    const search = this.#search(position)
    return search.verdict === 'ok' ? search.linearization() : []
  }

  #zonesOrder(known: Uint8Array): Operation[] {
    const places = this.#zones?.linearization(known) ?? []
    const placed = new Set(places)
    const order = places.map((each) => {
      const operation = this.#operations[each] as Operation
      return known[each] === 1 ? operation : asUnknown(operation)
    })
    // What zones left out says nothing, so it fits in as soon as all that had ended before it is over.
    this.#operations.forEach((operation, each) => {
      if (known[each] === 0 || placed.has(each)) return
      const before = order.findLastIndex(
        ({ outcome, completedAt }) => outcome === 'ok' && completedAt < operation.invokedAt,
      )
      order.splice(before + 1, 0, operation)
    })
    return order
  }

  #zonesVerdict(position: number): 'ok' | 'illegal' | undefined {
    const known = this.#known(position)
    if (this.#zones === undefined || this.#refused.some((operation) => known[operation] === 0))
      return undefined
    if (!this.#zones.isLegal(known)) return 'illegal'
    return this.#refused.length > 0 ? undefined : 'ok'
  }

  #known(position: number): Uint8Array {
    return markReturned(this.#operations.length, this.#returns, position)
  }

  #search(position: number): LinearizationSearch<State> {
    const prefix = prefixUpTo(this.#operations, this.#returns, position)
    const search = new LinearizationSearch(this.#model, orderEvents(prefix), this.#key)
    search.run(this.#budget)
    this.#budget = Math.max(0, this.#budget - search.steps)
    return search
  }
}
