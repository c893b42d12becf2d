import { expect, test } from 'vitest'
import { leaveOut } from '../../src/shrink/ddmin.ts'

async function left(
  count: number,
  needed: readonly number[],
): Promise<{ items: readonly number[]; asked: number }> {
  let asked = 0
  const all = Array.from({ length: count }, (_, index) => index)
  const items = await leaveOut(all, (some) => {
    asked += 1
    return Promise.resolve(needed.every((item) => some.includes(item)))
  })
  return { items, asked }
}

test('what is needed is left, in its order, and nothing else', async () => {
  expect((await left(100, [3, 50, 97])).items).toEqual([3, 50, 97])
  expect((await left(100, [])).items).toEqual([])
  expect((await left(1, [0])).items).toEqual([0])
  expect((await left(0, [])).items).toEqual([])
  expect((await left(7, [0, 1, 2, 3, 4, 5, 6])).items).toHaveLength(7)
})

test('a few among many take few questions', async () => {
  expect((await left(1000, [500])).asked).toBeLessThan(30)
  expect((await left(1000, [1, 400, 999])).asked).toBeLessThan(100)
})

test('items that stand for each other are left out in turn, until none can be', async () => {
  let smallest: readonly number[] = []
  // Needs at least two even numbers, or else all the odd ones.
  const items = await leaveOut([1, 2, 3, 4, 5, 6, 7, 8], (some) => {
    const fails = some.filter((item) => item % 2 === 0).length >= 2
    if (fails) smallest = some
    return Promise.resolve(fails)
  })
  expect(items).toEqual(smallest)
  expect(items).toHaveLength(2)
})

test('what can be left out only after something else is left out too', async () => {
  // Only the smallest can go, and 6 is needed.
  const items = await leaveOut([1, 2, 3, 4, 5, 6], (some) => {
    const isEnd = some.every((item, place) => item === 7 - some.length + place)
    return Promise.resolve(some.length > 0 && isEnd)
  })
  expect(items).toEqual([6])
})
