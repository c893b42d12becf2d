import type { ByteWriter } from '@colony/host'

/** Something that is sent a number of times to different members, as the bytes that will be written. */
export interface QueueEntry {
  readonly key: string
  readonly bytes: Uint8Array
  /** Not thrown out to make room: somebody was promised that it is sent. */
  readonly pinned: boolean
  /** How many agreements had been heard of when it was put here. */
  readonly since: number
  /** How often it was written into a packet. */
  sends: number
  /** The packet that it was written into last: none holds it twice. */
  packet: number
  newer: QueueEntry | undefined
  older: QueueEntry | undefined
}

/** Entries that were sent equally often, newest first. */
interface Level {
  newest: QueueEntry | undefined
  oldest: QueueEntry | undefined
}

/** So many entries in a row that do not fit end the search for one that does. */
const MAX_MISFITS = 8
/** So many others who know all that is known here: what is older than that need not be told. */
const ENOUGH_AGREE = 3

/**
 * What is piggybacked: one entry a key, the least often sent first and among those the newest (SWIM, section 4.1: "preferring elements that have been gossiped fewer times"), until each
 * was sent as often as the limit says. Bounded in bytes: what was sent most often goes first when there is no room.
 *
 * All operations take constant time but for the number of levels, which is the limit: a dozen.
 */
export class RetransmitQueue {
  readonly #maxBytes: number
  readonly #entries = new Map<string, QueueEntry>()
  readonly #levels: Level[] = []
  #bytes = 0
  #pinnedBytes = 0
  #packet = 0
  #agreements = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes of all entries, each counted once. */
  get bytes(): number {
    return this.#bytes
  }

  /** Bytes of the pinned ones among them. */
  get pinnedBytes(): number {
    return this.#pinnedBytes
  }

  /** Number of entries. */
  get size(): number {
    return this.#entries.size
  }

  /** How often the entry was sent; `undefined` when there is none. */
  sends(key: string): number | undefined {
    return this.#entries.get(key)?.sends
  }

  /** Adds an entry as new; one with the same key is replaced. How many others were thrown out for lack of room. */
  put(key: string, bytes: Uint8Array, pinned = false): number {
    this.delete(key)
    const entry: QueueEntry = {
      key,
      bytes,
      pinned,
      since: this.#agreements,
      sends: 0,
      packet: 0,
      newer: undefined,
      older: undefined,
    }
    this.#entries.set(key, entry)
    this.#bytes += bytes.length
    if (pinned) this.#pinnedBytes += bytes.length
    this.#link(entry)
    return this.#makeRoom(entry)
  }

  /** Forgets an entry. */
  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry) this.#remove(entry)
  }

  /** Another member was heard of who knows all that is known here. */
  agreed(): void {
    if (this.#entries.size > 0) this.#agreements++
  }

  /** Starts a packet: from now on every entry may be written once. */
  begin(): void {
    this.#packet++
  }

  /**
   * Writes the entry of one key, ahead of all others, when it fits and is not in this packet. How many bytes it wrote. It counts as sent, but is not dropped for that.
   */
  writeFirst(writer: ByteWriter, key: string, budget: number): number {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.bytes.length > budget || entry.packet === this.#packet) return 0
    this.#writeEntry(writer, entry, Number.POSITIVE_INFINITY)
    return entry.bytes.length
  }

  /**
   * Writes as many entries as fit into `budget`, and drops those that were then sent `limit` times. `except` is passed over. How many bytes it wrote.
   */
  write(writer: ByteWriter, budget: number, limit: number, except?: string): number {
    let left = budget
    let misfits = 0
    for (let sends = 0; sends < this.#levels.length && misfits < MAX_MISFITS; sends++) {
      let entry = this.#levels[sends]?.newest
      while (entry && misfits < MAX_MISFITS) {
        const next: QueueEntry | undefined = entry.older
        if (this.#isAgreed(entry)) {
          this.#remove(entry)
        } else if (entry.packet !== this.#packet && entry.key !== except) {
          if (entry.bytes.length > left) {
            misfits++
          } else {
            left -= entry.bytes.length
            this.#writeEntry(writer, entry, limit)
          }
        }
        entry = next
      }
    }
    return budget - left
  }

  #isAgreed(entry: QueueEntry): boolean {
    return !entry.pinned && this.#agreements - entry.since >= ENOUGH_AGREE
  }

  #writeEntry(writer: ByteWriter, entry: QueueEntry, limit: number): void {
    writer.raw(entry.bytes)
    entry.packet = this.#packet
    this.#unlink(entry)
    entry.sends++
    if (entry.sends >= limit) this.#forget(entry)
    else this.#link(entry)
  }

  #makeRoom(kept: QueueEntry): number {
    let thrownOut = 0
    for (let sends = this.#levels.length - 1; sends >= 0 && this.#bytes > this.#maxBytes; sends--) {
      let entry = this.#levels[sends]?.oldest
      while (entry && this.#bytes > this.#maxBytes) {
        const next: QueueEntry | undefined = entry.newer
        if (!entry.pinned && entry !== kept) {
          this.#remove(entry)
          thrownOut++
        }
        entry = next
      }
    }
    return thrownOut
  }

  #remove(entry: QueueEntry): void {
    this.#unlink(entry)
    this.#forget(entry)
  }

  #forget(entry: QueueEntry): void {
    this.#entries.delete(entry.key)
    this.#bytes -= entry.bytes.length
    if (entry.pinned) this.#pinnedBytes -= entry.bytes.length
  }

  #link(entry: QueueEntry): void {
    const level = (this.#levels[entry.sends] ??= { newest: undefined, oldest: undefined })
    entry.older = level.newest
    entry.newer = undefined
    if (level.newest) level.newest.newer = entry
    else level.oldest = entry
    level.newest = entry
  }

  #unlink(entry: QueueEntry): void {
    const level = this.#levels[entry.sends] as Level
    if (entry.newer) entry.newer.older = entry.older
    else level.newest = entry.older
    if (entry.older) entry.older.newer = entry.newer
    else level.oldest = entry.newer
  }
}
