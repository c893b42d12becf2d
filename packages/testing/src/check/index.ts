/**
 * Histories and checkers, usable alone on histories from any system in any language.
 * @packageDocumentation
 */
export { History, type OperationHandle } from '../history/history.ts'
export { type Operation, type Outcome } from '../history/operation.ts'
export { type CheckOptions, type CheckResult, checkLinearizable } from './linearizability.ts'
export { type Model, type Step } from './model.ts'
export { mapModel } from './map-model.ts'
export { registerModel, type RegisterModelOptions } from './register-model.ts'
export { valueKey } from './value-key.ts'
export { type Witness } from './witness.ts'
