import { createRandom, type Random } from '@colony/host'
import { env } from 'node:process'
import { describe, expect, test } from 'vitest'
import { orderEvents } from '../../src/check/event-order.ts'
import {
  checkLinearizable,
  checkSequential,
  checkSessions,
  type Model,
  modelByName,
  type ModelName,
  modelNames,
  type Operation,
  registerModel,
} from '../../src/check/index.ts'
import { readRegisterHistory } from '../../src/check/register-history.ts'
import { LinearizationSearch } from '../../src/check/search.ts'
import { isLinearizable, isLinearization, isSequential, keepsSessions } from './exhaustive.ts'
import { randomTinyHistory } from './random-history.ts'
import { randomObjectHistory, type RandomHistoryOptions } from './random-objects.ts'
import { BANK, referenceModel } from './reference-models.ts'

/** Histories of each kind. `COLONY_HISTORIES=100000` for a night. */
const ROUNDS = Number(env['COLONY_HISTORIES'] ?? 1500)
const PATIENCE = { timeout: 20_000 + ROUNDS * 20 }

function modelOf(name: ModelName): Model<unknown> {
  return modelByName(name, name === 'bank' ? BANK : undefined)
}

interface Tally {
  legal: number
  readonly differences: Operation[][]
}

/** Compares a check with the definition on many random histories; a share of each verdict must occur, or nothing was compared. */
function compare(
  label: string,
  draw: (random: Random) => Operation[],
  check: (operations: readonly Operation[]) => string,
  define: (operations: readonly Operation[]) => boolean,
): void {
  const random = createRandom(1, label)
  const tally: Tally = { legal: 0, differences: [] }
  for (let round = 0; round < ROUNDS; round += 1) {
    const operations = draw(random)
    const expected = define(operations)
    if (expected) tally.legal += 1
    if (check(operations) !== (expected ? 'ok' : 'illegal')) tally.differences.push(operations)
  }
  expect(tally.differences.slice(0, 1)).toEqual([])
  expect(tally.legal).toBeGreaterThan(ROUNDS * 0.15)
  expect(ROUNDS - tally.legal).toBeGreaterThan(ROUNDS * 0.05)
}

const linearizable = (name: ModelName, options: RandomHistoryOptions): void => {
  const reference = referenceModel(name)
  const model = modelOf(name)
  compare(
    `linearizable ${name} ${JSON.stringify(options)}`,
    (random) => randomObjectHistory(random, name, options),
    (operations) => checkLinearizable(model, operations).verdict,
    (operations) => isLinearizable(reference, operations),
  )
}

describe('linearizability, against exhaustive search', () => {
  test.each(modelNames)('random histories of a %s: no difference', PATIENCE, (name) => linearizable(name, {}))

  test.each(['register', 'cas-register', 'map'] as const)(
    'random histories of a %s with unique values, where zones decide: no difference',
    PATIENCE,
    (name) => linearizable(name, { unique: true }),
  )

  test.each(['register', 'cas-register'] as const)(
    'random results in a %s: no difference',
    PATIENCE,
    (name) => {
      const verbs = name === 'register' ? ['read', 'write'] : ['read', 'write', 'cas']
      compare(
        `random results ${name}`,
        (random) => randomTinyHistory(random, verbs),
        (operations) => checkLinearizable(modelOf(name), operations).verdict,
        (operations) => isLinearizable(referenceModel(name), operations),
      )
    },
  )

  test('zones and the search agree on the verdict and on the first impossible operation', PATIENCE, () => {
    const { registerAccess: _, ...searched } = registerModel()
    const random = createRandom(7, 'zones')
    let decided = 0
    let explained = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const operations = randomObjectHistory(random, 'cas-register', { unique: true, most: 9 })
      const fast = checkLinearizable(registerModel(), operations)
      const slow = checkLinearizable(searched, operations)
      if (fast.steps === 0) decided += 1
      expect(fast.verdict).toBe(slow.verdict)
      expect(fast.witness?.operation).toBe(slow.witness?.operation)
      expect(fast.witness?.prefix).toEqual(slow.witness?.prefix)
      if (fast.witness === undefined) continue
      const { operation, prefix, lastLegal } = fast.witness
      const before = prefix.filter((each) => each !== operation)
      expect(isLinearization(searched, before, lastLegal)).toBe(true)
      if (lastLegal.length > 2) explained += 1
    }
    expect(decided).toBeGreaterThan(ROUNDS * 0.5)
    expect(explained).toBeGreaterThan(ROUNDS * 0.05)
  })

  test('every order that is found is one', PATIENCE, () => {
    const random = createRandom(4, 'orders')
    let found = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const operations = randomTinyHistory(random, ['read', 'write', 'cas']).filter(
        ({ outcome }) => outcome !== 'fail',
      )
      const search = new LinearizationSearch(registerModel(), orderEvents(operations))
      if (search.run(1e6) !== 'ok') continue
      found += 1
      expect(isLinearization(registerModel(), operations, search.linearization())).toBe(true)
    }
    expect(found).toBeGreaterThan(ROUNDS * 0.2)
  })

  test('a model without pure operations gives the same verdicts', PATIENCE, () => {
    const { isPure: _, registerAccess: __, ...plain } = registerModel()
    const random = createRandom(3, 'plain')
    for (let round = 0; round < ROUNDS; round += 1) {
      const operations = randomTinyHistory(random, ['read', 'write', 'cas'])
      expect(checkLinearizable(plain, operations).verdict).toBe(
        checkLinearizable(registerModel(), operations).verdict,
      )
    }
  })
})

describe('sequential consistency, against exhaustive search', () => {
  test.each(modelNames)('random histories of a %s: no difference', PATIENCE, (name) => {
    const model = modelOf(name)
    const reference = referenceModel(name)
    compare(
      `sequential ${name}`,
      (random) => randomObjectHistory(random, name, { lagging: true, spoiled: 0.8 }),
      (operations) => checkSequential(model, operations).verdict,
      (operations) => isSequential(reference, operations),
    )
  })
})

describe('session guarantees, against all orders of versions', () => {
  test.each(['register', 'cas-register'] as const)(
    'random histories of a %s: no difference',
    PATIENCE,
    (name) => {
      const one = (operations: readonly Operation[]): Operation[] =>
        operations.map((each) => {
          const { key: _, ...rest } = each
          return rest
        })
      compare(
        `sessions ${name}`,
        (random) =>
          one(randomObjectHistory(random, name, { lagging: true, unique: true, spoiled: 0.9, most: 6 })),
        (operations) => checkSessions(modelOf(name), operations).verdict,
        (operations) => keepsSessions(null, operations),
      )
    },
  )

  test('what is compared is known: values are unique', () => {
    const random = createRandom(5, 'unique')
    const operations = randomObjectHistory(random, 'register', { unique: true }).filter(
      ({ outcome }) => outcome !== 'fail',
    )
    expect(readRegisterHistory(registerModel(), '', operations)).toBeDefined()
  })
})
