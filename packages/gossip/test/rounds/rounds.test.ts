import { describe, expect, it } from 'vitest'
import { CURVES, measureRounds, nameOf } from './measure.ts'
import { spreadRumor } from './spread-rumor.ts'
import { expectedRounds, pittel } from './theory.ts'

describe('rounds until everybody knows', () => {
  it('push-pull with one peer a round: 1,000 members in 10 on average, and in 14 with any of 1,000 seeds', () => {
    const { mean, max } = measureRounds({ members: 1000, exchange: 'push-pull', fanout: 1 }, 1000)
    expect(mean).toBeLessThanOrEqual(10)
    expect(max).toBeLessThanOrEqual(14)
    // Not because it stops early: log3 N is a bound from below.
    expect(mean).toBeGreaterThan(Math.log(1000) / Math.log(3))
  })

  it('and 1,000,000 in 17 on average', () => {
    const { mean } = measureRounds({ members: 1_000_000, exchange: 'push-pull', fanout: 1 }, 3)
    expect(mean).toBeLessThanOrEqual(17)
    expect(mean).toBeGreaterThan(15)
  })

  it('push with one peer a round is log2 N + ln N + O(1)', () => {
    for (const [members, seeds] of [
      [100, 400],
      [1000, 200],
      [10_000, 20],
      [100_000, 2],
    ] as const) {
      const { mean } = measureRounds({ members, exchange: 'push', fanout: 1 }, seeds)
      expect(Math.abs(mean - pittel(members))).toBeLessThan(2)
    }
  })

  for (const curve of CURVES) {
    it(`${nameOf(curve)}: within two rounds of theory from 100 to 100,000 members`, () => {
      for (const [members, seeds] of [
        [100, 200],
        [1000, 100],
        [10_000, 10],
        [100_000, 1],
      ] as const) {
        const { mean, nearlyAll } = measureRounds({ members, ...curve }, seeds)
        const expected = expectedRounds(members, curve.exchange, curve.fanout, curve.loss)
        expect(Math.abs(mean - expected)).toBeLessThan(2)
        expect(nearlyAll).toBeLessThanOrEqual(mean)
      }
    })
  }

  it('two members need one round, and who is alone none', () => {
    for (const exchange of ['push', 'pull', 'push-pull'] as const) {
      expect(spreadRumor({ members: 1, exchange, fanout: 1, seed: 1 }).all).toBe(0)
      expect(spreadRumor({ members: 2, exchange, fanout: 1, seed: 1 }).all).toBe(1)
    }
  })

  it('no peer tells a rumor in the round in which it learned it: nobody more than doubles by push, or triples by push-pull', () => {
    expect(spreadRumor({ members: 1025, exchange: 'push', fanout: 1, seed: 1 }).all).toBeGreaterThan(10)
    // Pulling has no such bound: any number may ask the same one.
    expect(spreadRumor({ members: 1000, exchange: 'pull', fanout: 1, seed: 1 }).messages).toBeGreaterThan(
      1000,
    )
  })

  it('the same seed takes the same rounds and messages', () => {
    const options = { members: 500, exchange: 'push-pull', fanout: 2, loss: 0.3, seed: 'x' } as const
    expect(spreadRumor(options)).toEqual(spreadRumor(options))
    expect(spreadRumor(options).all).toBeGreaterThan(spreadRumor({ ...options, loss: 0 }).all)
  })
})
