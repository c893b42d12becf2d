import type { Model, ModelName, Operation } from '../../src/check/index.ts'

/**
 * What each object is supposed to do, written once more and as plainly as possible: states are plain data, copied whenever they change, and results are compared as text. Nothing is
 * shared with the models under test.
 */
type Apply = (
  state: never,
  operation: Operation,
) => readonly [state: unknown, accepts: (result: unknown) => boolean]

const anything = (): boolean => true
const exactly =
  (expected: unknown) =>
  (result: unknown): boolean =>
    JSON.stringify(result ?? null) === JSON.stringify(expected ?? null)

const register: Apply = (state: unknown, { f, value }) => {
  if (f === 'read') return [state, exactly(state)]
  if (f === 'write') return [value ?? null, anything]
  const [old, next] = value as [unknown, unknown]
  const same = JSON.stringify(old) === JSON.stringify(state)
  return [same ? next : state, (result) => (result !== false) === same]
}

const sorted = (values: readonly unknown[]): string =>
  JSON.stringify(values.map((value) => JSON.stringify(value)).sort())

const map: Apply = (state: unknown, { f, value }) => {
  if (f === 'get') return [state, exactly(state)]
  if (f === 'put') return [value, anything]
  if (f === 'append') return [`${state === null ? '' : (state as string)}${value as string}`, anything]
  return [null, (result) => typeof result !== 'boolean' || result === (state !== null)]
}

const queue: Apply = (state: readonly unknown[], { f, value }) =>
  f === 'enqueue' ? [[...state, value], anything] : [state.slice(1), exactly(state[0])]

const set: Apply = (state: readonly unknown[], { f, value }) => {
  if (f === 'add') return [state.includes(value) ? state : [...state, value], anything]
  const members = sorted(state)
  return [state, (result) => Array.isArray(result) && sorted(result) === members]
}

const counter: Apply = (state: number, { f, value }) => {
  if (f === 'read') return [state, exactly(state)]
  const next = state + ((value as number | undefined) ?? 1)
  return [next, (result) => result === undefined || result === next]
}

const mutex: Apply = (
  state: { readonly holder: unknown; readonly token: number },
  { f, process, result, outcome },
) => {
  if (f === 'acquire') {
    if (result === false) return [state, () => state.holder !== null]
    const token = outcome === 'ok' && typeof result === 'number' ? result : undefined
    const legal = state.holder === null && (token === undefined || token > state.token)
    return legal ? [{ holder: process, token: token ?? state.token }, anything] : [undefined, anything]
  }
  if (result === false) return [state, () => state.holder !== process]
  return state.holder === process ? [{ ...state, holder: null }, anything] : [undefined, anything]
}

const bank: Apply = (state: Readonly<Record<string, number>>, { f, value }) => {
  if (f === 'read') return [state, exactly(state)]
  const { from, to, amount } = value as { from: string; to: string; amount: number }
  const refused = (state[from] ?? 0) < amount
  const after = { ...state }
  if (!refused) {
    after[from] = (after[from] ?? 0) - amount
    after[to] = (after[to] ?? 0) + amount
  }
  return [after, (result) => (result === false) === refused]
}

const appendList: Apply = (state: readonly unknown[], { f, value }) =>
  f === 'append' ? [[...state, value], anything] : [state, exactly(state)]

const OBJECTS: Readonly<Record<ModelName, readonly [initial: unknown, apply: Apply]>> = {
  register: [null, register],
  'cas-register': [null, register],
  map: [null, map],
  queue: [[], queue],
  set: [[], set],
  counter: [0, counter],
  mutex: [{ holder: null, token: Number.NEGATIVE_INFINITY }, mutex],
  bank: [{ a: 3, b: 1 }, bank],
  'append-list': [[], appendList],
}

/** What the bank under test must begin with to be like its reference. */
export const BANK: Readonly<Record<string, number>> = { a: 3, b: 1 }

/** A model that knows nothing of parts, pure operations or keys of states: one state holds all objects. */
export function referenceModel(name: ModelName): Model<Readonly<Record<string, unknown>>> {
  const [initial, apply] = OBJECTS[name]
  return {
    init: () => ({}),
    step: (all, operation) => {
      const key = operation.key ?? ''
      const state = Object.hasOwn(all, key) ? all[key] : initial
      const [next, accepts] = apply(state as never, operation)
      if (next === undefined) return { legal: false, state: all }
      const legal = operation.outcome !== 'ok' || accepts(operation.result)
      return { legal, state: { ...all, [key]: next } }
    },
  }
}
