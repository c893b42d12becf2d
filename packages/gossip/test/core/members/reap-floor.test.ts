import { expect, it } from 'vitest'
import { ReapFloor } from '../../../src/core/members/reap-floor.ts'

const at = (counter: number): { epoch: number; counter: number } => ({ epoch: 1, counter })

it('a floor never goes down, and ends with its time', () => {
  const floor = new ReapFloor(10, 1_000)
  floor.raise('a', at(5), 0)
  floor.raise('a', at(3), 10)
  expect(floor.get('a', 1_009)).toEqual(at(5))
  expect(floor.get('a', 1_010)).toBeUndefined()
  floor.raise('b', at(1), 2_000)
  expect(floor.size).toBe(1)
})

it('of more floors than there is room for, the oldest go', () => {
  const floor = new ReapFloor(3, 1_000_000)
  for (let n = 0; n < 10; n++) floor.raise(`n${n}`, at(n), n)
  expect([floor.size, floor.get('n6', 20), floor.get('n7', 20)]).toEqual([3, undefined, at(7)])
})
