import { ENTRY_KIND_CODES, entryKindOf } from './entry-kind.ts'
import type { Entry, LogIndex, Term } from './entry.ts'

/** Entries of one chunk: a power of two, so that a place is found by shifting. */
const CHUNK_BITS = 10
const CHUNK_ENTRIES = 1 << CHUNK_BITS
const FIRST_CAPACITY = 16 * 1024
/** Data larger than this is kept as it came: copying it would cost more than the object it saves. */
const LARGEST_COPIED = 4096

/** Up to 1,024 entries: their fields side by side, their data in one buffer. */
class Chunk {
  readonly terms: Float64Array = new Float64Array(CHUNK_ENTRIES)
  readonly kinds: Uint8Array = new Uint8Array(CHUNK_ENTRIES)
  readonly starts: Uint32Array = new Uint32Array(CHUNK_ENTRIES)
  readonly lengths: Uint32Array = new Uint32Array(CHUNK_ENTRIES)
  readonly large: Map<number, Uint8Array> = new Map()
  bytes: Uint8Array
  used = 0

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity)
  }

  put(slot: number, { term, kind, data }: Entry): void {
    this.terms[slot] = term
    this.kinds[slot] = ENTRY_KIND_CODES[kind]
    this.lengths[slot] = data.length
    if (data.length > LARGEST_COPIED) {
      // A view of something much larger, a network frame for one, would keep all of that.
      this.large.set(slot, data.length < data.buffer.byteLength / 2 ? data.slice() : data)
      return
    }
    if (this.used + data.length > this.bytes.length) {
      this.#resize(Math.max(this.used + data.length, this.bytes.length * 2))
    }
    this.starts[slot] = this.used
    this.bytes.set(data, this.used)
    this.used += data.length
    // Full: what is left over is given back, unless it is little.
    if (slot === CHUNK_ENTRIES - 1 && this.used < this.bytes.length * 0.75) this.#resize(this.used)
  }

  get(slot: number): Entry {
    const start = this.starts[slot] ?? 0
    const data = this.large.get(slot) ?? this.bytes.subarray(start, start + (this.lengths[slot] ?? 0))
    return { term: this.terms[slot] ?? 0, kind: entryKindOf(this.kinds[slot] ?? 0) ?? 'noop', data }
  }

  /** What was handed out keeps the old buffer, which never changes. */
  #resize(bytes: number): void {
    const resized = new Uint8Array(bytes)
    resized.set(this.bytes.subarray(0, this.used))
    this.bytes = resized
  }
}

/**
 * The part of a log that will never change. A million entries as objects are two million things that every garbage collection looks at,
 * and each of them is copied twice before it is left alone: measured, a third of a busy leader's time and nearly all of its pauses.
 * Here they are a few buffers, and an entry is made anew in the rare case that a follower far behind asks for it.
 */
export class CommittedEntries {
  readonly #chunks: Chunk[] = []
  #count = 0

  /** How many there are, counted from the first that was not dropped. */
  get count(): number {
    return this.#count
  }

  /** Adds the next one. */
  push(entry: Entry): void {
    const slot = this.#count & (CHUNK_ENTRIES - 1)
    if (slot === 0) this.#chunks.push(new Chunk(this.#nextCapacity()))
    this.#chunks[this.#chunks.length - 1]?.put(slot, entry)
    this.#count++
  }

  /** Drops as many of the first `count` as whole chunks hold; what was second is then first. Returns how many were dropped. */
  drop(count: number): number {
    const chunks = Math.min(count, this.#count) >>> CHUNK_BITS
    if (chunks === 0) return 0
    this.#chunks.splice(0, chunks)
    const dropped = chunks << CHUNK_BITS
    this.#count -= dropped
    return dropped
  }

  /** What the chunk before needed: entries are much alike, and growing step by step copies everything twice. */
  #nextCapacity(): number {
    return Math.max(FIRST_CAPACITY, this.#chunks[this.#chunks.length - 1]?.used ?? 0)
  }

  /** Term of the entry at `place`, counted from 0. */
  termAt(place: LogIndex): Term {
    return this.#chunks[place >>> CHUNK_BITS]?.terms[place & (CHUNK_ENTRIES - 1)] ?? -1
  }

  /** Bytes of its data. */
  lengthAt(place: LogIndex): number {
    return this.#chunks[place >>> CHUNK_BITS]?.lengths[place & (CHUNK_ENTRIES - 1)] ?? 0
  }

  /** The entry itself, made anew. */
  at(place: LogIndex): Entry | undefined {
    if (place < 0 || place >= this.#count) return undefined
    return this.#chunks[place >>> CHUNK_BITS]?.get(place & (CHUNK_ENTRIES - 1))
  }
}
