import { describe, expect, it } from 'vitest'
import {
  compareStamps,
  HybridClock,
  MAX_LOGICAL,
  MAX_WALL,
  nextStamp,
  type Stamp,
} from '../../../src/core/state/hybrid-clock.ts'

const stamp = (wall: number, logical: number): Stamp => ({ wall, logical })

describe('a hybrid logical clock', () => {
  it('tells the time of day while it advances, and counts while it does not', () => {
    const clock = new HybridClock(1000)
    expect(clock.tell(10)).toEqual(stamp(10, 0))
    expect(clock.tell(10)).toEqual(stamp(10, 1))
    expect(clock.tell(10.7)).toEqual(stamp(10, 2))
    expect(clock.tell(12)).toEqual(stamp(12, 0))
    expect(clock.tell(11)).toEqual(stamp(12, 1))
  })

  it('counts the hops of a chain of messages past clocks that are behind', () => {
    // Process 0 at 10 tells 1 at 1, which tells 2 at 2, which tells 3 at 2: l stays 10 and c counts the hops; when 3 has come to 12 it forgets c.
    const [zero, one, two, three] = [1, 2, 3, 4].map(() => new HybridClock(1000)) as [
      HybridClock,
      HybridClock,
      HybridClock,
      HybridClock,
    ]
    const first = zero.tell(10)
    one.hear(first, 1)
    const second = one.tell(1)
    two.hear(second, 2)
    const third = two.tell(2)
    three.hear(third, 2)
    expect([first, second, third, three.tell(3)]).toEqual([
      stamp(10, 0),
      stamp(10, 1),
      stamp(10, 2),
      stamp(10, 3),
    ])
    expect(three.tell(12)).toEqual(stamp(12, 0))
  })

  it('does not adopt what is further ahead than clocks may drift', () => {
    const clock = new HybridClock(1000)
    clock.tell(5000)
    expect(clock.hear(stamp(6001, 0), 5000)).toBe(false)
    expect(clock.last).toEqual(stamp(5000, 0))
    expect(clock.hear(stamp(6000, 9), 5000)).toBe(true)
    expect(clock.tell(5000)).toEqual(stamp(6000, 10))
  })

  it('does not go back for what is behind', () => {
    const clock = new HybridClock(1000)
    clock.tell(50)
    expect(clock.hear(stamp(49, 65), 50)).toBe(true)
    expect(clock.last).toEqual(stamp(50, 0))
  })

  it('goes to the next millisecond when it has counted as far as it can, and stays at the last', () => {
    expect(nextStamp(stamp(5, MAX_LOGICAL - 1))).toEqual(stamp(5, MAX_LOGICAL))
    expect(nextStamp(stamp(5, MAX_LOGICAL))).toEqual(stamp(6, 0))
    expect(nextStamp(stamp(MAX_WALL, MAX_LOGICAL))).toEqual(stamp(MAX_WALL, MAX_LOGICAL))
  })

  it('orders by time, then by count', () => {
    const sorted = [stamp(2, 0), stamp(1, 5), stamp(1, 0)].sort(compareStamps)
    expect(sorted).toEqual([stamp(1, 0), stamp(1, 5), stamp(2, 0)])
  })
})
