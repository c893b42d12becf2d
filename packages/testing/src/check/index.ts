/**
 * Histories and checkers, usable alone on histories from any system in any language.
 * @module check
 */
export { History, type OperationHandle } from '../history/history.ts'
export { type Operation, type Outcome } from '../history/operation.ts'
export { formatHistory } from '../history/format-history.ts'
export { InvalidHistoryError } from '../history/invalid-history.ts'
export { parseHistory } from '../history/parse-history.ts'
export { appendListModel, type AppendListModelOptions } from './append-list-model.ts'
export { bankModel, type BankModelOptions } from './bank-model.ts'
export { checkHistory, type CheckHistoryOptions, type Consistency } from './check-history.ts'
export { type CheckOptions, type CheckResult } from './check-result.ts'
export { counterModel, type CounterModelOptions } from './counter-model.ts'
export { checkLinearizable } from './linearizability.ts'
export { mapModel, type MapModelOptions } from './map-model.ts'
export type {
  Model,
  RegisterAccess,
  RegisterRead,
  RegisterRefusal,
  RegisterSwap,
  RegisterWrite,
  Step,
} from './model.ts'
export { modelByName, type ModelName, modelNames } from './model-by-name.ts'
export { mutexModel, type MutexModelOptions } from './mutex-model.ts'
export { queueModel, type QueueModelOptions } from './queue-model.ts'
export { registerModel, type RegisterModelOptions } from './register-model.ts'
export { checkSequential } from './sequential.ts'
export { checkSessions } from './sessions.ts'
export { type SessionGuarantee, type SessionViolation } from './session-violation.ts'
export { setModel, type SetModelOptions } from './set-model.ts'
export { valueKey } from './value-key.ts'
export { type Witness } from './witness.ts'
export { TestingError, type TestingErrorCode } from '../errors.ts'
