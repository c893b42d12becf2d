import { readUtf8 } from './text.ts'

/** What one msgpack value is here: strings and bytes are both bytes, since the older msgpack that peers write does not tell them apart. */
export type MsgpackValue =
  null | boolean | number | bigint | Uint8Array | readonly MsgpackValue[] | MsgpackMap

/** A map: all that peers send are structures and tables with names as keys. */
export type MsgpackMap = ReadonlyMap<string, MsgpackValue>

/** How a read ended: `short` when bytes are missing that may still come. */
export type ReadOutcome = 'ok' | 'short' | 'malformed'

/** Structures of the protocol are at most five deep (events of a push/pull state); a value that is deeper is none of them. */
const MAX_DEPTH = 8
/** Most values in one structure of the protocol, containers included. A stream that comes in small pieces is tried again with each, at no more than this cost. */
const MAX_VALUES = 64

/**
 * Reads msgpack that anybody may have sent, in the older specification (raw) and the newer (str, bin, ext): it never throws, never goes deeper than
 * a bound, and compares every length with what remains before it makes room.
 */
export class MsgpackReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #maxValues: number
  #at: number
  #outcome: ReadOutcome = 'ok'
  #needed = 0
  #values = 0

  /**
   * @param at Where to begin.
   * @param maxValues Most values that are read, names and containers included.
   */
  constructor(bytes: Uint8Array, at = 0, maxValues: number = MAX_VALUES) {
    this.#maxValues = maxValues
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = at
  }

  /** Where the next value begins. */
  get at(): number {
    return this.#at
  }

  /** How the reads so far ended; what is not `ok` stays. */
  get outcome(): ReadOutcome {
    return this.#outcome
  }

  /** After `short`: the least number of bytes with which a new attempt may get further. */
  get needed(): number {
    return this.#needed
  }

  /** The next value; `undefined` when there is none. */
  value(): MsgpackValue | undefined {
    return this.#value(0)
  }

  /** The next value if it is a map; anything else is malformed. */
  map(): MsgpackMap | undefined {
    const value = this.#value(0)
    if (value instanceof Map) return value as MsgpackMap
    if (value !== undefined) this.#malformed()
    return undefined
  }

  #value(depth: number): MsgpackValue | undefined {
    if (depth > MAX_DEPTH || ++this.#values > this.#maxValues) return this.#malformed()
    const tag = this.#uint(1)
    if (tag === undefined) return undefined
    if (tag < 0x80) return tag
    if (tag < 0x90) return this.#map(tag & 0x0f, depth)
    if (tag < 0xa0) return this.#array(tag & 0x0f, depth)
    if (tag < 0xc0) return this.#raw(tag & 0x1f)
    if (tag >= 0xe0) return tag - 0x100
    return this.#tagged(tag, depth)
  }

  #tagged(tag: number, depth: number): MsgpackValue | undefined {
    switch (tag) {
      case 0xc0:
        return null
      case 0xc2:
      case 0xc3:
        return tag === 0xc3
      case 0xc4:
      case 0xd9:
        return this.#raw(this.#uint(1))
      case 0xc5:
      case 0xda:
        return this.#raw(this.#uint(2))
      case 0xc6:
      case 0xdb:
        return this.#raw(this.#uint(4))
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#uint(1 << (tag - 0xc7)))
      case 0xca:
      case 0xcb:
        return this.#float(tag === 0xca ? 4 : 8)
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#uint(1 << (tag - 0xcc))
      case 0xcf:
      case 0xd3:
        return this.#long(tag === 0xd3)
      case 0xd0:
      case 0xd1:
      case 0xd2:
        return this.#signed(1 << (tag - 0xd0))
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (tag - 0xd4))
      case 0xdc:
        return this.#array(this.#uint(2), depth)
      case 0xdd:
        return this.#array(this.#uint(4), depth)
      case 0xde:
        return this.#map(this.#uint(2), depth)
      case 0xdf:
        return this.#map(this.#uint(4), depth)
      default:
        return this.#malformed()
    }
  }

  #array(count: number | undefined, depth: number): MsgpackValue[] | undefined {
    if (count === undefined || !this.#has(count)) return undefined
    const items: MsgpackValue[] = []
    for (let index = 0; index < count; index++) {
      const item = this.#value(depth + 1)
      if (item === undefined) return undefined
      items.push(item)
    }
    return items
  }

  #map(count: number | undefined, depth: number): MsgpackMap | undefined {
    if (count === undefined || !this.#has(2 * count)) return undefined
    const map = new Map<string, MsgpackValue>()
    for (let index = 0; index < count; index++) {
      const key = this.#value(depth + 1)
      if (key === undefined) return undefined
      const name = key instanceof Uint8Array ? readUtf8(key) : undefined
      if (name === undefined) return this.#malformed()
      const value = this.#value(depth + 1)
      if (value === undefined) return undefined
      map.set(name, value)
    }
    return map
  }

  #raw(length: number | undefined): Uint8Array | undefined {
    if (length === undefined || !this.#has(length)) return undefined
    const start = this.#at
    this.#at += length
    return this.#bytes.subarray(start, this.#at)
  }

  /** A value of a type that an application defined: none of the protocol's, so it is passed over as bytes. */
  #extension(length: number | undefined): Uint8Array | undefined {
    return length === undefined ? undefined : this.#raw(length + 1)
  }

  #uint(bytes: number): number | undefined {
    if (!this.#has(bytes)) return undefined
    const at = this.#at
    this.#at += bytes
    if (bytes === 1) return this.#view.getUint8(at)
    return bytes === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at)
  }

  #signed(bytes: number): number | undefined {
    const value = this.#uint(bytes)
    return value === undefined ? undefined : (value << (32 - 8 * bytes)) >> (32 - 8 * bytes)
  }

  /** Eight bytes: a number where one holds it exactly. */
  #long(signed: boolean): number | bigint | undefined {
    if (!this.#has(8)) return undefined
    const value = signed ? this.#view.getBigInt64(this.#at) : this.#view.getBigUint64(this.#at)
    this.#at += 8
    const near = Number(value)
    return Number.isSafeInteger(near) ? near : value
  }

  #float(bytes: 4 | 8): number | undefined {
    if (!this.#has(bytes)) return undefined
    const at = this.#at
    this.#at += bytes
    return bytes === 4 ? this.#view.getFloat32(at) : this.#view.getFloat64(at)
  }

  #has(bytes: number): boolean {
    if (this.#outcome !== 'ok') return false
    if (this.#bytes.length - this.#at >= bytes) return true
    this.#outcome = 'short'
    this.#needed = this.#at + bytes
    return false
  }

  #malformed(): undefined {
    if (this.#outcome === 'ok') this.#outcome = 'malformed'
    return undefined
  }
}
