import { createRandom, type Random } from '@colony/host'
import { env } from 'node:process'
import { describe, expect, test } from 'vitest'
import {
  checkHistory,
  checkLinearizable,
  mapModel,
  type Model,
  modelByName,
  type ModelName,
  modelNames,
  type Operation,
  registerModel,
} from '../../src/check/index.ts'
import { explains, isLinearizable, someLinearization } from './exhaustive.ts'
import { randomTinyHistory } from './random-history.ts'
import { randomObjectHistory } from './random-objects.ts'
import { BANK, referenceModel } from './reference-models.ts'
import { historyOf } from './rows.ts'

/** Histories of each kind. `COLONY_HISTORIES=100000` for a night. */
const ROUNDS = Number(env['COLONY_HISTORIES'] ?? 1000)
const PATIENCE = { timeout: 20_000 + ROUNDS * 20 }
const never = Number.POSITIVE_INFINITY

const modelOf = (name: ModelName): Model<unknown> => modelByName(name, name === 'bank' ? BANK : undefined)

/** Without what decides registers by other means. */
function searched(): Model<unknown> {
  const { registerAccess: _, ...rest } = registerModel()
  return rest
}

describe('a proposed order', () => {
  const concurrent = historyOf(
    [0, 'write', 0, 10, 1],
    [1, 'write', 0, 10, 2],
    [2, 'read', 11, 12, undefined, 1],
    [3, 'read', 0, 5, undefined, 2],
  )
  const look = (operations: readonly Operation[], order: readonly number[]): unknown => {
    const { verdict, unexplained, steps } = checkLinearizable(searched(), operations, { order })
    return { verdict, explained: unexplained?.length === 0, steps }
  }

  test('that explains the history proves it, in one step an operation', () => {
    expect(look(concurrent, [1, 0])).toEqual({ verdict: 'ok', explained: true, steps: 5 })
    expect(look(concurrent, [1, 3, 0, 2])).toMatchObject({ verdict: 'ok', explained: true })
  })

  test('that does not is of no consequence', () => {
    for (const order of [[0, 1], [0], [1], [], [1, 1, 0], [1, 0, 0]])
      expect(look(concurrent, order)).toMatchObject({ verdict: 'ok', explained: false })
  })

  test('never excuses a stale read', () => {
    const stale = historyOf([0, 'write', 0, 1, 1], [0, 'write', 2, 3, 2], [1, 'read', 4, 5, undefined, 1])
    for (const order of [
      [0, 1],
      [1, 0],
      [0, 2, 1],
      [0, 1, 2],
      [1, 0, 2],
    ])
      expect(look(stale, order)).toMatchObject({ verdict: 'illegal', explained: false })
  })

  test('may leave out what nobody knows of, and then it never happened', () => {
    const lost = historyOf([0, 'write', 0, never, 1], [1, 'write', 5, 6, 2], [2, 'read', 7, 8, undefined, 1])
    expect(look(lost, [1, 0])).toMatchObject({ explained: true })
    expect(look(lost, [1])).toMatchObject({ verdict: 'ok', explained: false })
    expect(look(lost, [0, 1])).toMatchObject({ verdict: 'ok', explained: false })
  })

  test('may have what nobody knows of take effect long after its client gave up', () => {
    const [write, ...reads] = historyOf(
      [0, 'write', 0, 1, 1],
      [1, 'read', 2, 3, undefined, null],
      [1, 'read', 4, 5, undefined, 1],
    )
    expect(look([{ ...write!, outcome: 'unknown' }, ...reads], [0])).toMatchObject({ explained: true })
    expect(look([write!, ...reads], [0])).toMatchObject({ verdict: 'illegal' })
  })

  test('cannot make an operation take effect before its call', () => {
    const early = historyOf([0, 'read', 0, 1, undefined, 1], [1, 'write', 2, never, 1])
    expect(look(early, [1])).toMatchObject({ verdict: 'illegal' })
  })

  test('has equal times for concurrent', () => {
    const touching = historyOf([0, 'write', 0, 5, 1], [1, 'write', 5, 9, 2], [2, 'read', 9, 9, undefined, 1])
    expect(look(touching, [1, 0])).toMatchObject({ verdict: 'ok', explained: true })
  })

  test('says of several objects which it does not explain', () => {
    const operations: Operation[] = ['x', 'y'].flatMap((key) =>
      concurrent.map((each) => ({ ...each, f: each.f === 'read' ? 'get' : 'put', key })),
    )
    const { unexplained, verdict } = checkLinearizable(mapModel(), operations, { order: [5, 1, 0, 5, 4] })
    expect({ unexplained, verdict }).toEqual({ unexplained: ['y'], verdict: 'ok' })
    expect(checkLinearizable(mapModel(), operations).unexplained).toBeUndefined()
  })

  test('decides what no search can', () => {
    const { operations, order } = manyUnknownAppends(24)
    const budget = 100_000
    expect(checkLinearizable(mapModel(), operations, { budget })).toMatchObject({ verdict: 'unknown' })
    const { verdict, steps } = checkLinearizable(mapModel(), operations, { budget, order })
    expect(verdict).toBe('ok')
    expect(steps).toBeLessThan(100)
    for (const consistency of ['linearizable', 'sequential'] as const)
      expect(checkHistory(mapModel(), operations, { budget, order, consistency }).verdict).toBe('ok')
  })

  test('keeps to the budget', () => {
    const { operations, order } = manyUnknownAppends(24)
    expect(checkLinearizable(mapModel(), operations, { budget: 10, order })).toMatchObject({
      verdict: 'unknown',
      steps: 10,
    })
  })

  test('must be one of positions in the history', () => {
    for (const order of [[4], [-1], [0.5], [Number.NaN]])
      expect(() => checkLinearizable(searched(), concurrent, { order })).toThrow(/order: .* is no position/)
  })
})

/** Appends that were never answered, and one read that has seen them in an order that has nothing to do with that of their calls. */
function manyUnknownAppends(count: number): { operations: Operation[]; order: number[] } {
  const order = Array.from({ length: count }, (_, each) => (each * 7) % count)
  const appends = order.map((_, each) => historyOf([each, 'append', each, never, `${(each * each) % 7}`])[0]!)
  const text = order.map((each) => `${(each * each) % 7}`).join('')
  return { operations: [...appends, ...historyOf(['r', 'get', 100, 101, undefined, `${text}`])], order }
}

/** Orders that somebody might propose: anything at all, nearly right ones, and right ones. */
function proposals(random: Random, history: readonly Operation[], right: readonly number[]): number[][] {
  const all = history.map((_, each) => each)
  const changed = [...right]
  const at = random.integer(0, Math.max(0, changed.length - 1))
  const to = random.integer(0, Math.max(0, changed.length - 1))
  const draw = random.float()
  if (draw < 0.5) changed.splice(to, 0, ...changed.splice(at, 1))
  else if (draw < 0.7) changed.splice(at, 1)
  else if (draw < 0.85) changed.splice(to, 0, random.integer(0, history.length - 1))
  else changed.push(random.integer(0, history.length - 1))
  const shuffled = all.map((each) => ({ each, by: random.float() })).sort((a, b) => a.by - b.by)
  const some = shuffled.map(({ each }) => each).filter(() => random.float() < 0.9)
  return [some, changed, [...right]]
}

/** Compares what orders prove with the definitions of both. */
function compare(label: string, name: ModelName, draw: (random: Random) => Operation[]): void {
  const model = modelOf(name)
  const reference = referenceModel(name)
  const random = createRandom(1, label)
  const isFree = (each: Operation): boolean => model.isPure?.(each) ?? false
  const counts = { held: 0, refuted: 0, illegal: 0 }
  for (let round = 0; round < ROUNDS; round += 1) {
    const history = draw(random)
    const right = someLinearization(reference, history)?.map((each) => history.indexOf(each))
    for (const order of proposals(random, history, right ?? [])) {
      const proposed = order.map((each) => history[each]!)
      const holds = keysOf(history).every((key) => {
        const ofKey = (each: Operation): boolean => each.key === key
        return explains(reference, history.filter(ofKey), proposed.filter(ofKey), isFree)
      })
      const { verdict, unexplained } = checkLinearizable(model, history, { order })
      expect({ history, order, verdict }).toEqual({
        history,
        order,
        verdict: right === undefined ? 'illegal' : 'ok',
      })
      if (verdict === 'ok')
        expect({ history, order, holds: unexplained?.length === 0 }).toEqual({ history, order, holds })
      else counts.illegal += 1
      counts[holds ? 'held' : 'refuted'] += 1
    }
    if (right === undefined) continue
    const { unexplained } = checkLinearizable(model, history, { order: right })
    expect({ history, right, unexplained }).toEqual({ history, right, unexplained: [] })
  }
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(ROUNDS * 0.1)
}

describe('orders of random histories, against exhaustive search', () => {
  test.each(modelNames)('of a %s: none changes a verdict, and all hold that do', PATIENCE, (name) => {
    compare(`orders ${name}`, name, (random) => randomObjectHistory(random, name))
  })

  test('of random results: none changes a verdict, and all hold that do', PATIENCE, () => {
    compare('orders tiny', 'cas-register', (random) => randomTinyHistory(random, ['read', 'write', 'cas']))
  })

  test('no order whatever makes an illegal history legal', PATIENCE, () => {
    const random = createRandom(2, 'every order')
    let tried = 0
    for (let round = 0; round < ROUNDS / 10; round += 1) {
      const history = randomTinyHistory(random, ['read', 'write', 'cas']).slice(0, 4)
      if (isLinearizable(searched(), history)) continue
      for (const order of everyOrder(history.map((_, each) => each))) {
        tried += 1
        expect(checkLinearizable(searched(), history, { order }).verdict).toBe('illegal')
      }
    }
    expect(tried).toBeGreaterThan(ROUNDS)
  })
})

function keysOf(history: readonly Operation[]): (string | undefined)[] {
  return [...new Set(history.map(({ key }) => key))]
}

/** All orders of all parts. */
function everyOrder(places: readonly number[]): number[][] {
  return [
    [],
    ...places.flatMap((first) =>
      everyOrder(places.filter((each) => each !== first)).map((rest) => [first, ...rest]),
    ),
  ]
}
