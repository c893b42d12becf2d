import { createRandom } from '@colony/host'
import { describe, expect, test } from 'vitest'
import { orderEvents } from '../../src/check/event-order.ts'
import { LinearizationSearch } from '../../src/check/search.ts'
import type { Model } from '../../src/index.ts'
import { checkLinearizable, mapModel, registerModel } from '../../src/index.ts'
import { isLinearizable, isLinearization } from './exhaustive.ts'
import { randomTinyHistory } from './random-history.ts'

describe('against exhaustive search', () => {
  const compare = <State>(
    model: Model<State>,
    verbs: readonly string[],
    seed: number,
  ): readonly [number, number] => {
    const random = createRandom(seed, 'tiny histories')
    let legal = 0
    let differences = 0
    for (let round = 0; round < 12_000; round += 1) {
      const operations = randomTinyHistory(random, verbs)
      const expected = isLinearizable(model, operations)
      if (expected) legal += 1
      if ((checkLinearizable(model, operations).verdict === 'ok') !== expected) differences += 1
    }
    return [legal, differences]
  }

  test('12,000 random register histories: no difference', () => {
    const [legal, differences] = compare(registerModel(), ['read', 'write', 'cas'], 1)
    expect(differences).toBe(0)
    expect(legal).toBeGreaterThan(2000)
    expect(legal).toBeLessThan(10_000)
  })

  test('12,000 random map histories: no difference', () => {
    const [legal, differences] = compare(mapModel(), ['get', 'put', 'append', 'delete'], 2)
    expect(differences).toBe(0)
    expect(legal).toBeGreaterThan(2000)
    expect(legal).toBeLessThan(10_000)
  })

  test('every order that is found is one', () => {
    const random = createRandom(4, 'orders')
    let found = 0
    for (let round = 0; round < 4000; round += 1) {
      const operations = randomTinyHistory(random, ['read', 'write', 'cas']).filter(
        ({ outcome }) => outcome !== 'fail',
      )
      const search = new LinearizationSearch(registerModel(), orderEvents(operations))
      if (search.run(1e6) !== 'ok') continue
      found += 1
      expect(isLinearization(registerModel(), operations, search.linearization())).toBe(true)
    }
    expect(found).toBeGreaterThan(1000)
  })

  test('a model without pure operations gives the same verdicts', () => {
    const { isPure: _, ...plain } = registerModel()
    const random = createRandom(3, 'plain')
    for (let round = 0; round < 4000; round += 1) {
      const operations = randomTinyHistory(random, ['read', 'write', 'cas'])
      expect(checkLinearizable(plain, operations).verdict).toBe(
        checkLinearizable(registerModel(), operations).verdict,
      )
    }
  })
})
