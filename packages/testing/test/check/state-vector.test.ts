import { createRandom } from '@colony/host'
import { expect, test } from 'vitest'
import { registerModel } from '../../src/check/index.ts'
import { StateVector } from '../../src/check/state-vector.ts'

test.each([1, 2, 5, 8])('the states of %i objects have one number: equal numbers, equal states', (count) => {
  const random = createRandom(count, 'vectors')
  const vector = new StateVector(
    registerModel(),
    Array.from({ length: count }, (_, object) => `${object}`),
  )
  const numbers = new Map<string, number>()
  const names = new Map<number, string>()
  const states = Array.from({ length: count }, (): number | null => null)
  for (let round = 0; round < 5000; round += 1) {
    const object = random.integer(0, count - 1)
    const before = vector.id(object)
    const state = random.integer(1, 4)
    vector.set(object, state)
    if (random.float() < 0.3) vector.restore(object, before)
    else states[object] = state
    expect(vector.get(object)).toBe(states[object])
    const name = states.join(' ')
    expect(numbers.get(name) ?? vector.vectorId).toBe(vector.vectorId)
    expect(names.get(vector.vectorId) ?? name).toBe(name)
    numbers.set(name, vector.vectorId)
    names.set(vector.vectorId, name)
  }
  expect(names.size).toBeGreaterThan(3)
})
