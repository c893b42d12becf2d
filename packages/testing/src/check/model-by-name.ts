import { TestingError } from '../errors.ts'
import { appendListModel, type AppendListModelOptions } from './append-list-model.ts'
import { bankModel, type BankModelOptions } from './bank-model.ts'
import { counterModel, type CounterModelOptions } from './counter-model.ts'
import { mapModel, type MapModelOptions } from './map-model.ts'
import type { Model } from './model.ts'
import { mutexModel, type MutexModelOptions } from './mutex-model.ts'
import { queueModel, type QueueModelOptions } from './queue-model.ts'
import { registerModel } from './register-model.ts'
import { setModel, type SetModelOptions } from './set-model.ts'

/**
 * Names of the models that come with the package.
 * @category Checkers
 */
export type ModelName =
  'register' | 'cas-register' | 'map' | 'queue' | 'set' | 'counter' | 'mutex' | 'bank' | 'append-list'

/** Each model looks at its initial state itself, and refuses one of the wrong form. */
const MODELS: Readonly<Record<ModelName, (initial: { readonly initial?: unknown }) => Model<unknown>>> = {
  register: (initial) => registerModel({ ...initial, cas: false }),
  'cas-register': registerModel,
  map: (initial) => mapModel(initial as MapModelOptions),
  queue: (initial) => queueModel(initial as QueueModelOptions),
  set: (initial) => setModel(initial as SetModelOptions),
  counter: (initial) => counterModel(initial as CounterModelOptions),
  mutex: (initial) => mutexModel(initial as MutexModelOptions),
  bank: (initial) => bankModel(initial as BankModelOptions),
  'append-list': (initial) => appendListModel(initial as AppendListModelOptions),
}

/**
 * Names that {@link modelByName} knows.
 * @category Checkers
 */
export const modelNames: readonly ModelName[] = Object.keys(MODELS) as ModelName[]

/**
 * The model of a name, for tools that get it as a text.
 * @param name One of {@link modelNames}.
 * @param initial The state before the first operation, as the model's options describe it. Default: the model's own.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for another name, or an initial state of the wrong form.
 * @category Checkers
 */
export function modelByName(name: string, initial?: unknown): Model<unknown> {
  if (!Object.hasOwn(MODELS, name)) {
    throw new TestingError(
      'TESTING_INVALID_OPTION',
      `there is no model '${name}'; there are ${modelNames.join(', ')}`,
    )
  }
  return MODELS[name as ModelName](initial === undefined || initial === null ? {} : { initial })
}
