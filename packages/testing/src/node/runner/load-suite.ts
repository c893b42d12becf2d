import { TestingError } from '../../errors.ts'
import type { Suite } from '../../scenario/suite.ts'

/** A suite by the module that exports it. */
export interface SuiteLocation {
  /** The module's URL. */
  readonly module: string
  /** The name of the export. */
  readonly name: string
}

/** Imports a suite: the same one in every thread. */
export async function loadSuite({ module, name }: SuiteLocation): Promise<Suite> {
  const exports = new Map(Object.entries((await import(module)) as Record<string, unknown>))
  const suite = exports.get(name)
  if (isSuite(suite)) return suite
  throw new TestingError('TESTING_INVALID_OPTION', `${module} exports no suite '${name}'`)
}

function isSuite(value: unknown): value is Suite {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map<string, unknown>(Object.entries(value))
  return ['boot', 'perform'].every((field) => typeof fields.get(field) === 'function')
}
