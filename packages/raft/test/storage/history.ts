import type { Random } from '@colony/host'
import type { Entry, EntryKind, PersistRecord, StoredState } from '../../src/core/entry.ts'
import { RECORD_MAGIC } from '../../src/storage/log/format.ts'

const KINDS: readonly EntryKind[] = ['command', 'noop', 'configuration']

/** The state before any record. */
export const EMPTY: StoredState = { term: 0, vote: '', firstIndex: 1, entries: [] }

/** What a storage must hold after a record: told independently of the code under test. */
export function after(state: StoredState, record: PersistRecord): StoredState {
  const kept = record.firstIndex === 0 ? state.entries : state.entries.slice(0, record.firstIndex - 1)
  return { term: record.term, vote: record.vote, firstIndex: 1, entries: [...kept, ...record.entries] }
}

/** Whether two states are the same, byte for byte. */
export function isSame(a: StoredState, b: StoredState): boolean {
  return describeState(a) === describeState(b)
}

/** A state as text that is equal exactly when the states are. */
export function describeState(state: StoredState): string {
  const entries = state.entries.map(
    (entry) => `${entry.term} ${entry.kind} ${Buffer.from(entry.data).toString('base64')}`,
  )
  return [`term ${state.term} vote ${state.vote} first ${state.firstIndex}`, ...entries].join('\n')
}

/**
 * A record that can follow `state`: an election, an append, a truncation, or everything at once. Entries have up to `typicalBytes`, and now and then
 * a few thousand when that is not small.
 */
export function randomRecord(state: StoredState, random: Random, typicalBytes = 300): PersistRecord {
  const term = state.term + random.integer(0, 1)
  const vote = ['', 'a', 'b', 'ein Knoten mit längerem Namen'][random.integer(0, 3)] ?? ''
  const last = state.entries.length
  const shape = random.integer(0, 9)
  if (shape === 0) return { term, vote, firstIndex: 0, entries: [] }
  const count = shape === 1 ? 0 : random.integer(1, 4)
  const firstIndex = shape < 4 ? random.integer(1, last + 1) : last + 1
  return {
    term,
    vote,
    firstIndex,
    entries: Array.from({ length: count }, () => randomEntry(term, random, typicalBytes)),
  }
}

/** The same as Raft would have it: within a term a log only grows (Leader Append-Only, figure 3 of the paper). */
export function protocolRecord(state: StoredState, random: Random, typicalBytes = 300): PersistRecord {
  const record = randomRecord(state, random, typicalBytes)
  const cuts = record.firstIndex !== 0 && record.firstIndex <= state.entries.length
  return cuts && state.entries.at(-1)?.term === record.term
    ? { ...record, firstIndex: state.entries.length + 1 }
    : record
}

function randomEntry(term: number, random: Random, typicalBytes: number): Entry {
  const isLarge = typicalBytes >= 300 && random.integer(0, 19) === 0
  const size = isLarge ? random.integer(2000, 6000) : random.integer(0, typicalBytes)
  const data = new Uint8Array(size)
  const fill = random.integer(0, 2)
  // Zeros look like the end of the log; the magic number of a record looks like one.
  if (fill === 1) for (let at = 0; at < size; at++) data[at] = random.integer(0, 255)
  if (fill === 2)
    for (let at = 0; at + 4 <= size; at += 8) new DataView(data.buffer).setUint32(at, RECORD_MAGIC, true)
  return { term, kind: KINDS[random.integer(0, 2)] ?? 'command', data }
}
