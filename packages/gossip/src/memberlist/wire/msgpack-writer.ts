import { ByteWriter } from '@colony/host'
import { utf8 } from './text.ts'

/**
 * Writes msgpack as Go's older codec does and every version of memberlist and Serf reads: strings and bytes are both `raw`, whole numbers
 * take the shortest form, nothing is `str 8`, `bin` or `ext`.
 */
export class MsgpackWriter {
  readonly #writer = new ByteWriter()

  /** Bytes so far. */
  get length(): number {
    return this.#writer.length
  }

  /** A byte outside of msgpack: a message's type. */
  byte(value: number): void {
    this.#writer.u8(value)
  }

  /** Bytes outside of msgpack. */
  bytes(value: Uint8Array): void {
    this.#writer.raw(value)
  }

  /** No value: Go's nil slice. */
  nil(): void {
    this.#writer.u8(0xc0)
  }

  /** True or false. */
  boolean(value: boolean): void {
    this.#writer.u8(value ? 0xc3 : 0xc2)
  }

  /** A whole number from 0 to 2^53 - 1. */
  uint(value: number): void {
    if (value < 0x80) this.#writer.u8(value)
    else if (value < 0x100) this.#tagged(0xcc, value, 1)
    else if (value < 0x1_0000) this.#tagged(0xcd, value, 2)
    else if (value < 0x1_0000_0000) this.#tagged(0xce, value, 4)
    else {
      this.#tagged(0xcf, Math.floor(value / 0x1_0000_0000), 4)
      this.#bigEndian(value % 0x1_0000_0000, 4)
    }
  }

  /** Bytes as a value. */
  raw(value: Uint8Array): void {
    this.#header(value.length, 0xa0, 0x1f, 0xda)
    this.#writer.raw(value)
  }

  /** A string as a value. */
  string(value: string): void {
    this.raw(utf8(value))
  }

  /** Begins a map; that many names and values follow. */
  map(count: number): void {
    this.#header(count, 0x80, 0x0f, 0xde)
  }

  /** Begins an array; that many values follow. */
  array(count: number): void {
    this.#header(count, 0x90, 0x0f, 0xdc)
  }

  /** What was written; the writer is empty afterwards. */
  finish(): Uint8Array {
    return this.#writer.finish()
  }

  #header(count: number, fixed: number, fixedMax: number, wide: number): void {
    if (count <= fixedMax) this.#writer.u8(fixed | count)
    else if (count < 0x1_0000) this.#tagged(wide, count, 2)
    else this.#tagged(wide + 1, count, 4)
  }

  #tagged(tag: number, value: number, bytes: number): void {
    this.#writer.u8(tag)
    this.#bigEndian(value, bytes)
  }

  #bigEndian(value: number, bytes: number): void {
    for (let shift = 8 * (bytes - 1); shift >= 0; shift -= 8) this.#writer.u8((value >>> shift) & 0xff)
  }
}
