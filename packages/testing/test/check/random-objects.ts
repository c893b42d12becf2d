import type { Random } from '@colony/host'
import type { ModelName, Operation } from '../../src/check/index.ts'
import { referenceModel } from './reference-models.ts'

interface Draw {
  readonly f: string
  readonly value?: unknown
}

/** How a small history is made up. */
export interface RandomHistoryOptions {
  /** Most operations, 7 unless told otherwise. */
  readonly most?: number
  /** No value is written twice. */
  readonly unique?: boolean
  /** Processes act as if late, each by its own time: legal in the order of programs, not always in real time. */
  readonly lagging?: boolean
  /** Share of histories in which one result is replaced by another. Default 0.6. */
  readonly spoiled?: number
}

interface Planned {
  readonly operation: Operation
  /** When it takes effect; `undefined`: never. */
  readonly at: number | undefined
}

/**
 * A small history that an object could have given, or one with a result that was replaced. Clients act one thing after the other; times are small whole numbers, so that many are equal.
 */
export function randomObjectHistory(
  random: Random,
  name: ModelName,
  options: RandomHistoryOptions = {},
): Operation[] {
  const planned = plan(random, name, options)
  const model = referenceModel(name)
  let state = model.init()
  const results = new Map<Planned, unknown>()
  const inOrder = planned
    .filter(({ at }) => at !== undefined)
    .toSorted((left, right) => (left.at ?? 0) - (right.at ?? 0))
  for (const each of inOrder) {
    const result = resultIn(random, name, state, each.operation)
    results.set(each, result)
    const known = { ...each.operation, outcome: 'ok' as const, result }
    const { legal, state: next } = model.step(state, known)
    if (legal) state = next
  }
  const operations = planned.map((each): Operation => {
    const result = results.get(each)
    return each.operation.outcome === 'ok' && result !== undefined
      ? { ...each.operation, result }
      : each.operation
  })
  return random.float() < (options.spoiled ?? 0.6) ? spoil(random, operations) : operations
}

function plan(random: Random, name: ModelName, options: RandomHistoryOptions): Planned[] {
  const count = random.integer(1, options.most ?? 7)
  const processes = random.integer(1, 4)
  const keys = random.float() < 0.2 ? ['x', 'y'] : [undefined]
  const crowd = random.integer(1, 6)
  const freeAt = new Array<number>(processes).fill(0)
  const lags = freeAt.map(() => (options.lagging === true ? random.integer(0, 20) : 0))
  return Array.from({ length: count }, (_, index) => {
    const process = random.integer(0, processes - 1)
    const key = keys[random.integer(0, keys.length - 1)]
    const invokedAt = (freeAt[process] ?? 0) + random.integer(0, 3)
    const end = invokedAt + random.integer(0, crowd)
    freeAt[process] = end + random.integer(0, 1)
    const drawn = random.float()
    const outcome = drawn < 0.78 ? 'ok' : drawn < 0.93 ? 'unknown' : 'fail'
    const late = random.float() < 0.5 ? invokedAt + random.integer(0, 12) : undefined
    const at =
      outcome === 'ok'
        ? invokedAt + random.float() * (end - invokedAt)
        : outcome === 'fail'
          ? undefined
          : late
    return {
      operation: {
        process,
        ...(key !== undefined && { key }),
        ...drawOperation(random, name, index, options.unique === true),
        outcome,
        invokedAt,
        completedAt: outcome === 'unknown' ? Number.POSITIVE_INFINITY : end,
      },
      at: at === undefined ? undefined : at + (lags[process] ?? 0),
    }
  })
}

function drawOperation(random: Random, name: ModelName, index: number, unique: boolean): Draw {
  const number = (): number => random.integer(1, 3)
  const fresh = unique ? index + 1 : number()
  const any = unique ? random.integer(0, index) || null : number()
  const choose = <Choice>(choices: readonly Choice[]): Choice =>
    choices[random.integer(0, choices.length - 1)] as Choice
  switch (name) {
    case 'register':
      return choose<Draw>([{ f: 'read' }, { f: 'write', value: fresh }])
    case 'cas-register':
      return choose<Draw>([
        { f: 'read' },
        { f: 'write', value: fresh },
        { f: 'cas', value: [any, fresh] },
        { f: 'cas', value: [any, random.float() < 0.2 ? any : fresh] },
      ])
    case 'map':
      return choose<Draw>([
        { f: 'get' },
        { f: 'put', value: fresh },
        ...(unique ? [] : [{ f: 'append', value: `${fresh}` }, { f: 'delete' }]),
      ])
    case 'queue':
      return choose<Draw>([{ f: 'enqueue', value: fresh }, { f: 'dequeue' }])
    case 'set':
      return choose<Draw>([{ f: 'add', value: fresh }, { f: 'read' }])
    case 'counter':
      return choose<Draw>([{ f: 'inc' }, { f: 'inc', value: random.integer(-1, 2) }, { f: 'read' }])
    case 'mutex':
      return choose<Draw>([{ f: 'acquire' }, { f: 'release' }])
    case 'bank': {
      const [from, to] = random.float() < 0.5 ? ['a', 'b'] : ['b', 'a']
      return choose<Draw>([
        { f: 'transfer', value: { from, to, amount: random.integer(0, 3) } },
        { f: 'read' },
      ])
    }
    case 'append-list':
      return choose<Draw>([{ f: 'append', value: fresh }, { f: 'read' }])
  }
}

/** What the object would answer: found by asking its reference, so that the reference alone decides. */
function resultIn(
  random: Random,
  name: ModelName,
  all: Readonly<Record<string, unknown>>,
  operation: Operation,
): unknown {
  const state = all[operation.key ?? '']
  const candidates: unknown[] =
    name === 'mutex'
      ? operation.f === 'acquire'
        ? [
            random.float() < 0.5 ? (state as { token: number } | undefined)?.token : undefined,
            random.integer(1, 9),
            true,
            false,
          ]
        : [true, false]
      : [state, Array.isArray(state) ? state[0] : undefined, state ?? [], null, 0, 3, undefined, true, false]
  if (name === 'bank' && operation.f === 'read') candidates.unshift({ a: 3, b: 1 })
  if (operation.f === 'inc') {
    const next = ((state as number | undefined) ?? 0) + ((operation.value as number | undefined) ?? 1)
    return random.float() < 0.5 ? next : undefined
  }
  const model = referenceModel(name)
  return candidates.find((result) => model.step(all, { ...operation, outcome: 'ok', result }).legal)
}

/** Gives one operation the result of another one of its kind, or turns it around. */
function spoil(random: Random, operations: readonly Operation[]): Operation[] {
  const known = operations.filter(({ outcome, result }) => outcome === 'ok' && result !== undefined)
  const victim = known[random.integer(0, Math.max(0, known.length - 1))]
  if (victim === undefined) return [...operations]
  const others = known.filter(
    ({ f, result }) => f === victim.f && JSON.stringify(result) !== JSON.stringify(victim.result),
  )
  const other = others[random.integer(0, Math.max(0, others.length - 1))]
  const result = other === undefined ? twisted(random, victim.result) : other.result
  return operations.map((operation) => (operation === victim ? { ...operation, result } : operation))
}

function twisted(random: Random, result: unknown): unknown {
  if (typeof result === 'boolean') return !result
  if (typeof result === 'number') return result + random.integer(-1, 1)
  if (typeof result === 'string') return [...result].toReversed().join('')
  return result === null ? random.integer(1, 3) : result
}
