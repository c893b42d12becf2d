import type { Operation } from '../history/operation.ts'
import type { Model, RegisterAccess, Step } from './model.ts'
import { sameValue } from './value-key.ts'
import { refuseVerb, unknownVerb } from './verbs.ts'

/**
 * How registers begin, and what they can do.
 * @category Checkers
 */
export interface RegisterModelOptions {
  /** Value before the first write. Default `null`. */
  readonly initial?: unknown
  /** Whether `cas` is one of the verbs. Default `true`. */
  readonly cas?: boolean
}

/**
 * A register, or one for each key: `read` (result: the value), `write` (value: the new one), `cas` (value: `[old, new]`; result: whether it took
 * place, `true` when there is none). Values are compared as JSON, `undefined` as `null`.
 *
 * Checked in O(n log n) when every value that was read, or swapped away by a `cas`, was written once: see {@link checkLinearizable}.
 * @category Checkers
 */
export function registerModel(options: RegisterModelOptions = {}): Model<unknown> {
  const initial = options.initial ?? null
  const verbs = options.cas === false ? ['read', 'write'] : ['read', 'write', 'cas']
  return {
    init: () => initial,
    step: registerStep,
    partition: ({ key }) => key ?? '',
    isPure,
    problem: (operation) => unknownVerb('register', verbs, operation) ?? problemOfSwap(operation),
    registerAccess,
  }
}

function problemOfSwap({ f, value }: Operation): string | undefined {
  if (f !== 'cas' || (Array.isArray(value) && value.length === 2)) return undefined
  return "the value of a 'cas' must be a list of two: the old and the new value"
}

function isPure({ f, value, result, outcome }: Operation): boolean {
  if (f !== 'cas') return f === 'read'
  const [old, next] = value as readonly [unknown, unknown]
  return (outcome === 'ok' && result === false) || sameValue(old, next)
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
      return refuseVerb('register', operation)
  }
}

function registerAccess({ f, value, result, outcome }: Operation): RegisterAccess | undefined {
  if (f === 'read') return { kind: 'read', value: result }
  if (f === 'write') return { kind: 'write', value }
  const [old, next] = value as readonly [unknown, unknown]
  if (outcome === 'ok' && result === false) return { kind: 'refused', old }
  return sameValue(old, next) ? { kind: 'read', value: old } : { kind: 'swap', old, value: next }
}
