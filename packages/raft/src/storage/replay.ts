import type { Entry, LogIndex, PersistRecord, Term } from '../core/entry.ts'
import { RaftError } from '../errors.ts'

/**
 * Why a record cannot follow a log that ends at `lastIndex`; `undefined` when it can.
 *
 * Asked before a record is written and again when it is read back, so that nothing can be written that will not be read.
 */
export function discontinuity(record: PersistRecord, lastIndex: number): string | undefined {
  if (!isCount(record.term)) return `term ${record.term} is not a whole number from 0 to 2^53 - 1`
  if (!isCount(record.firstIndex))
    return `index ${record.firstIndex} is not a whole number from 0 to 2^53 - 1`
  if (record.firstIndex === 0) {
    if (record.replacesLog === true) return 'a log that begins at index 0'
    return record.entries.length === 0 ? undefined : `${record.entries.length} entries without a first index`
  }
  // Where a snapshot takes the place of the log, it goes on behind the snapshot.
  if (record.replacesLog === true) return undefined
  if (record.firstIndex > lastIndex + 1) {
    return `entries from index ${record.firstIndex} on cannot follow a log that ends at index ${lastIndex}`
  }
  return undefined
}

/** Refuses a record that cannot follow: the caller's state is not the storage's any more, and going on would harm the log. */
export function requireContinuity(record: PersistRecord, lastIndex: number): void {
  const problem = discontinuity(record, lastIndex)
  if (problem === undefined) return
  throw new RaftError('RAFT_INVARIANT_BROKEN', `A record to persist does not fit the log: ${problem}.`)
}

/** Index of the last entry once `record` is applied to a log that ended at `lastIndex`. */
export function lastIndexAfter(record: PersistRecord, lastIndex: number): number {
  return record.firstIndex === 0 ? lastIndex : record.firstIndex - 1 + record.entries.length
}

/** Entries that can be cut and added to at their end: an array, or the like. */
export interface GrowingEntries {
  length: number
  push(entry: Entry): unknown
}

/** What replaying records has made so far. */
export interface ReplayedState<Entries extends GrowingEntries = Entry[]> {
  term: Term
  vote: string
  firstIndex: LogIndex
  entries: Entries
}

/** The state before the first record. */
export function emptyState(): ReplayedState {
  return { term: 0, vote: '', firstIndex: 1, entries: [] }
}

/** Applies a record that {@link discontinuity} found nothing against. */
export function replay(state: ReplayedState<GrowingEntries>, record: PersistRecord): void {
  state.term = record.term
  state.vote = record.vote
  if (record.firstIndex === 0) return
  const entries = state.entries
  if (record.replacesLog === true || record.firstIndex < state.firstIndex)
    state.firstIndex = record.firstIndex
  entries.length = record.replacesLog === true ? 0 : record.firstIndex - state.firstIndex
  for (const entry of record.entries) entries.push(entry)
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
