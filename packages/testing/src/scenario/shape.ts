import { TestingError } from '../errors.ts'

/** Refuses what is not of a form; `path` says where in the file it is. */
export type Shape = (value: unknown, path: string) => void

/** Says that something in a file is wrong. */
export function malformed(path: string, wanted: string, value: unknown): TestingError {
  const shown = JSON.stringify(value) ?? 'nothing'
  const short = shown.length > 60 ? `${shown.slice(0, 60)}…` : shown
  return new TestingError('TESTING_INVALID_OPTION', `${path} must be ${wanted}, not ${short}`)
}

/** A number from `min` to `max`. */
export function number(min: number, max: number): Shape {
  return (value, path) => {
    if (typeof value !== 'number' || !(value >= min && value <= max))
      throw malformed(path, `a number from ${min} to ${max}`, value)
  }
}

/** A whole number from `min` to `max`. */
export function whole(min: number, max: number): Shape {
  return (value, path) => {
    number(min, max)(value, path)
    if (!Number.isSafeInteger(value)) throw malformed(path, 'a whole number', value)
  }
}

/** Text that is not empty. */
export const text: Shape = (value, path) => {
  if (typeof value !== 'string' || value === '') throw malformed(path, 'text', value)
}

/** `true` or `false`. */
export const boolean: Shape = (value, path) => {
  if (typeof value !== 'boolean') throw malformed(path, 'true or false', value)
}

/** Anything. */
export const anything: Shape = () => {}

/** One of some words. */
export function oneOf(words: readonly string[]): Shape {
  return (value, path) => {
    if (typeof value !== 'string' || !words.includes(value))
      throw malformed(path, `one of ${words.join(', ')}`, value)
  }
}

/** A list, of a certain length or any. */
export function listOf(each: Shape, length?: number): Shape {
  return (value, path) => {
    if (!Array.isArray(value) || (length !== undefined && value.length !== length))
      throw malformed(path, length === undefined ? 'a list' : `a list of ${length}`, value)
    value.forEach((item: unknown, place) => each(item, `${path}[${place}]`))
  }
}

/** An object with these fields, and maybe those, and no other. */
export function object(
  required: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): Shape {
  return (value, path) => {
    const fields = fieldsOf(value, path)
    for (const name of Object.keys(required))
      if (!fields.has(name)) throw malformed(`${path}.${name}`, 'there', undefined)
    for (const [name, field] of fields) {
      const shape = Object.hasOwn(required, name)
        ? required[name]
        : Object.hasOwn(optional, name)
          ? optional[name]
          : undefined
      if (shape === undefined)
        throw new TestingError('TESTING_INVALID_OPTION', `${path} has an unknown field '${name}'`)
      shape(field, `${path}.${name}`)
    }
  }
}

/** The fields of an object. */
export function fieldsOf(value: unknown, path: string): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(path, 'an object', value)
  return new Map(Object.entries(value))
}
