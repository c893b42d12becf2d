import { TestingError } from '../errors.ts'

/** Refuses what would come back from a file as something else: a scenario must be the same run before and after it was written down. */
export function requirePlainData(name: string, value: unknown): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)) return
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) requirePlainData(`${name}[${at}]`, value[at])
    return
  }
  if (typeof value === 'object' && isPlainObject(value)) {
    for (const [field, each] of Object.entries(value)) requirePlainData(`${name}.${field}`, each)
    return
  }
  throw new TestingError(
    'TESTING_INVALID_OPTION',
    `${name} must be plain data: JSON cannot hold ${tell(value)}`,
  )
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function tell(value: unknown): string {
  if (typeof value === 'object' && value !== null) return `a ${value.constructor.name}`
  return typeof value === 'number' ? String(value) : `a value of type ${typeof value}`
}
