import { TestingError } from '../errors.ts'
import type { Operation } from '../history/operation.ts'
import type { Model } from './model.ts'

/** Operations on one object. */
export interface ObjectOperations {
  /** Its name, as {@link Model.partition} gives it. */
  readonly key: string
  /** In the order of the whole history. */
  readonly operations: readonly Operation[]
  /** Where each stands in the whole history. */
  readonly places: readonly number[]
}

/** What happened to one object. */
export interface ObjectHistory extends ObjectOperations {
  /** The operations as copies with the same fields in the same order: on objects of many shapes, engines look fields up ten times as slowly. */
  readonly alike: readonly Operation[]
}

/** Splits a history by objects, and leaves out what says nothing. Throws for a history that cannot be one. */
export function splitObjects<State>(model: Model<State>, operations: readonly Operation[]): ObjectHistory[] {
  const groups = new Map<
    string,
    { key: string; operations: Operation[]; places: number[]; alike: Operation[] }
  >()
  for (let index = 0; index < operations.length; index += 1) {
    const operation = operations[index] as Operation
    const copy = copyOf(operation)
    requireSense(model, copy, index)
    if (isIrrelevant(model, copy)) continue
    const key = model.partition?.(copy) ?? ''
    let group = groups.get(key)
    if (group === undefined) groups.set(key, (group = { key, operations: [], places: [], alike: [] }))
    group.operations.push(operation)
    group.places.push(index)
    group.alike.push(copy)
  }
  return [...groups.values()]
}

function copyOf({ process, f, key, value, result, outcome, invokedAt, completedAt }: Operation): Operation {
  const copy = { process, f, key, value, result, outcome, invokedAt, completedAt }
  // Absent and `undefined` are the same to everything that reads a copy.
  return copy as Operation
}

/** How much there is to look at. */
export function countObjects(objects: readonly ObjectOperations[]): { operations: number; objects: number } {
  return {
    operations: objects.reduce((sum, { operations }) => sum + operations.length, 0),
    objects: objects.length,
  }
}

/** What did not happen, or may not have and had no effect if it did, says nothing. */
function isIrrelevant<State>(model: Model<State>, operation: Operation): boolean {
  if (operation.outcome === 'fail') return true
  return operation.outcome === 'unknown' && (model.isPure?.(operation) ?? false)
}

function requireSense<State>(model: Model<State>, operation: Operation, index: number): void {
  const problem = problemOfTimes(operation) ?? model.problem?.(operation)
  if (problem === undefined) return
  throw new TestingError('TESTING_INVALID_HISTORY', `operation ${index} of the history: ${problem}`)
}

function problemOfTimes({ invokedAt, completedAt, outcome }: Operation): string | undefined {
  if (!Number.isFinite(invokedAt)) return `it was invoked at ${invokedAt}`
  if (outcome !== 'ok' || (completedAt >= invokedAt && completedAt !== Number.POSITIVE_INFINITY))
    return undefined
  return `it is 'ok' but completed at ${completedAt}, having been invoked at ${invokedAt}`
}
