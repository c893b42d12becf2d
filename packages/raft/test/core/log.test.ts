import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { Log } from '../../src/core/log.ts'
import type { Entry } from '../../src/index.ts'

describe('the log', () => {
  it('is an array of entries, settled or not, for any sequence of operations', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = createRandom(seed)
      const expected: Entry[] = []
      const log = new Log(1, [])
      let settled = 0
      for (let step = 0; step < 200; step++) {
        const choice = random.float()
        if (choice < 0.7) {
          for (let i = random.integer(1, 40); i > 0; i--) {
            const length = random.float() < 0.01 ? 5000 : random.integer(0, 300)
            const data = new Uint8Array(length).fill(random.integer(0, 255))
            const kind = random.float() < 0.1 ? 'noop' : 'command'
            const entry: Entry = { term: (expected.at(-1)?.term ?? 1) + random.integer(0, 1), kind, data }
            expected.push(entry)
            log.append(entry)
          }
        } else if (choice < 0.9) {
          settled = random.integer(settled, expected.length)
          log.settle(settled)
        } else {
          const from = random.integer(settled + 1, expected.length + 1)
          expected.length = from - 1
          log.truncateFrom(from)
        }
      }
      expect(log.lastIndex, `seed ${seed}`).toBe(expected.length)
      expect(log.lastTerm).toBe(expected.at(-1)?.term ?? 0)
      for (const [at, entry] of expected.entries()) {
        const got = log.at(at + 1)
        const same = got?.term === entry.term && got.kind === entry.kind && log.termAt(at + 1) === entry.term
        if (!same || Buffer.compare(got.data, entry.data) !== 0)
          throw new Error(`seed ${seed}: entry ${at + 1} differs`)
      }
      const from = random.integer(1, expected.length)
      const to = random.integer(from, expected.length)
      expect(log.slice(from, to).map(({ term }) => term)).toEqual(
        expected.slice(from - 1, to).map(({ term }) => term),
      )
      expect(log.at(expected.length + 1)).toBeUndefined()
      expect([log.termAt(0), log.termAt(expected.length + 1)]).toEqual([0, -1])
    }
  })

  it('leaves alone what it handed out when it grows', () => {
    const log = new Log(1, [])
    const fill = (value: number): Entry => ({
      term: 1,
      kind: 'command',
      data: new Uint8Array(1000).fill(value),
    })
    log.append(fill(1))
    log.settle(1)
    const before = log.at(1)
    for (let i = 0; i < 100; i++) log.append(fill(2))
    log.settle(101)
    expect(before?.data.every((byte) => byte === 1)).toBe(true)
    expect(log.at(1)?.data).toEqual(before?.data)
  })

  it('ends batches by bytes and by entries, and never before the first one', () => {
    const log = new Log(1, [])
    for (let i = 0; i < 10; i++) log.append({ term: 1, kind: 'command', data: new Uint8Array(84) })
    for (const settled of [0, 4, 10]) {
      log.settle(settled)
      expect(log.endOfBatch(1, 350, 100)).toBe(3)
      expect(log.endOfBatch(1, 1, 100)).toBe(1)
      expect(log.endOfBatch(3, 10_000, 4)).toBe(6)
      expect(log.endOfBatch(3, 10_000, 100)).toBe(10)
    }
  })

  it('keeps no frame alive for one large entry that came in it', () => {
    const frame = new Uint8Array(100_000)
    const log = new Log(1, [])
    log.append({ term: 1, kind: 'command', data: frame.subarray(10, 5010) })
    log.append({ term: 1, kind: 'command', data: frame.subarray(0, 90_000) })
    log.settle(2)
    expect(log.at(1)?.data.buffer.byteLength).toBe(5000)
    expect(log.at(2)?.data.buffer).toBe(frame.buffer)
  })

  it('forgets its beginning, whole chunks or not, and answers for the rest as before', () => {
    const log = new Log(1, [])
    const term = (index: number): number => 1 + Math.floor(index / 700)
    const grow = (count: number): void => {
      for (let i = 0; i < count; i++) {
        const index = log.lastIndex + 1
        log.append({ term: term(index), kind: 'command', data: Uint8Array.of(index & 0xff, index >>> 8) })
      }
      log.settle(log.lastIndex - 10)
    }
    grow(3000)
    for (const cut of [1, 500, 1023, 1024, 1025, 2048, 2500, 2990]) {
      log.forgetUpTo(cut)
      expect(log.firstIndex).toBe(cut + 1)
      for (const index of [
        0,
        cut - 1,
        cut,
        cut + 1,
        cut + 2,
        2600,
        2990,
        2995,
        log.lastIndex,
        log.lastIndex + 1,
      ]) {
        const known = index >= cut && index <= log.lastIndex
        expect(log.termAt(index), `term at ${index} after ${cut}`).toBe(
          known ? term(index) : index === 0 ? 0 : -1,
        )
        const data = log.at(index)?.data
        expect(data === undefined ? undefined : [...data]).toEqual(
          known && index > cut ? [index & 0xff, index >>> 8] : undefined,
        )
      }
      log.forgetUpTo(cut - 1)
      expect(log.firstIndex).toBe(cut + 1)
      grow(37)
    }
    expect(log.slice(2995, 2997).map(({ data }) => data[0])).toEqual(
      [2995, 2996, 2997].map((at) => at & 0xff),
    )
    log.replaceBySnapshot(9000, 40)
    expect([log.firstIndex, log.lastIndex, log.lastTerm, log.termAt(8999), log.unsettledBytes]).toEqual([
      9001, 9000, 40, -1, 0,
    ])
    grow(20)
    expect(log.at(9001)?.term).toBe(term(9001))
  })
})
