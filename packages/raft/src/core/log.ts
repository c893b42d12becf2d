import type { Entry, LogIndex, Term } from './entry.ts'

/** What an entry takes on the wire beside its data, at most: term, kind, length. */
export const ENTRY_OVERHEAD_BYTES = 16

/**
 * The log as the core sees it: every entry, in memory, durable or not. Invariant: `firstIndex - 1 <= lastIndex`, terms never decrease.
 * (`firstIndex` moves once snapshots can stand for a prefix.)
 */
export class Log {
  readonly firstIndex: LogIndex
  readonly #entries: Entry[]

  constructor(firstIndex: LogIndex, entries: Entry[]) {
    this.firstIndex = firstIndex
    this.#entries = entries
  }

  /** Index of the last entry; `firstIndex - 1` when there is none. */
  get lastIndex(): LogIndex {
    return this.firstIndex + this.#entries.length - 1
  }

  /** Term of the last entry; 0 when there is none. */
  get lastTerm(): Term {
    return this.#entries[this.#entries.length - 1]?.term ?? 0
  }

  /** Term of the entry at `index`; 0 just before the first entry; -1 where there is none. */
  termAt(index: LogIndex): Term {
    if (index === this.firstIndex - 1) return 0
    return this.#entries[index - this.firstIndex]?.term ?? -1
  }

  /** The entry at `index`, if there is one. */
  at(index: LogIndex): Entry | undefined {
    return this.#entries[index - this.firstIndex]
  }

  /** Appends at the end. */
  append(entry: Entry): void {
    this.#entries.push(entry)
  }

  /** Drops every entry from `index` on. */
  truncateFrom(index: LogIndex): void {
    this.#entries.length = Math.max(0, index - this.firstIndex)
  }

  /** Entries `from` to `to`, both included. */
  slice(from: LogIndex, to: LogIndex): Entry[] {
    return this.#entries.slice(from - this.firstIndex, to - this.firstIndex + 1)
  }

  /** The last index whose entries from `from` on weigh at most `maxBytes` together, but at least `from` itself. */
  endOfBatch(from: LogIndex, maxBytes: number, maxEntries: number): LogIndex {
    const last = Math.min(this.lastIndex, from + maxEntries - 1)
    let bytes = 0
    for (let index = from; index <= last; index++) {
      bytes += (this.#entries[index - this.firstIndex]?.data.length ?? 0) + ENTRY_OVERHEAD_BYTES
      if (bytes > maxBytes && index > from) return index - 1
    }
    return last
  }

  /**
   * The largest index, at most `index`, whose term is at most `term`. Both ends of a conflict use it to skip whole terms at once
   * (section 5.3, last paragraphs): a follower to answer, a leader to choose where to try next.
   */
  lastIndexWithTermAtMost(index: LogIndex, term: Term): LogIndex {
    let candidate = Math.min(index, this.lastIndex)
    while (candidate >= this.firstIndex && this.termAt(candidate) > term) candidate--
    return candidate
  }
}
