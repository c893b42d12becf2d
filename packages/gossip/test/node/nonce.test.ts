import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { compareStarts, counterOf, NonceSequence, startOf } from '../../src/node/nonce.ts'
import { ReplayWindow, WINDOW_COUNTERS } from '../../src/node/replay-window.ts'

describe('nonces', () => {
  it('count up, and go on in the next epoch when a start has no more', () => {
    const nonces = new NonceSequence({ epoch: 7, salt: 9 }, 2 ** 32 - 2)
    const seen = Array.from({ length: 4 }, () => {
      const nonce = Buffer.alloc(14)
      nonces.next(nonce, 1)
      return { ...startOf(nonce, 1), counter: counterOf(nonce, 1) }
    })
    expect(seen).toEqual([
      { epoch: 7, salt: 9, counter: 2 ** 32 - 2 },
      { epoch: 7, salt: 9, counter: 2 ** 32 - 1 },
      { epoch: 8, salt: 9, counter: 0 },
      { epoch: 8, salt: 9, counter: 1 },
    ])
  })

  it('hold every epoch', () => {
    const nonce = Buffer.alloc(12)
    new NonceSequence({ epoch: 2 ** 40 - 1, salt: 2 ** 24 - 1 }).next(nonce, 0)
    expect(startOf(nonce, 0)).toEqual({ epoch: 2 ** 40 - 1, salt: 2 ** 24 - 1 })
  })

  it('of later starts are told by the epoch, then by the salt', () => {
    expect(compareStarts({ epoch: 2, salt: 0 }, { epoch: 1, salt: 9 })).toBeGreaterThan(0)
    expect(compareStarts({ epoch: 1, salt: 8 }, { epoch: 1, salt: 9 })).toBeLessThan(0)
    expect(compareStarts({ epoch: 1, salt: 9 }, { epoch: 1, salt: 9 })).toBe(0)
  })
})

describe('the replay window', () => {
  it('agrees with a set of all that came, whatever the order and the gaps', () => {
    const random = createRandom('window')
    for (let run = 0; run < 10; run++) {
      const window = new ReplayWindow()
      const came = new Set<number>()
      let highest = -1
      let base = run % 2 === 0 ? 0 : 2 ** 32 - 100_000
      for (let step = 0; step < 2000; step++) {
        base += random.integer(0, 100) === 0 ? random.integer(0, 3000) : random.integer(0, 3)
        const counter = Math.min(2 ** 32 - 1, Math.max(0, base - random.integer(0, 1200)))
        const expected = !came.has(counter) && highest - counter < WINDOW_COUNTERS
        expect(window.isNew(counter)).toBe(expected)
        if (!expected) continue
        window.add(counter)
        came.add(counter)
        highest = Math.max(highest, counter)
      }
    }
  })
})
