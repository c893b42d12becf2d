import type { MsgpackMap } from './msgpack-reader.ts'
import { readUtf8 } from './text.ts'

const EMPTY = new Uint8Array(0)

/**
 * Takes named fields out of a decoded structure, as Go's codec does: a field that is missing or nil has its zero value, an unknown one is passed over.
 * A field of the wrong kind or out of range fails all of it: look at `ok` once, at the end.
 */
export class Fields {
  readonly #map: MsgpackMap
  #ok = true

  constructor(map: MsgpackMap) {
    this.#map = map
  }

  /** Whether every field so far was what it had to be. */
  get ok(): boolean {
    return this.#ok
  }

  /** A whole number from 0 to `max`. */
  uint(name: string, max: number): number {
    const value = this.#map.get(name) ?? 0
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max) return value
    return this.#fail(0)
  }

  /** True or false. */
  boolean(name: string): boolean {
    const value = this.#map.get(name) ?? false
    return typeof value === 'boolean' ? value : this.#fail(false)
  }

  /** Up to `max` bytes: a view of what was decoded. */
  bytes(name: string, max: number): Uint8Array {
    const value = this.#map.get(name) ?? EMPTY
    if (value instanceof Uint8Array && value.length <= max) return value
    if (Array.isArray(value)) return this.#bytesOfArray(value as readonly unknown[], max)
    return this.#fail(EMPTY)
  }

  /** A string of up to `max` bytes of UTF-8. */
  string(name: string, max: number): string {
    return readUtf8(this.bytes(name, max)) ?? this.#fail('')
  }

  /** The values of a field that is a list; none when it is nil. */
  list(name: string, max: number): readonly unknown[] {
    const value = this.#map.get(name) ?? []
    return Array.isArray(value) && value.length <= max
      ? (value as readonly unknown[])
      : this.#fail<readonly unknown[]>([])
  }

  /** The entries of a field that is a map; none when it is nil. */
  entries(name: string): MsgpackMap {
    const value = this.#map.get(name) ?? null
    if (value instanceof Map) return value as MsgpackMap
    return value === null ? new Map() : this.#fail<MsgpackMap>(new Map())
  }

  /** Some codecs spell bytes as an array of small numbers. */
  #bytesOfArray(values: readonly unknown[], max: number): Uint8Array {
    if (values.length > max) return this.#fail(EMPTY)
    for (const value of values) {
      if (!(typeof value === 'number' && value >= 0 && value <= 0xff)) return this.#fail(EMPTY)
    }
    return Uint8Array.from(values as readonly number[])
  }

  #fail<Value>(instead: Value): Value {
    this.#ok = false
    return instead
  }
}
