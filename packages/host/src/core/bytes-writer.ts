import { ColonyError } from './error.ts'
import { utf8Length, writeUtf8 } from './utf8.ts'

const INITIAL_CAPACITY = 256

/** Messages up to a sixteenth of a slab share one: an ArrayBuffer each costs more to make and to collect than a small message to write. */
const SLAB_BYTES = 16 * 1024
const LARGEST_SHARED_BYTES = SLAB_BYTES / 16

/** A buffer that grew beyond this is given up after use, so that one large message does not pin memory for ever. */
const KEPT_CAPACITY = 1024 * 1024

/** Longest varint: 8 groups of 7 bits hold every safe integer. */
const MAX_VARINT_BYTES = 8

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
  #bytes: Uint8Array = new Uint8Array(INITIAL_CAPACITY)
  #view: DataView | undefined
  #length = 0
  #slab: Uint8Array | undefined
  #slabUsed = 0

  /** Bytes written since the start or the last `reset`. */
  get length(): number {
    return this.#length
  }

  /** One byte, 0 to 255. */
  u8(value: number): void {
    if ((value & 0xff) !== value) throw outOfRange('u8', value)
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  /** Four bytes, little endian: a whole number from 0 to 2^32 - 1. */
  u32(value: number): void {
    if (value >>> 0 !== value) throw outOfRange('u32', value)
    this.#reserve(4)
    const bytes = this.#bytes
    const at = this.#length
    bytes[at] = value
    bytes[at + 1] = value >>> 8
    bytes[at + 2] = value >>> 16
    bytes[at + 3] = value >>> 24
    this.#length = at + 4
  }

  /**
   * A whole number from 0 to 2^53 - 1 in 1 to 8 bytes (unsigned LEB128, always the shortest form).
   * @throws A {@link ColonyError} with code `HOST_VALUE_NOT_ENCODABLE` for any other number.
   */
  varint(value: number): void {
    this.#reserve(MAX_VARINT_BYTES)
    const bytes = this.#bytes
    let at = this.#length
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
    this.#length = at
  }

  /** Eight bytes, little endian: any number, NaN and the infinities too. */
  f64(value: number): void {
    this.#reserve(8)
    this.#view ??= new DataView(this.#bytes.buffer)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  /** A string: length in bytes as a varint, then UTF-8. Lone surrogates become U+FFFD. */
  string(value: string): void {
    const length = utf8Length(value)
    this.varint(length)
    this.#reserve(length)
    if (length === value.length) {
      const bytes = this.#bytes
      const at = this.#length
      for (let index = 0; index < length; index++) bytes[at + index] = value.charCodeAt(index)
    } else {
      writeUtf8(this.#bytes, this.#length, value)
    }
    this.#length += length
  }

  /** Bytes: their number as a varint, then themselves. */
  bytes(value: Uint8Array): void {
    this.varint(value.byteLength)
    this.raw(value)
  }

  /** Bytes as they are; the reader has to know how many. */
  raw(value: Uint8Array): void {
    this.#reserve(value.byteLength)
    this.#bytes.set(value, this.#length)
    this.#length += value.byteLength
  }

  /** Forgets what was written. */
  reset(): void {
    this.#length = 0
    if (this.#bytes.byteLength > KEPT_CAPACITY) this.#replace(new Uint8Array(INITIAL_CAPACITY))
  }

  /**
   * A copy of what was written, exactly as long; the writer is then empty and ready for the next message. A small one is a view of a larger
   * buffer (of 16 KiB) that it shares with its neighbours, as Node's own buffers are.
   */
  finish(): Uint8Array {
    const length = this.#length
    if (length > LARGEST_SHARED_BYTES) {
      const message = this.#bytes.slice(0, length)
      this.reset()
      return message
    }
    if (this.#slab === undefined || this.#slabUsed + length > SLAB_BYTES) {
      this.#slab = new Uint8Array(SLAB_BYTES)
      this.#slabUsed = 0
    }
    const message = this.#slab.subarray(this.#slabUsed, this.#slabUsed + length)
    message.set(this.#bytes.subarray(0, length))
    this.#slabUsed += length
    this.reset()
    return message
  }

  #reserve(extra: number): void {
    const needed = this.#length + extra
    if (needed > this.#bytes.byteLength) this.#grow(needed)
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.#bytes.byteLength * 2))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#replace(larger)
  }

  #replace(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.#view = undefined
  }
}

function outOfRange(field: string, value: number): ColonyError<'HOST_VALUE_NOT_ENCODABLE'> {
  const range = { u8: '0 to 255', u32: '0 to 2^32 - 1', varint: '0 to 2^53 - 1' }[field] ?? ''
  return new ColonyError(
    'HOST_VALUE_NOT_ENCODABLE',
    `${field} takes a whole number from ${range}, not ${String(value)}`,
  )
}
