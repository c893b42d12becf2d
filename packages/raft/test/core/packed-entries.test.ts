import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/core/entry.ts'
import { Log } from '../../src/core/log.ts'
import { PackedEntries } from '../../src/core/packed-entries.ts'
import { openStoredLog, packedState } from '../../src/core/stored-log.ts'

function entry(value: number, bytes = 10, term = 1): Entry {
  return { term, kind: value % 7 === 0 ? 'noop' : 'command', data: new Uint8Array(bytes).fill(value) }
}

function textOf({ term, kind, data }: Entry): string {
  return `${term} ${kind} ${data.length} × ${data[0]}`
}

describe('packed entries', () => {
  it('are an array of entries, cut at the end and added to, for any sequence of operations', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = createRandom(seed)
      const packed = new PackedEntries()
      const expected: Entry[] = []
      for (let step = 0; step < 60; step++) {
        if (random.float() < 0.6) {
          for (let i = random.integer(1, 200); i > 0; i--) {
            const bytes = random.float() < 0.01 ? 5000 : random.integer(0, 40)
            const made = entry(random.integer(0, 255), bytes, random.integer(1, 9))
            expected.push(made)
            packed.push(made)
          }
        } else {
          expected.length = packed.length = random.integer(0, expected.length)
        }
      }
      expect([...packed].map(textOf).join(), `seed ${seed}`).toBe(expected.map(textOf).join())
      for (const at of [
        0,
        expected.length - 1,
        expected.length,
        -1,
        -expected.length,
        -expected.length - 1,
      ]) {
        expect(packed.at(at)).toEqual(expected.at(at))
        expect(packed.termAt(at)).toBe(expected[at]?.term ?? -1)
      }
    }
  })

  it('leave alone what was handed out when they are cut and others take the place', () => {
    for (const bytes of [10, 5000]) {
      const packed = PackedEntries.of([entry(1, bytes), entry(2, bytes)])
      const second = packed.at(1)
      packed.length = 1
      packed.push(entry(3, bytes))
      expect(second).toEqual(entry(2, bytes))
      expect([...packed]).toEqual([entry(1, bytes), entry(3, bytes)])
    }
  })
})

describe('a log of stored entries', () => {
  const stored = (count: number): Log =>
    new Log(1, PackedEntries.of(Array.from({ length: count }, (_, at) => entry(at))))

  it('is cut where it contradicts the leader, and goes on there', () => {
    const log = stored(3000)
    log.append(entry(1))
    log.truncateFrom(1500)
    expect([log.lastIndex, log.at(1500), log.termAt(1500)]).toEqual([1499, undefined, -1])
    log.append(entry(9, 10, 2))
    log.settle(1500)
    expect([log.lastIndex, log.at(1499), log.at(1500)]).toEqual([1500, entry(1498), entry(9, 10, 2)])
    expect([log.kindAt(1), log.kindAt(2), log.kindAt(1501)]).toEqual(['noop', 'command', undefined])
  })

  it('counts as unsettled what is not known to be committed, wherever it stands', () => {
    const log = stored(2000)
    expect(log.unsettledBytes).toBe(20_000)
    log.settle(500)
    expect(log.unsettledBytes).toBe(15_000)
    log.append(entry(1))
    log.truncateFrom(1901)
    expect(log.unsettledBytes).toBe(14_000)
    log.append(entry(1, 7))
    log.settle(1901)
    expect(log.unsettledBytes).toBe(0)
    log.settle(1000)
    expect(log.unsettledBytes).toBe(0)
  })
})

describe('a stored state with packed entries', () => {
  const hardState = { term: 1, vote: '', firstIndex: 1 }

  it('shows them as any other does, also to whoever copies it', () => {
    const state = packedState(hardState, PackedEntries.of([entry(1), entry(2)]))
    const copy = { ...state }
    expect(state).toEqual({ ...hardState, entries: [entry(1), entry(2)] })
    expect(openStoredLog(copy).log.lastIndex).toBe(2)
  })

  it('gives them to one core, and after that does not show another state than it had', () => {
    const state = packedState(hardState, PackedEntries.of([entry(1), entry(2)]))
    const { log } = openStoredLog(state)
    log.truncateFrom(2)
    expect(() => state.entries).toThrow(/took these entries over/)
  })
})
