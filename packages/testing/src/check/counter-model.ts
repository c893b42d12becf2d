import type { Operation } from '../history/operation.ts'
import type { Model, Step } from './model.ts'
import { refuseVerb, requireInitial, unknownVerb } from './verbs.ts'

const VERBS: readonly string[] = ['inc', 'read']

/**
 * How counters begin.
 * @category Checkers
 */
export interface CounterModelOptions {
  /** Value before the first `inc`. Default 0. */
  readonly initial?: number
}

/**
 * A counter, or one for each key: `inc` (value: by how much, also less than 0, 1 when there is none; result, where there is one: the new value), `read`
 * (result: the value).
 * @category Checkers
 */
export function counterModel(options: CounterModelOptions = {}): Model<unknown> {
  const initial = options.initial ?? 0
  requireInitial('counter', Number.isFinite(initial), 'a number')
  const model: Model<number> = {
    init: () => initial,
    step: counterStep,
    partition: ({ key }) => key ?? '',
    isPure: ({ f, value }) => f === 'read' || value === 0,
    stateKey: (count) => count,
    problem: (operation) => unknownVerb('counter', VERBS, operation) ?? problemOfAmount(operation),
  }
  return model
}

function problemOfAmount({ f, value }: Operation): string | undefined {
  if (f === 'read' || value === undefined || value === null || Number.isFinite(value)) return undefined
  return "the value of an 'inc' must be a number: by how much"
}

function counterStep(count: number, operation: Operation): Step<number> {
  const { f, value, result, outcome } = operation
  if (f === 'read') return { legal: outcome !== 'ok' || result === count, state: count }
  if (f !== 'inc') return refuseVerb('counter', operation)
  const state = count + ((value as number | null | undefined) ?? 1)
  return { legal: outcome !== 'ok' || (result ?? state) === state, state }
}
