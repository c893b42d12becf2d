import type { Entry, EntryKind, LogIndex, Term } from './entry.ts'
import { PackedEntries } from './packed-entries.ts'

/** What an entry takes on the wire beside its data, at most: term, kind, length. */
export const ENTRY_OVERHEAD_BYTES = 16

/**
 * The log as the core sees it: every entry that no snapshot stands for, in memory, durable or not, and a tail of those for which one does.
 * Invariant: `firstIndex - 1 <= lastIndex`, terms never decrease.
 */
export class Log {
  #firstIndex: LogIndex
  /** Term of the entry before the first: what the first one follows must stay comparable when it is gone (section 7). */
  #termBefore: Term
  /** What is committed, and before it what was stored when this life began; the latter may be cut off at its end like any other. */
  #packed: PackedEntries
  /** Index of the first that `packed` holds: up to a chunk before `firstIndex`. */
  #packedFrom: LogIndex
  /** What follows. */
  readonly #tail: Entry[] = []
  /** Index of `tail[0]`. */
  #tailIndex: LogIndex
  /** Everything up to here is settled. */
  #settled: LogIndex
  #unsettledBytes = 0
  #batchBytes = 0

  /** Makes a log of `entries`, of which the first is at `firstIndex` and follows one of `termBefore`. Packed ones are taken over. */
  constructor(firstIndex: LogIndex, entries: Iterable<Entry>, termBefore: Term = 0) {
    this.#firstIndex = firstIndex
    this.#termBefore = termBefore
    this.#packed = entries instanceof PackedEntries ? entries : PackedEntries.of(entries)
    this.#packedFrom = firstIndex
    this.#tailIndex = firstIndex + this.#packed.length
    this.#settled = firstIndex - 1
    this.#unsettledBytes = this.#packedBytes(firstIndex, this.lastIndex)
  }

  /** Index of the first entry that is here; `lastIndex + 1` when there is none. */
  get firstIndex(): LogIndex {
    return this.#firstIndex
  }

  /** Bytes of the data of everything that is not settled. */
  get unsettledBytes(): number {
    return this.#unsettledBytes
  }

  /** Index of the last entry; `firstIndex - 1` when there is none. */
  get lastIndex(): LogIndex {
    return this.#tailIndex + this.#tail.length - 1
  }

  /** Term of the last entry; 0 when there is none. */
  get lastTerm(): Term {
    return this.termAt(this.lastIndex)
  }

  /** Term of the entry at `index`, also of the one just before the first; 0 at index 0; -1 where there is none, or none any more. */
  termAt(index: LogIndex): Term {
    if (index >= this.#tailIndex) return this.#tail[index - this.#tailIndex]?.term ?? -1
    if (index >= this.#firstIndex) return this.#packed.termAt(index - this.#packedFrom)
    if (index === this.#firstIndex - 1) return this.#termBefore
    return index === 0 ? 0 : -1
  }

  /** The entry at `index`, if there is one. */
  at(index: LogIndex): Entry | undefined {
    if (index >= this.#tailIndex) return this.#tail[index - this.#tailIndex]
    return index < this.#firstIndex ? undefined : this.#packed.at(index - this.#packedFrom)
  }

  /** What the entry at `index` holds. */
  kindAt(index: LogIndex): EntryKind | undefined {
    if (index >= this.#tailIndex) return this.#tail[index - this.#tailIndex]?.kind
    return index < this.#firstIndex ? undefined : this.#packed.kindAt(index - this.#packedFrom)
  }

  /** Appends at the end. */
  append(entry: Entry): void {
    this.#tail.push(entry)
    this.#unsettledBytes += entry.data.length
  }

  /** Drops every entry from `index` on. None of them is settled. */
  truncateFrom(index: LogIndex): void {
    const kept = Math.max(0, index - this.#tailIndex)
    for (let i = kept; i < this.#tail.length; i++) this.#unsettledBytes -= this.#tail[i]?.data.length ?? 0
    this.#tail.length = kept
    if (index >= this.#tailIndex) return
    this.#unsettledBytes -= this.#packedBytes(index, this.#tailIndex - 1)
    this.#packed.length = index - this.#packedFrom
    this.#tailIndex = index
  }

  /** Entries up to `index` will never change and are hardly asked for again: keeps them in less space, and out of the collector's way. */
  settle(index: LogIndex): void {
    if (index <= this.#settled) return
    const stored = Math.min(index, this.#tailIndex - 1)
    if (this.#settled < stored) this.#unsettledBytes -= this.#packedBytes(this.#settled + 1, stored)
    this.#settled = index
    const count = index - this.#tailIndex + 1
    if (count <= 0) return
    for (let i = 0; i < count; i++) {
      const entry = this.#tail[i]
      if (entry === undefined) continue
      this.#packed.push(entry)
      this.#unsettledBytes -= entry.data.length
    }
    // One at a time is common, and `splice` makes an array of it.
    if (count === 1) this.#tail.shift()
    else this.#tail.splice(0, count)
    this.#tailIndex += count
  }

  /** Forgets everything up to `index`, for which a snapshot stands; all of it is settled or was stored. */
  forgetUpTo(index: LogIndex): void {
    if (index < this.#firstIndex) return
    this.#termBefore = this.termAt(index)
    this.settle(index)
    this.#firstIndex = index + 1
    this.#packedFrom += this.#packed.drop(this.#firstIndex - this.#packedFrom)
  }

  /** Begins anew behind `index`, an entry of `term` that a snapshot stands for. */
  replaceBySnapshot(index: LogIndex, term: Term): void {
    this.#firstIndex = this.#packedFrom = this.#tailIndex = index + 1
    this.#settled = index
    this.#termBefore = term
    this.#packed = new PackedEntries()
    this.#tail.length = 0
    this.#unsettledBytes = 0
  }

  /** Entries `from` to `to`, both included. */
  slice(from: LogIndex, to: LogIndex): Entry[] {
    if (from >= this.#tailIndex) return this.#tail.slice(from - this.#tailIndex, to - this.#tailIndex + 1)
    const entries: Entry[] = []
    for (let index = from; index <= to; index++) {
      const entry = this.at(index)
      if (entry !== undefined) entries.push(entry)
    }
    return entries
  }

  /** The last index whose entries from `from` on weigh at most `maxBytes` together, but at least `from` itself. */
  endOfBatch(from: LogIndex, maxBytes: number, maxEntries: number): LogIndex {
    const last = Math.min(this.lastIndex, from + maxEntries - 1)
    let bytes = 0
    for (let index = from; index <= last; index++) {
      const more = bytes + this.#lengthAt(index) + ENTRY_OVERHEAD_BYTES
      if (more > maxBytes && index > from) {
        this.#batchBytes = bytes
        return index - 1
      }
      bytes = more
    }
    this.#batchBytes = bytes
    return last
  }

  /** What the batch weighs that {@link Log.endOfBatch} found last: beside its result, since an object of both would be made for every batch. */
  get batchBytes(): number {
    return this.#batchBytes
  }

  #lengthAt(index: LogIndex): number {
    if (index >= this.#tailIndex) return this.#tail[index - this.#tailIndex]?.data.length ?? 0
    return this.#packed.lengthAt(index - this.#packedFrom)
  }

  #packedBytes(from: LogIndex, to: LogIndex): number {
    let bytes = 0
    for (let index = from; index <= to; index++) bytes += this.#packed.lengthAt(index - this.#packedFrom)
    return bytes
  }

  /**
   * The largest index, at most `index`, whose term is at most `term`. Both ends of a conflict use it to skip whole terms at once
   * (section 5.3, last paragraphs): a follower to answer, a leader to choose where to try next.
   */
  lastIndexWithTermAtMost(index: LogIndex, term: Term): LogIndex {
    let candidate = Math.min(index, this.lastIndex)
    while (candidate >= this.#firstIndex && this.termAt(candidate) > term) candidate--
    return candidate
  }
}
