import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { mergeRecords, type Entry, type PersistRecord } from '../../src/index.ts'

describe('mergeRecords', () => {
  it('has the effect of its records one after the other, for any records', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const random = createRandom(seed)
      const before = Array.from({ length: random.integer(0, 5) }, (_, at) => entry(1, at))
      const records = randomRecords(random, before.length)
      const [first, ...rest] = records
      if (first === undefined) continue
      let expected: Stored = { term: 0, vote: '', firstIndex: 1, entries: before }
      for (const record of records) expected = applied(expected, record)
      const merged = applied(
        { term: 0, vote: '', firstIndex: 1, entries: before },
        mergeRecords([first, ...rest]),
      )
      expect(merged, `seed ${seed}`).toEqual(expected)
    }
  })
})

function entry(term: number, label: number): Entry {
  return { term, kind: 'command', data: Uint8Array.of(label) }
}

function randomRecords(random: ReturnType<typeof createRandom>, length: number): PersistRecord[] {
  const records: PersistRecord[] = []
  let last = length
  for (let term = 2; term < 2 + random.integer(1, 6); term++) {
    const vote = random.float() < 0.5 ? 'a' : ''
    if (random.float() < 0.3) {
      records.push({ term, vote, firstIndex: 0, entries: [] })
      continue
    }
    const replaces = random.float() < 0.15
    const firstIndex = replaces ? last + random.integer(1, 5) : random.integer(1, last + 1)
    const entries = Array.from({ length: random.integer(0, 3) }, (_, at) => entry(term, at))
    last = firstIndex - 1 + entries.length
    records.push({ term, vote, firstIndex, entries, ...(replaces && { replacesLog: true }) })
  }
  return records
}

interface Stored {
  readonly term: number
  readonly vote: string
  readonly firstIndex: number
  readonly entries: readonly Entry[]
}

function applied(stored: Stored, record: PersistRecord): Stored {
  const { term, vote, firstIndex, entries } = record
  if (firstIndex === 0) return { ...stored, term, vote }
  if (record.replacesLog === true) return { term, vote, firstIndex, entries }
  const kept = stored.entries.slice(0, Math.max(0, firstIndex - stored.firstIndex))
  return { term, vote, firstIndex: Math.min(stored.firstIndex, firstIndex), entries: [...kept, ...entries] }
}
