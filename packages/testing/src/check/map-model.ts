import type { Operation } from '../history/operation.ts'
import type { Model, RegisterAccess, Step } from './model.ts'
import { sameValue } from './value-key.ts'
import { isRecord, refuseVerb, requireInitial, unknownVerb } from './verbs.ts'

const VERBS: readonly string[] = ['get', 'put', 'append', 'delete']

/**
 * What maps hold at first.
 * @category Checkers
 */
export interface MapModelOptions {
  /** Values by key. Default: none. */
  readonly initial?: Readonly<Record<string, unknown>>
}

/**
 * A map, each key an object of its own: `get` (result: the value, `null` for none), `put` (value: the new one), `append` (value: text that is added
 * behind; a missing key counts as empty), `delete` (result, where there is one: whether the key was there). Values are compared as JSON.
 *
 * A key that is only got and put is checked as {@link registerModel} says, in O(n log n) when values are unique.
 * @category Checkers
 */
export function mapModel(options: MapModelOptions = {}): Model<unknown> {
  requireInitial(
    'map',
    options.initial === undefined || isRecord(options.initial),
    'an object: {"key": value, …}',
  )
  const initial = new Map(Object.entries(options.initial ?? {}))
  return {
    init: (key = '') => initial.get(key) ?? null,
    step: mapStep,
    partition: ({ key }) => key ?? '',
    isPure: ({ f, result, outcome }) =>
      f === 'get' || (f === 'delete' && outcome === 'ok' && result === false),
    problem: (operation) => unknownVerb('map', VERBS, operation),
    registerAccess,
  }
}

function mapStep(state: unknown, operation: Operation): Step<unknown> {
  const { f, value, result, outcome } = operation
  switch (f) {
    case 'get':
      return { legal: outcome !== 'ok' || sameValue(state, result), state }
    case 'put':
      return { legal: true, state: value ?? null }
    case 'append':
      return { legal: true, state: textOf(state) + textOf(value) }
    case 'delete': {
      const told = outcome === 'ok' && typeof result === 'boolean'
      return { legal: !told || result === (state !== null), state: null }
    }
    default:
      return refuseVerb('map', operation)
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value === null || value === undefined ? '' : JSON.stringify(value)
}

function registerAccess({ f, value, result }: Operation): RegisterAccess | undefined {
  if (f === 'get') return { kind: 'read', value: result }
  return f === 'put' ? { kind: 'write', value } : undefined
}
