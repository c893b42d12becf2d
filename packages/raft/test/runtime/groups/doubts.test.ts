import { describe, expect, it } from 'vitest'
import { Doubts, type Watcher } from '../../../src/runtime/groups/doubts.ts'
import { HandClock } from './hand-clock.ts'

const INTERVAL_MS = 50

function doubted(count: number): {
  clock: HandClock
  doubts: Doubts
  told: string[]
  watchers: Set<Watcher>
} {
  const clock = new HandClock()
  const told: string[] = []
  const watchers = new Set(
    Array.from({ length: count }, (_, at): Watcher => {
      return ({ peer }) => void told.push(`${peer} ${at}`)
    }),
  )
  return { clock, doubts: new Doubts(clock, INTERVAL_MS, watchers), told, watchers }
}

describe('doubts of a node that many groups follow', () => {
  it('reach a few groups at once, and nobody twice', () => {
    const { clock, doubts, told } = doubted(10)
    doubts.raise('b')
    expect(told).toHaveLength(10)
    clock.pass(1000)
    expect(told).toHaveLength(10)
  })

  it('reach thousands of groups little by little, and all of them', () => {
    const { clock, doubts, told } = doubted(1000)
    doubts.raise('b')
    expect(told.length).toBeLessThan(100)
    clock.pass(INTERVAL_MS)
    expect(told.length).toBeLessThan(200)
    clock.pass(40 * INTERVAL_MS)
    expect(new Set(told).size).toBe(1000)
  })

  it('of several nodes together are told no faster than those of one', () => {
    const { clock, doubts, told } = doubted(1000)
    for (const peer of ['b', 'c', 'd', 'e']) doubts.raise(peer)
    expect(told.length).toBeLessThan(100)
    clock.pass(200 * INTERVAL_MS)
    expect(new Set(told).size).toBe(4000)
  })

  it('that are raised anew meanwhile reach again whoever was told before', () => {
    const { clock, doubts, told } = doubted(100)
    doubts.raise('b')
    expect(told).toContain('b 0')
    told.length = 0
    for (let times = 0; times < 3; times++) doubts.raise('b')
    clock.pass(20 * INTERVAL_MS)
    expect(told.filter((one) => one === 'b 0')).toHaveLength(1)
    expect(new Set(told).size).toBe(100)
  })

  it('reach nobody who has left meanwhile, and nobody at all once they are stopped', () => {
    const { clock, doubts, told, watchers } = doubted(300)
    doubts.raise('b')
    watchers.clear()
    const before = told.length
    clock.pass(20 * INTERVAL_MS)
    expect(told).toHaveLength(before)
    const stopped = doubted(300)
    stopped.doubts.raise('b')
    stopped.doubts.stop()
    stopped.clock.pass(20 * INTERVAL_MS)
    expect(stopped.told.length).toBeLessThan(100)
  })
})
