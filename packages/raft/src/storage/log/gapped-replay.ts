import type { Entry, LogEnd, PersistRecord, SnapshotMeta, Term } from '../../core/entry.ts'
import { isEarlierEnd } from '../../core/log-end.ts'
import { emptyState, lastIndexAfter, type ReplayedState } from '../replay.ts'
import { RECORD_TYPE_REPLACES_LOG } from './format.ts'
import type { RecordHeader } from './record-reader.ts'

/** Entries behind a gap: what they follow is not known. */
interface DetachedRun {
  readonly firstIndex: number
  readonly entries: Entry[]
}

/** What replaying a damaged log has made of it. */
export interface GappedState {
  readonly state: ReplayedState
  /** Index of the last entry that is there. */
  readonly lastIndex: number
  /** Where the log ended before entries were lost; `undefined` when nothing is missing at its end. */
  readonly lost: LogEnd | undefined
}

/**
 * Replays records of which some cannot be read. Keeps the entries up to the first gap, those of the last run behind it, and the end that the log had, which is never taken to be
 * earlier than it was: how much a node promised depends on it.
 */
export class GappedReplay {
  readonly #state: ReplayedState = emptyState()
  /** Up to here entries are committed: no record ever cut these off. */
  readonly #snapshotIndex: number
  readonly #snapshotTerm: Term
  /** Index of the last entry before the first gap. */
  #lastKnown = 0
  #run: DetachedRun | undefined
  /** Entries are missing between `lastKnown` and `end`. */
  #gap = false
  /** Where the log ends, gaps or not; `undefined` while nothing bounds it. */
  #end: LogEnd | undefined = { index: 0, term: 0 }
  /** The latest end that it was ever cut back from since something was damaged. */
  #latest: LogEnd | undefined
  #damaged = false
  /** Records were lost of which not even headers are left, and none was read since. */
  #unknownRecords = false
  /** Term and vote may have changed in what was lost. */
  #hardStateUnknown = false

  /** `fromMiddle`: the first segments are gone, because a snapshot stands for what was in them. */
  constructor(snapshot: SnapshotMeta | undefined, fromMiddle: boolean) {
    this.#snapshotIndex = snapshot?.index ?? 0
    this.#snapshotTerm = snapshot?.term ?? 0
    if (!fromMiddle) return
    this.#state.firstIndex = Number.POSITIVE_INFINITY
    this.#end = undefined
  }

  /** Applies a record; returns whether it can follow. */
  apply(record: PersistRecord): boolean {
    this.#resolveUnknown(record.term)
    this.#state.term = record.term
    this.#state.vote = record.vote
    this.#hardStateUnknown = false
    const { firstIndex, entries } = record
    if (firstIndex === 0) return entries.length === 0 && record.replacesLog !== true
    const index = lastIndexAfter(record, 0)
    if (record.replacesLog === true) this.#beginAnew(firstIndex, entries)
    else if (this.#connects(firstIndex)) this.#extend(firstIndex, entries)
    else if (this.#gap && firstIndex <= (this.#end?.index ?? Number.POSITIVE_INFINITY) + 1)
      this.#extendRun(firstIndex, entries)
    else return false
    this.#moveEnd(index, entries.at(-1)?.term ?? this.#termAt(index), record.term)
    return true
  }

  /** Notes a record of which only the header is left. */
  lose(header: RecordHeader): void {
    this.#resolveUnknown(header.term)
    this.#damaged = true
    this.#hardStateUnknown = true
    const { firstIndex, entryCount } = header
    if (firstIndex === 0) return
    if (header.type === RECORD_TYPE_REPLACES_LOG) this.#beginAnew(firstIndex, [])
    else if (this.#connects(firstIndex)) this.#extend(firstIndex, [])
    else this.#cutRun(firstIndex)
    const index = firstIndex - 1 + entryCount
    const isKnown = entryCount === 0
    this.#gap ||= !isKnown
    this.#moveEnd(index, isKnown ? this.#termAt(index) : header.term, header.term)
  }

  /** Notes records of which nothing is left. */
  loseUnknown(): void {
    this.#damaged = true
    this.#hardStateUnknown = true
    this.#unknownRecords = true
  }

  /** What there is; `undefined` when it is not known what was promised. */
  finish(): GappedState | undefined {
    if (this.#hardStateUnknown || this.#unknownRecords) return undefined
    if (this.#gap && this.#end === undefined) return undefined
    this.#reattach()
    if (this.#state.firstIndex === Number.POSITIVE_INFINITY) {
      // Nothing but terms and votes is left: every entry was in what the snapshot stands for.
      this.#state.firstIndex = this.#snapshotIndex + 1
      this.#lastKnown = this.#snapshotIndex
    }
    if (this.#state.firstIndex > this.#snapshotIndex + 1) return undefined
    const lost = laterEnd(this.#latest, this.#gap ? this.#end : undefined)
    const known = { index: this.#lastKnown, term: this.#termAt(this.#lastKnown) ?? 0 }
    const isRegained = lost === undefined || !isEarlierEnd(known, lost) || this.#snapshotIndex >= lost.index
    return { state: this.#state, lastIndex: this.#lastKnown, lost: isRegained ? undefined : lost }
  }

  /**
   * Where nothing is left of a record, it may have cut off entries: any that are not committed, unless the last one that is there and the record behind are of one term, within which
   * a log only grows (Leader Append-Only, figure 3).
   */
  #resolveUnknown(nextTerm: Term): void {
    if (!this.#unknownRecords) return
    this.#unknownRecords = false
    if (this.#end !== undefined) this.#latest = laterEnd(this.#latest, this.#end)
    const last = this.#run === undefined ? this.#state.entries.at(-1) : this.#run.entries.at(-1)
    if (last?.term !== nextTerm) {
      this.#run = undefined
      this.#cutKnown(Math.min(this.#lastKnown, this.#snapshotIndex))
    }
    this.#gap = true
    this.#end = undefined
  }

  #connects(firstIndex: number): boolean {
    if (this.#state.firstIndex === Number.POSITIVE_INFINITY) return true
    return firstIndex <= this.#lastKnown + 1
  }

  #beginAnew(firstIndex: number, entries: readonly Entry[]): void {
    this.#state.firstIndex = firstIndex
    this.#state.entries.length = 0
    this.#lastKnown = firstIndex - 1
    this.#extend(firstIndex, entries)
  }

  #extend(firstIndex: number, entries: readonly Entry[]): void {
    const state = this.#state
    if (firstIndex < state.firstIndex) {
      state.firstIndex = firstIndex
      state.entries.length = 0
    }
    this.#cutKnown(firstIndex - 1)
    for (const entry of entries) state.entries.push(entry)
    this.#lastKnown = firstIndex - 1 + entries.length
    this.#run = undefined
    this.#gap = false
  }

  #cutKnown(lastIndex: number): void {
    const { firstIndex, entries } = this.#state
    if (firstIndex === Number.POSITIVE_INFINITY) return
    entries.length = Math.max(0, Math.min(entries.length, lastIndex - firstIndex + 1))
    this.#lastKnown = firstIndex - 1 + entries.length
  }

  #extendRun(firstIndex: number, entries: readonly Entry[]): void {
    this.#cutRun(firstIndex)
    const run = this.#run
    const follows = run !== undefined && run.firstIndex + run.entries.length === firstIndex
    if (follows) run.entries.push(...entries)
    else this.#run = entries.length === 0 ? undefined : { firstIndex, entries: [...entries] }
  }

  #cutRun(firstIndex: number): void {
    const run = this.#run
    if (run === undefined) return
    if (firstIndex <= run.firstIndex) this.#run = undefined
    else run.entries.length = Math.min(run.entries.length, firstIndex - run.firstIndex)
  }

  /** Entries behind a gap that the snapshot covers lack nothing. */
  #reattach(): void {
    const run = this.#run
    const first = this.#snapshotIndex + 1
    if (!this.#gap || run === undefined || run.firstIndex > first) return
    this.#state.firstIndex = first
    this.#state.entries = run.entries.slice(first - run.firstIndex)
    this.#lastKnown = first - 1 + this.#state.entries.length
    this.#gap = (this.#end?.index ?? 0) > this.#lastKnown
  }

  /**
   * The log ends at `index` now, with an entry of `term`: of the term of the record at most, where nothing tells. It may be an earlier one then, so the end before is kept as well:
   * taking the record's for it would say that the log had got better, and what was promised by the end before would be forgotten.
   */
  #moveEnd(index: number, term: Term | undefined, recordTerm: Term): void {
    const before = this.#end
    const isBack = before !== undefined && (term === undefined || isEarlierEnd({ index, term }, before))
    if (this.#damaged && isBack) this.#latest = laterEnd(this.#latest, before)
    this.#end = { index, term: term ?? recordTerm }
  }

  #termAt(index: number): Term | undefined {
    const { firstIndex, entries } = this.#state
    const run = this.#run
    if (run !== undefined && index >= run.firstIndex) return run.entries[index - run.firstIndex]?.term
    const known = entries[index - firstIndex]?.term
    return known ?? (index === this.#snapshotIndex ? this.#snapshotTerm : undefined)
  }
}

function laterEnd(a: LogEnd | undefined, b: LogEnd | undefined): LogEnd | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return isEarlierEnd(a, b) ? b : a
}
