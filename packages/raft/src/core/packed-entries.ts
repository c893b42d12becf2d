import { ENTRY_KIND_CODES, entryKindOf } from './entry-kind.ts'
import type { Entry, EntryKind, Term } from './entry.ts'

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

  /** Drops the entries from `slots` on. */
  truncate(slots: number): void {
    for (const slot of this.large.keys()) if (slot >= slots) this.large.delete(slot)
    let last = slots - 1
    while (last >= 0 && this.large.has(last)) last--
    this.used = last < 0 ? 0 : (this.starts[last] ?? 0) + (this.lengths[last] ?? 0)
    // Also when it has the right size: what follows must not be written over bytes that were handed out.
    this.#resize(this.used)
  }

  /** What was handed out keeps the old buffer, which never changes. */
  #resize(bytes: number): void {
    const resized = new Uint8Array(bytes)
    resized.set(this.bytes.subarray(0, this.used))
    this.bytes = resized
  }
}

/**
 * Entries in a row, in little space and out of the collector's way. A million entries as objects are two million things that every garbage collection looks
 * at, and each of them is copied twice before it is left alone: measured, a third of a busy leader's time and nearly all of its pauses. Here they are a few buffers,
 * and an entry is made anew in the rare case that somebody asks for it.
 */
export class PackedEntries implements Iterable<Entry> {
  readonly #chunks: Chunk[] = []
  #length = 0

  /** Packs these. */
  static of(entries: Iterable<Entry>): PackedEntries {
    const packed = new PackedEntries()
    for (const entry of entries) packed.push(entry)
    return packed
  }

  /** How many there are, counted from the first that was not dropped. As that of an array it may be set, to fewer: those behind are dropped. */
  get length(): number {
    return this.#length
  }

  set length(length: number) {
    if (length >= this.#length) return
    this.#length = length
    this.#chunks.length = (length + CHUNK_ENTRIES - 1) >>> CHUNK_BITS
    const slots = length & (CHUNK_ENTRIES - 1)
    if (slots > 0) this.#chunks[this.#chunks.length - 1]?.truncate(slots)
  }

  /** Adds the next one. */
  push(entry: Entry): void {
    const slot = this.#length & (CHUNK_ENTRIES - 1)
    if (slot === 0) this.#chunks.push(new Chunk(this.#nextCapacity()))
    this.#chunks[this.#chunks.length - 1]?.put(slot, entry)
    this.#length++
  }

  /** Drops as many of the first `count` as whole chunks hold; what was second is then first. Returns how many were dropped. */
  drop(count: number): number {
    const chunks = Math.min(count, this.#length) >>> CHUNK_BITS
    if (chunks === 0) return 0
    this.#chunks.splice(0, chunks)
    const dropped = chunks << CHUNK_BITS
    this.#length -= dropped
    return dropped
  }

  /** What the chunk before needed: entries are much alike, and growing step by step copies everything twice. */
  #nextCapacity(): number {
    return Math.max(FIRST_CAPACITY, this.#chunks[this.#chunks.length - 1]?.used ?? 0)
  }

  /** Term of the entry at `place`, counted from 0; -1 where there is none. */
  termAt(place: number): Term {
    if (place < 0 || place >= this.#length) return -1
    return this.#chunks[place >>> CHUNK_BITS]?.terms[place & (CHUNK_ENTRIES - 1)] ?? -1
  }

  /** What the entry at `place` holds. */
  kindAt(place: number): EntryKind | undefined {
    return entryKindOf(this.#chunks[place >>> CHUNK_BITS]?.kinds[place & (CHUNK_ENTRIES - 1)] ?? 0)
  }

  /** Bytes of its data. */
  lengthAt(place: number): number {
    return this.#chunks[place >>> CHUNK_BITS]?.lengths[place & (CHUNK_ENTRIES - 1)] ?? 0
  }

  /** The entry itself, made anew; as with an array, a negative place counts from the end. */
  at(place: number): Entry | undefined {
    if (place < 0) return place < -this.#length ? undefined : this.at(place + this.#length)
    if (place >= this.#length) return undefined
    return this.#chunks[place >>> CHUNK_BITS]?.get(place & (CHUNK_ENTRIES - 1))
  }

  /** All of them, each made anew. */
  *[Symbol.iterator](): Generator<Entry> {
    for (let place = 0; place < this.#length; place++) {
      const entry = this.at(place)
      if (entry !== undefined) yield entry
    }
  }
}
