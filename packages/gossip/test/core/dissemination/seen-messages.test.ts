import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { LamportClock } from '../../../src/core/dissemination/lamport-clock.ts'
import { PeerNumbers, PeerSet } from '../../../src/core/dissemination/peer-set.ts'
import { SeenMessages } from '../../../src/core/dissemination/seen-messages.ts'

describe('seen messages', () => {
  it('are new once, in whatever order they come', () => {
    const seen = new SeenMessages(10)
    expect([3, 1, 2, 3, 1, 2, 4].map((sequence) => seen.see('a', 1, sequence))).toEqual([
      'new',
      'new',
      'new',
      'duplicate',
      'duplicate',
      'duplicate',
      'new',
    ])
  })

  it('agree with a set, within the window', () => {
    const random = createRandom('window')
    const seen = new SeenMessages(10)
    const model = new Set<number>()
    let newest = 0
    for (let round = 0; round < 20_000; round++) {
      const sequence = Math.max(
        1,
        newest + (random.float() < 0.2 ? random.integer(1, 3) : -random.integer(0, 300)),
      )
      const expected = sequence <= newest - 256 ? 'too-old' : model.has(sequence) ? 'duplicate' : 'new'
      if (seen.see('a', 1, sequence) !== expected) expect.fail(`round ${round}: ${sequence} after ${newest}`)
      model.add(sequence)
      newest = Math.max(newest, sequence)
    }
    expect(newest).toBeGreaterThan(1000)
  })

  it('begin anew with a new life of the sender, and take nothing of an old one', () => {
    const seen = new SeenMessages(10)
    expect(seen.see('a', 5, 9)).toBe('new')
    expect(seen.see('a', 6, 9)).toBe('new')
    expect(seen.see('a', 5, 10)).toBe('too-old')
  })

  it('are bounded: the sender that was silent for longest is forgotten', () => {
    const seen = new SeenMessages(3)
    for (const sender of ['a', 'b', 'c']) seen.see(sender, 1, 1)
    seen.see('a', 1, 2)
    seen.see('d', 1, 1)
    expect(seen.size).toBe(3)
    expect(seen.history('b')).toBeUndefined()
    expect(seen.see('a', 1, 1)).toBe('duplicate')
  })

  it('tell the newest and which of the 32 before it were seen', () => {
    const seen = new SeenMessages(3)
    for (const sequence of [40, 39, 37, 8, 7]) seen.see('a', 2, sequence)
    // Bit 0 is 39, bit 2 is 37, bit 31 is 8; 7 is too far back.
    expect(seen.history('a')).toEqual({ epoch: 2, newest: 40, before: (0b101 | (1 << 31)) >>> 0 })
  })
})

describe('the Lamport clock', () => {
  it('is ahead of all that it has heard', () => {
    const clock = new LamportClock()
    expect(clock.advance()).toBe(1)
    clock.witness(10)
    clock.witness(4)
    expect(clock.advance()).toBe(11)
  })

  it('does not believe a leap that would use it up', () => {
    const clock = new LamportClock()
    expect(clock.accepts(2 ** 40)).toBe(true)
    expect(clock.accepts(2 ** 40 + 1)).toBe(false)
    expect(clock.accepts(0)).toBe(false)
    clock.witness(2 ** 52 - 2)
    expect(clock.accepts(2 ** 52)).toBe(false)
  })
})

it('a set of peers holds what was added, once each', () => {
  const numbers = new PeerNumbers()
  const set = new PeerSet(numbers)
  for (let round = 0; round < 2; round++) {
    for (let index = 0; index < 200; index++) expect(set.add(`p${index}`)).toBe(round === 0)
  }
  expect(set.size).toBe(200)
  expect(set.has('p199')).toBe(true)
  expect(set.has('p200')).toBe(false)
})
