import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { planFaults } from '../../src/bank/fault-plan.ts'
import { writePauses } from '../../src/bank/write-pauses.ts'

describe('planFaults', () => {
  it.each([8, 10, 25, 60, 120])('has the four kinds first, spread over %i seconds', (seconds) => {
    const plan = planFaults(seconds, createRandom(1))
    expect(plan.slice(0, 4).map(({ kind }) => kind)).toEqual([
      'kill-leader',
      'kill-follower',
      'pause-leader',
      'cut-link',
    ])
    expect(plan.length).toBeGreaterThanOrEqual(seconds / 7)
    for (const [nth, { atMs, lastsMs }] of plan.entries()) {
      expect(lastsMs).toBeGreaterThan(800)
      expect(atMs + lastsMs).toBeLessThan(plan[nth + 1]?.atMs ?? seconds * 1000)
    }
  })

  it('is repeated by its seed', () => {
    expect(planFaults(60, createRandom(7))).toEqual(planFaults(60, createRandom(7)))
    expect(planFaults(60, createRandom(7))).not.toEqual(planFaults(60, createRandom(8)))
  })
})

describe('writePauses', () => {
  const result = { ok: true, at: 1, fromBalance: 0, toBalance: 0 }
  const written = (completedAt: number) =>
    ({ kind: 'transfer', id: '', from: '', to: '', amount: 1, invokedAt: 0, completedAt, result }) as const
  const faults = (...times: number[]) => times.map((startedAt) => ({ startedAt }))

  it('finds the longest time without a write after each fault', () => {
    const records = [10, 20, 90, 100, 130, 135].map(written)
    expect(writePauses(records, faults(15, 99), 140)).toEqual([70, 30])
  })

  it('counts from the fault to the end, and not what the next fault does', () => {
    expect(writePauses([written(10)], faults(50), 140)).toEqual([90])
    expect(writePauses([written(10), written(120)], faults(50, 100), 140)).toEqual([50, 20])
    expect(writePauses([], faults(50), 140)).toEqual([90])
  })

  it('leaves out what was not acknowledged', () => {
    const { result: _, ...unknown } = written(Infinity)
    expect(writePauses([written(10), unknown], faults(20), 140)).toEqual([120])
  })
})
