import type { Operation } from '../history/operation.ts'
import type { Model, Step } from './model.ts'
import { sameValue } from './value-key.ts'

/**
 * A map, each key an object of its own: `get` (result: the value, `null` for none), `put` (value: the new one), `append` (value: text that is added
 * behind; a missing key counts as empty), `delete` (result, where there is one: whether the key was there). Values are compared as JSON.
 * @category Checkers
 */
export function mapModel(): Model<unknown> {
  return {
    init: () => null,
    step: mapStep,
    partition: ({ key }) => key ?? '',
    isPure: ({ f, result, outcome }) =>
      f === 'get' || (f === 'delete' && outcome === 'ok' && result === false),
  }
}

function mapStep(state: unknown, { f, value, result, outcome }: Operation): Step<unknown> {
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
      throw new TypeError(`a map has no operation '${f}'`)
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value === null || value === undefined ? '' : JSON.stringify(value)
}
