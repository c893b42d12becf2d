import type { Operation } from '../history/operation.ts'
import type { Model, Step } from './model.ts'
import { sameValue } from './value-key.ts'

/**
 * How registers begin.
 * @category Checkers
 */
export interface RegisterModelOptions {
  /** Value before the first write. Default `null`. */
  readonly initial?: unknown
}

/**
 * A register, or one for each key: `read` (result: the value), `write` (value: the new one), `cas` (value: `[old, new]`; result: whether it took
 * place, `true` when there is none). Values are compared as JSON, `undefined` as `null`.
 * @category Checkers
 */
export function registerModel(options: RegisterModelOptions = {}): Model<unknown> {
  const initial = options.initial ?? null
  return {
    init: () => initial,
    step: registerStep,
    partition: ({ key }) => key ?? '',
    isPure: ({ f, result, outcome }) => f === 'read' || (f === 'cas' && outcome === 'ok' && result === false),
  }
}

function registerStep(state: unknown, operation: Operation): Step<unknown> {
  const { f, value, result, outcome } = operation
  switch (f) {
    case 'read':
      return { legal: outcome !== 'ok' || sameValue(state, result), state }
    case 'write':
      return { legal: true, state: value ?? null }
    case 'cas': {
      const [old, next] = value as readonly [unknown, unknown]
      const holds = sameValue(state, old)
      const legal = outcome !== 'ok' || holds === (result !== false)
      return { legal, state: holds ? (next ?? null) : state }
    }
    default:
      throw new TypeError(`a register has no operation '${f}'`)
  }
}
