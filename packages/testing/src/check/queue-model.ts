import type { Operation } from '../history/operation.ts'
import type { Model, Step } from './model.ts'
import { ValueNumbers } from './value-numbers.ts'
import { refuseVerb, requireInitial, unknownVerb } from './verbs.ts'

const VERBS: readonly string[] = ['enqueue', 'dequeue']
/** Numbers above this need the second character. */
const UNIT = 0x10000

/**
 * The numbers of the values, first in front, two characters each: texts are shared between states by the engine, and compared exactly as keys.
 */
interface Queue {
  readonly text: string
  readonly numbers: ValueNumbers
}

/**
 * What a queue holds at first.
 * @category Checkers
 */
export interface QueueModelOptions {
  /** Values, the first to be dequeued in front. Default: none. */
  readonly initial?: readonly unknown[]
}

/**
 * A queue, first in, first out, or one for each key: `enqueue` (value: what is put behind), `dequeue` (result: what was in front; `null` from an empty
 * queue). Values are compared as JSON; `null` cannot be one.
 * @category Checkers
 */
export function queueModel(options: QueueModelOptions = {}): Model<unknown> {
  const initial = options.initial ?? []
  requireInitial('queue', Array.isArray(initial), 'a list')
  const model: Model<Queue> = {
    init: () => {
      const numbers = new ValueNumbers()
      return { text: initial.map((value) => encode(numbers.of(value))).join(''), numbers }
    },
    step: queueStep,
    partition: ({ key }) => key ?? '',
    isPure: ({ f, result, outcome }) => f === 'dequeue' && outcome === 'ok' && isNothing(result),
    stateKey: ({ text }) => text,
    describe: (queue) => JSON.stringify(valuesOf(queue)),
    problem: (operation) => unknownVerb('queue', VERBS, operation) ?? problemOfValue(operation),
  }
  return model
}

function problemOfValue({ f, value }: Operation): string | undefined {
  return f === 'enqueue' && isNothing(value)
    ? "an 'enqueue' must have a value other than null, which stands for an empty queue"
    : undefined
}

function queueStep(queue: Queue, operation: Operation): Step<Queue> {
  const { f, value, result, outcome } = operation
  const { text, numbers } = queue
  if (f === 'enqueue') return { legal: true, state: { text: text + encode(numbers.of(value)), numbers } }
  if (f !== 'dequeue') return refuseVerb('queue', operation)
  if (text === '') return { legal: outcome !== 'ok' || isNothing(result), state: queue }
  const legal = outcome !== 'ok' || numbers.find(result) === decode(text, 0)
  return { legal, state: legal ? { text: text.slice(2), numbers } : queue }
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null
}

function encode(number: number): string {
  return String.fromCharCode(Math.floor(number / UNIT), number % UNIT)
}

function decode(text: string, place: number): number {
  return text.charCodeAt(place) * UNIT + text.charCodeAt(place + 1)
}

function valuesOf({ text, numbers }: Queue): unknown[] {
  return Array.from({ length: text.length / 2 }, (_, place) => numbers.value(decode(text, 2 * place)))
}
