import { expect, it } from 'vitest'
import { LocalHealth } from '../../../src/core/detection/local-health.ts'

it('local health stays from 0 to 8, says why, and tells every change once', () => {
  const told: number[] = []
  const health = new LocalHealth((score) => void told.push(score))
  health.improve()
  expect([health.score, health.factor, told]).toEqual([0, 1, []])
  health.worsen(3, 'unanswered')
  health.worsen(0, 'stalled')
  health.worsen(20, 'refuted')
  health.worsen(1, 'refuted')
  expect([health.score, health.factor, told]).toEqual([8, 9, [3, 8]])
  expect(health.reasons).toHaveLength(2)
  for (let probe = 0; probe < 8; probe++) health.improve()
  expect([health.score, health.reasons]).toEqual([0, []])
  health.worsen(2, 'stalled')
  health.reset()
  expect(told.slice(-2)).toEqual([2, 0])
})
