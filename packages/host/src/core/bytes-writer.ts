import { ColonyError } from './error.ts'
import { utf8Length, writeUtf8 } from './utf8.ts'

/** Small messages share a slab: an ArrayBuffer each costs more to make and to collect than such a message to write. */
const SLAB_BYTES = 16 * 1024
/** A message larger than this is not worth a new slab, when the rest of one is too short for it. */
const LARGEST_SHARED_BYTES = SLAB_BYTES / 16

/** A buffer for large messages that grew beyond this is given up after use, so that one large message does not pin memory for ever. */
const KEPT_CAPACITY = 1024 * 1024

/** Longest varint: 8 groups of 7 bits hold every safe integer. */
const MAX_VARINT_BYTES = 8

const NOTHING = new Uint8Array(0)

/**
 * Writes the fields of a message one after the other into one growing buffer. Made once and used again for every message:
 * a field costs no allocation, a finished message one small object.
 *
 * Reads back with {@link ByteReader}; nothing in the bytes says which field is which, so both sides must agree on the order.
 * @example
 * ```ts
 * const writer = new ByteWriter()
 * writer.u8(1)
 * writer.varint(42)
 * writer.string('orders')
 * const frame = writer.finish()
 * ```
 * @category Building blocks
 */
export class ByteWriter {
  /** Where the message under way is written: at the free end of a slab, until it proves too large for one. */
  #bytes: Uint8Array = NOTHING
  #view: DataView | undefined
  /** Where the message begins, and where it ends so far. */
  #start = 0
  #at = 0
  /** Whether `bytes` is the buffer for large messages, from which they are copied. */
  #large = false
  #slab: Uint8Array = NOTHING
  /** Where the free end of the slab begins, while a large message is under way. */
  #slabStart = 0
  #largeBytes: Uint8Array = NOTHING

  /** Bytes written since the start or the last `reset`. */
  get length(): number {
    return this.#at - this.#start
  }

  /** One byte, 0 to 255. */
  u8(value: number): void {
    if ((value & 0xff) !== value) throw outOfRange('u8', value)
    this.#reserve(1)
    this.#bytes[this.#at++] = value
  }

  /** Four bytes, little endian: a whole number from 0 to 2^32 - 1. */
  u32(value: number): void {
    if (value >>> 0 !== value) throw outOfRange('u32', value)
    this.#reserve(4)
    const bytes = this.#bytes
    const at = this.#at
    bytes[at] = value
    bytes[at + 1] = value >>> 8
    bytes[at + 2] = value >>> 16
    bytes[at + 3] = value >>> 24
    this.#at = at + 4
  }

  /**
   * A whole number from 0 to 2^53 - 1 in 1 to 8 bytes (unsigned LEB128, always the shortest form).
   * @throws A {@link ColonyError} with code `HOST_VALUE_NOT_ENCODABLE` for any other number.
   */
  varint(value: number): void {
    this.#reserve(MAX_VARINT_BYTES)
    const bytes = this.#bytes
    let at = this.#at
    let rest = value
    if (!(rest >= 0 && rest < 0x1000_0000 && (rest | 0) === rest)) {
      if (!Number.isSafeInteger(rest) || rest < 0) throw outOfRange('varint', value)
      // Bit operations see 32 bits only, so the low groups of a large number are cut off by division.
      while (rest >= 0x1000_0000) {
        bytes[at++] = (rest % 0x80) | 0x80
        rest = Math.floor(rest / 0x80)
      }
    }
    while (rest >= 0x80) {
      bytes[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    bytes[at++] = rest
    this.#at = at
  }

  /** Eight bytes, little endian: any number, NaN and the infinities too. */
  f64(value: number): void {
    this.#reserve(8)
    this.#view ??= new DataView(this.#bytes.buffer)
    this.#view.setFloat64(this.#at, value, true)
    this.#at += 8
  }

  /** A string: length in bytes as a varint, then UTF-8. Lone surrogates become U+FFFD. */
  string(value: string): void {
    const length = utf8Length(value)
    this.varint(length)
    this.#reserve(length)
    if (length === value.length) {
      const bytes = this.#bytes
      const at = this.#at
      for (let index = 0; index < length; index++) bytes[at + index] = value.charCodeAt(index)
    } else {
      writeUtf8(this.#bytes, this.#at, value)
    }
    this.#at += length
  }

  /** Bytes: their number as a varint, then themselves. */
  bytes(value: Uint8Array): void {
    this.varint(value.byteLength)
    this.raw(value)
  }

  /** Bytes as they are; the reader has to know how many. */
  raw(value: Uint8Array): void {
    this.#reserve(value.byteLength)
    this.#bytes.set(value, this.#at)
    this.#at += value.byteLength
  }

  /** Forgets what was written. */
  reset(): void {
    this.#at = this.#start
    if (this.#large) this.#returnToSlab()
  }

  /**
   * A copy of what was written, exactly as long; the writer is then empty and ready for the next message. A small one is a view of a larger
   * buffer (of 16 KiB) that it shares with its neighbours, as Node's own buffers are.
   */
  finish(): Uint8Array {
    if (this.#large) {
      const message = this.#bytes.slice(0, this.#at)
      this.#returnToSlab()
      return message
    }
    // Not copied: these bytes of the slab are never written again.
    const message = this.#bytes.subarray(this.#start, this.#at)
    this.#start = this.#at
    return message
  }

  #reserve(extra: number): void {
    if (this.#at + extra > this.#bytes.length) this.#makeRoom(extra)
  }

  /** Moves what was written so far to where there is room for more. */
  #makeRoom(extra: number): void {
    const written = this.#bytes.subarray(this.#start, this.#at)
    const needed = written.length + extra
    if (!this.#large && needed <= LARGEST_SHARED_BYTES) {
      this.#slab = new Uint8Array(SLAB_BYTES)
      this.#write(this.#slab, written)
      return
    }
    if (!this.#large) this.#slabStart = this.#start
    this.#large = true
    if (needed > this.#largeBytes.length) {
      this.#largeBytes = new Uint8Array(Math.max(needed, 2 * written.length, SLAB_BYTES))
    }
    this.#write(this.#largeBytes, written)
  }

  #write(to: Uint8Array, written: Uint8Array): void {
    to.set(written)
    this.#bytes = to
    this.#view = undefined
    this.#start = 0
    this.#at = written.length
  }

  /** The rest of the slab is still free: the message that grew too large for it was never handed out from there. */
  #returnToSlab(): void {
    this.#large = false
    if (this.#largeBytes.length > KEPT_CAPACITY) this.#largeBytes = NOTHING
    this.#bytes = this.#slab
    this.#view = undefined
    this.#start = this.#slabStart
    this.#at = this.#start
  }
}

function outOfRange(field: string, value: number): ColonyError<'HOST_VALUE_NOT_ENCODABLE'> {
  const range = { u8: '0 to 255', u32: '0 to 2^32 - 1', varint: '0 to 2^53 - 1' }[field] ?? ''
  return new ColonyError(
    'HOST_VALUE_NOT_ENCODABLE',
    `${field} takes a whole number from ${range}, not ${String(value)}`,
  )
}
