import { requireRange } from '../errors.ts'
import type { Operation } from '../history/operation.ts'
import { orderEvents } from './event-order.ts'
import type { Model } from './model.ts'
import { LinearizationSearch } from './search.ts'
import type { Witness } from './witness.ts'
import { findWitness } from './witness.ts'

/**
 * How far to look.
 * @category Checkers
 */
export interface CheckOptions {
  /** Most calls of the model, 1 to 10^12, for all objects together; explaining a conviction may take as many again. Default 10,000,000: a few seconds. */
  readonly budget?: number
}

/**
 * What a check found. `ok`: there is an order. `illegal`: there is none, and `witness` shows why. `unknown`: the budget was used up before either
 * was proved; nothing is known then about the objects in `undecided`.
 * @category Checkers
 */
export interface CheckResult {
  /** The finding. */
  readonly verdict: 'ok' | 'illegal' | 'unknown'
  /** Operations that were looked at; failed ones are not. */
  readonly operations: number
  /** Objects that were told apart. */
  readonly objects: number
  /** Calls of the model. */
  readonly steps: number
  /** Objects that were not decided. */
  readonly undecided: readonly string[]
  /** Why it is illegal. */
  readonly witness?: Witness
}

interface Part<State> {
  readonly key: string
  readonly operations: readonly Operation[]
  readonly search: LinearizationSearch<State>
}

const DEFAULT_BUDGET = 10_000_000
const FIRST_SHARE = 1000
/** Shares grow by this factor: the hard object costs little more than alone, and an illegal one beside it is found long before it is done. */
const GROWTH = 4

/**
 * Checks whether every operation can have taken effect at one instant between its call and its return, in an order that the model allows
 * (linearizability; Herlihy and Wing 1990). Operations of unknown outcome may take effect at any time after their call, or never; failed ones never
 * did. Never hangs: at the budget the verdict is `unknown`.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for a history that cannot be one, and what the model throws.
 * @category Checkers
 */
export function checkLinearizable<State>(
  model: Model<State>,
  operations: readonly Operation[],
  options: CheckOptions = {},
): CheckResult {
  const budget = requireRange('budget', options.budget ?? DEFAULT_BUDGET, 1, 1e12)
  const parts = partsOf(model, operations)
  const counted = {
    operations: parts.reduce((sum, part) => sum + part.operations.length, 0),
    objects: parts.length,
  }
  let undecided = parts
  let spent = 0
  for (let share = FIRST_SHARE; undecided.length > 0 && spent < budget; share *= GROWTH) {
    const left: Part<State>[] = []
    for (const part of undecided) {
      const before = part.search.steps
      const verdict = part.search.run(Math.min(share, before + budget - spent))
      spent += part.search.steps - before
      if (verdict === 'illegal') {
        const witness = findWitness(model, part.key, part.operations, part.search.furthest, budget)
        return { verdict, ...counted, steps: spent, undecided: [], witness }
      }
      if (verdict === undefined) left.push(part)
    }
    undecided = left
  }
  return {
    verdict: undecided.length === 0 ? 'ok' : 'unknown',
    ...counted,
    steps: spent,
    undecided: undecided.map(({ key }) => key),
  }
}

function partsOf<State>(model: Model<State>, operations: readonly Operation[]): Part<State>[] {
  const groups = new Map<string, Operation[]>()
  for (const operation of operations) {
    if (isIrrelevant(model, operation)) continue
    const key = model.partition?.(operation) ?? ''
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [operation])
    else group.push(operation)
  }
  return Array.from(groups, ([key, group]) => ({
    key,
    operations: group,
    search: new LinearizationSearch(model, orderEvents(group)),
  }))
}

/** What did not happen, or may not have and had no effect if it did, says nothing. */
function isIrrelevant<State>(model: Model<State>, operation: Operation): boolean {
  if (operation.outcome === 'fail') return true
  return operation.outcome === 'unknown' && (model.isPure?.(operation) ?? false)
}
