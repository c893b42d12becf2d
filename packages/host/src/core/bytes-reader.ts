import { readUtf8 } from './utf8.ts'

const EMPTY = new Uint8Array(0)

/**
 * Reads the fields that a {@link ByteWriter} wrote, from bytes that anybody may have sent: it never throws and never reads
 * or allocates beyond what is there.
 *
 * Failure is sticky. The first read that does not fit sets `failed`; from then on every read returns `0`, `''` or no bytes, so
 * a decoder reads all its fields in a row and looks once, at the end. Lengths are compared with what remains before
 * anything is made of them.
 * @category Building blocks
 */
export class ByteReader {
  #bytes: Uint8Array = EMPTY
  #view: DataView | undefined
  #at = 0
  // Invariant: 0 <= at <= end. A failure empties the reader, so every later read fails its own bounds check:
  // the good path needs no look at `failed`.
  #end = 0
  #reason: string | undefined

  /** Starts to read `bytes`; without them the reader is empty until {@link ByteReader.reset}. */
  constructor(bytes: Uint8Array = EMPTY) {
    this.reset(bytes)
  }

  /** Starts anew on other bytes; they are not copied. */
  reset(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.#view = undefined
    this.#at = 0
    this.#end = bytes.byteLength
    this.#reason = undefined
  }

  /** Whether any read has failed since the last reset. */
  get failed(): boolean {
    return this.#reason !== undefined
  }

  /** What went wrong first; `undefined` while nothing has. */
  get reason(): string | undefined {
    return this.#reason
  }

  /** Bytes not read yet; 0 after a failure. */
  get remaining(): number {
    return this.#end - this.#at
  }

  /** Marks the bytes as malformed, for what only the caller can know: an unknown tag, a value out of range. The first reason stays. */
  fail(reason: string): void {
    this.#reason ??= reason
    this.#bytes = EMPTY
    this.#view = undefined
    this.#at = 0
    this.#end = 0
  }

  /** One byte. */
  u8(): number {
    if (this.#at >= this.#end) return this.#short('u8')
    return this.#bytes[this.#at++] ?? 0
  }

  /** Four bytes, little endian. */
  u32(): number {
    const at = this.#at
    if (this.#end - at < 4) return this.#short('u32')
    this.#at = at + 4
    const bytes = this.#bytes
    const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)
    return (low | ((bytes[at + 3] ?? 0) << 24)) >>> 0
  }

  /**
   * A whole number from 0 to 2^53 - 1. Fails above that, after more than 8 bytes, and for any form but the shortest, so that
   * one value has one spelling.
   */
  varint(): number {
    const bytes = this.#bytes
    let at = this.#at
    let value = 0
    let scale = 1
    for (let group = 0; group < 8; group++) {
      if (at >= this.#end) return this.#short('varint')
      const byte = bytes[at++] ?? 0
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        if (byte === 0 && group > 0) return this.#malformed('varint is longer than needed')
        if (value > Number.MAX_SAFE_INTEGER) return this.#malformed('varint is above 2^53 - 1')
        this.#at = at
        return value
      }
      scale *= 0x80
    }
    return this.#malformed('varint is longer than 8 bytes')
  }

  /**
   * A varint that fails above `limit`: how many items follow, or any number with a known bound. With `bytesEach`, the least that an
   * item can take, it also fails when that many items cannot be in what remains, before the caller makes room for them.
   */
  count(limit: number, bytesEach = 0): number {
    const value = this.varint()
    if (value > limit) return this.#malformed(`count ${value} is above the limit of ${limit}`)
    if (value * bytesEach > this.remaining) return this.#short(`${value} items`)
    return value
  }

  /** Eight bytes, little endian. */
  f64(): number {
    const at = this.#at
    if (this.#end - at < 8) return this.#short('f64')
    this.#at = at + 8
    this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength)
    return this.#view.getFloat64(at, true)
  }

  /** A string; fails for malformed UTF-8. */
  string(): string {
    const length = this.varint()
    const start = this.#at
    if (length > this.#end - start) {
      this.#short(`string of ${length} bytes`)
      return ''
    }
    const value = readUtf8(this.#bytes, start, start + length)
    if (value === undefined) {
      this.#malformed('string is not UTF-8')
      return ''
    }
    this.#at = start + length
    return value
  }

  /** Bytes that were written with their length: a view of the bytes being read, not a copy. */
  bytes(): Uint8Array {
    return this.raw(this.varint())
  }

  /** The next `length` bytes: a view, not a copy. */
  raw(length: number): Uint8Array {
    const start = this.#at
    if (!(length >= 0 && length <= this.#end - start)) {
      this.#short(`${length} bytes`)
      return EMPTY
    }
    this.#at = start + length
    return this.#bytes.subarray(start, start + length)
  }

  /** Fails when anything is left over. Call it after the last field. */
  end(): void {
    if (this.#at < this.#end) this.#malformed(`${this.remaining} bytes left over`)
  }

  #short(what: string): 0 {
    return this.#malformed(`${what} does not fit: ${this.remaining} bytes remain`)
  }

  #malformed(problem: string): 0 {
    this.fail(`${problem}, at byte ${this.#at}`)
    return 0
  }
}
