import type { Operation } from '../history/operation.ts'
import type { Model, Step } from './model.ts'
import { sameValue, valueKey } from './value-key.ts'
import { refuseVerb, requireInitial, unknownVerb } from './verbs.ts'

const VERBS: readonly string[] = ['append', 'read']

/** A list as its last value and the list before it. What follows is remembered, so that one list is one object and stands for itself as a key. */
interface List {
  readonly length: number
  readonly last: unknown
  readonly before: List | undefined
  readonly followers: Map<unknown, List>
}

/**
 * What a list holds at first.
 * @category Checkers
 */
export interface AppendListModelOptions {
  /** Its values. Default: none. */
  readonly initial?: readonly unknown[]
}

/**
 * A list that only grows, or one for each key: `append` (value: what comes behind), `read` (result: the whole list; `null` for an empty one). Values are compared as
 * JSON. Since a read shows the whole past, a wrong one is convicted soon.
 * @category Checkers
 */
export function appendListModel(options: AppendListModelOptions = {}): Model<unknown> {
  const initial = options.initial ?? []
  requireInitial('list', Array.isArray(initial), 'a list')
  const model: Model<List> = {
    init: () =>
      initial.reduce<List>(append, { length: 0, last: undefined, before: undefined, followers: new Map() }),
    step: listStep,
    partition: ({ key }) => key ?? '',
    isPure: ({ f }) => f === 'read',
    stateKey: (list) => list,
    describe: (list) => JSON.stringify(valuesOf(list)),
    problem: (operation) => unknownVerb('list', VERBS, operation),
  }
  return model
}

function append(before: List, value: unknown): List {
  const key = valueKey(value)
  const known = before.followers.get(key)
  if (known !== undefined) return known
  const list: List = { length: before.length + 1, last: value, before, followers: new Map() }
  before.followers.set(key, list)
  return list
}

function listStep(list: List, operation: Operation): Step<List> {
  const { f, value, result, outcome } = operation
  if (f === 'append') return { legal: true, state: append(list, value) }
  if (f !== 'read') return refuseVerb('list', operation)
  return { legal: outcome !== 'ok' || holds(list, result ?? []), state: list }
}

/** From the back, where lists that differ are most likely to. */
function holds(list: List, result: unknown): boolean {
  if (!Array.isArray(result) || result.length !== list.length) return false
  let rest: List | undefined = list
  for (let place = result.length - 1; place >= 0; place -= 1) {
    if (!sameValue(rest?.last, result[place])) return false
    rest = rest?.before
  }
  return true
}

function valuesOf(list: List): unknown[] {
  const values: unknown[] = []
  for (let rest: List | undefined = list; rest?.before !== undefined; rest = rest.before)
    values.push(rest.last)
  return values.toReversed()
}
