import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Deadlines } from '../../src/core/deadlines.ts'
import { CoreNet } from './core-net.ts'

class Part {
  asked = 0
  ticks = 0
  at: number

  constructor(at: number) {
    this.at = at
  }

  get deadline(): number {
    this.asked++
    return this.at
  }

  tick(): void {
    this.ticks++
    this.at = Infinity
  }
}

describe('deadlines', () => {
  it('are asked of most parts only after a change', () => {
    const state = { changes: 0 }
    const [restless, other] = [new Part(50), new Part(30)]
    const deadlines = new Deadlines(state, [restless], [other])
    expect([deadlines.earliest, deadlines.earliest]).toEqual([30, 30])
    expect([restless.asked, other.asked]).toEqual([2, 1])
    other.at = 20
    state.changes++
    expect(deadlines.earliest).toBe(20)
    other.at = 10
    deadlines.changed()
    expect(deadlines.earliest).toBe(10)
    restless.at = 5
    expect(deadlines.earliest).toBe(5)
    deadlines.tick(9)
    expect([restless.ticks, other.ticks, deadlines.earliest]).toEqual([1, 0, 10])
    deadlines.tick(10)
    expect([restless.ticks, other.ticks, deadlines.earliest]).toEqual([1, 1, Infinity])
  })
})

describe('no part is forgotten', () => {
  const original = Object.getOwnPropertyDescriptor(Deadlines.prototype, 'earliest')!
  let late = 0

  beforeEach(() => {
    late = 0
    Object.defineProperty(Deadlines.prototype, 'earliest', {
      configurable: true,
      get(this: Deadlines): number {
        const said = original.get!.call(this) as number
        if (said > this.exact) late++
        return said
      },
    })
  })

  afterEach(() => void Object.defineProperty(Deadlines.prototype, 'earliest', original))

  it('whatever happens', () => {
    for (const seed of [1, 2, 3, 4]) {
      const net = new CoreNet({ seed, loss: 0.1, core: { bandwidth: seed === 2 ? 20_000 : undefined } })
      const ids = net.addMany(10)
      const payload = Uint8Array.of(1, 2, 3)
      for (let round = 0; round < 20; round++) {
        const id = ids[(7 * round) % 8]!
        net.input(id, { type: 'broadcast', id: round, topic: 't', payload })
        net.input(id, { type: 'set', key: `k${round % 3}`, value: payload, ttlMs: 3_000 })
        net.input(id, { type: 'share', key: 's', value: payload })
        net.input(id, { type: 'query', question: round, topic: 'q', payload, timeoutMs: 2_000 })
        if (round === 5) net.crash('n9')
        if (round === 8) net.isolate(['n1', 'n2', 'n3'])
        if (round === 11) net.heal()
        if (round === 12) net.restart('n9', ['n4'])
        if (round === 14) net.input('n10', { type: 'leave', acknowledgements: 2, timeoutMs: 2_000 })
        if (round === 16) net.pause('n5')
        if (round === 18) net.resume('n5')
        net.run(2_500)
      }
      expect([seed, late]).toEqual([seed, 0])
    }
  })
})
