import type { Operation } from '../history/operation.ts'
import type { Model, Step } from './model.ts'
import { ValueNumbers } from './value-numbers.ts'
import { refuseVerb, requireInitial, unknownVerb } from './verbs.ts'

const VERBS: readonly string[] = ['add', 'read']
const BITS = 16

/** One bit for each value's number, sixteen to a character, the last character never 0: equal texts, equal sets. */
interface Members {
  readonly text: string
  readonly size: number
  readonly numbers: ValueNumbers
}

/**
 * What a set holds at first.
 * @category Checkers
 */
export interface SetModelOptions {
  /** Its members, in any order. Default: none. */
  readonly initial?: readonly unknown[]
}

/**
 * A set that only grows, or one for each key: `add` (value: the new member; one that is there changes nothing), `read` (result: a list of all members, in any
 * order, each once; `null` for none). Members are compared as JSON.
 * @category Checkers
 */
export function setModel(options: SetModelOptions = {}): Model<unknown> {
  const initial = options.initial ?? []
  requireInitial('set', Array.isArray(initial), 'a list of its members')
  const model: Model<Members> = {
    init: () => initial.reduce<Members>(include, { text: '', size: 0, numbers: new ValueNumbers() }),
    step: setStep,
    partition: ({ key }) => key ?? '',
    isPure: ({ f }) => f === 'read',
    stateKey: ({ text }) => text,
    describe: (members) => JSON.stringify(valuesOf(members)),
    problem: (operation) => unknownVerb('set', VERBS, operation),
  }
  return model
}

function setStep(members: Members, operation: Operation): Step<Members> {
  const { f, value, result, outcome } = operation
  if (f === 'add') return { legal: true, state: include(members, value) }
  if (f !== 'read') return refuseVerb('set', operation)
  const legal = outcome !== 'ok' || holdsExactly(members, result ?? [])
  return { legal, state: members }
}

/** As many different members as the set has, and all of them its own. */
function holdsExactly({ text, size, numbers }: Members, result: unknown): boolean {
  if (!Array.isArray(result) || result.length !== size) return false
  const seen = new Set<number>()
  for (const value of result) {
    const number = numbers.find(value)
    if (number === undefined || !has(text, number) || seen.has(number)) return false
    seen.add(number)
  }
  return true
}

function has(text: string, number: number): boolean {
  return ((text.charCodeAt(Math.floor(number / BITS)) >> (number % BITS)) & 1) === 1
}

function include(members: Members, value: unknown): Members {
  const { text, size, numbers } = members
  const number = numbers.of(value)
  if (has(text, number)) return members
  const place = Math.floor(number / BITS)
  const bits = (text.charCodeAt(place) || 0) | (1 << (number % BITS))
  const padded = text.padEnd(place, '\0')
  return {
    text: padded.slice(0, place) + String.fromCharCode(bits) + padded.slice(place + 1),
    size: size + 1,
    numbers,
  }
}

function valuesOf({ text, numbers }: Members): unknown[] {
  const all = Array.from({ length: text.length * BITS }, (_, number) => number)
  return all.filter((number) => has(text, number)).map((number) => numbers.value(number))
}
