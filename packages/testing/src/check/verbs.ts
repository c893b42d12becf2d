import { TestingError } from '../errors.ts'
import type { Operation } from '../history/operation.ts'

/** Says what is wrong with an operation whose verb an object does not have. */
export function unknownVerb(object: string, verbs: readonly string[], { f }: Operation): string | undefined {
  return verbs.includes(f)
    ? undefined
    : `a ${object} has no operation '${f}': it has ${verbs.map((verb) => `'${verb}'`).join(', ')}`
}

/** For a `step` that was called past the checkers, which look at verbs first. */
export function refuseVerb(object: string, { f }: Operation): never {
  throw new TestingError('TESTING_INVALID_HISTORY', `a ${object} has no operation '${f}'`)
}

/** Throws unless an initial state has the right form. */
export function requireInitial(object: string, holds: boolean, form: string): void {
  if (!holds) throw new TestingError('TESTING_INVALID_OPTION', `a ${object} begins as ${form}`)
}

/** Whether a value is an object with fields: no list, no `null`. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
