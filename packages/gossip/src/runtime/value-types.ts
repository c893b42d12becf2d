import { ColonyError, jsonCodec, type Codec } from '@colony/host'

/**
 * The kinds of values that a schema knows by name; anything else is a `Codec`.
 *
 * - `'string'`: UTF-8;
 * - `'number'`: any finite number, as short as JavaScript writes it;
 * - `'boolean'`: one byte;
 * - `'bytes'`: a `Uint8Array`, as it is;
 * - `'json'`: what the strict `jsonCodec` of `@colony/host` takes. Read as `unknown`: give `jsonCodec<YourType>()` in its place to promise a type.
 * @category State
 */
export type ValueType = 'string' | 'number' | 'boolean' | 'bytes' | 'json'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** No encoding would keep it. */
const LONE_SURROGATE = /\p{Surrogate}/u
/** The longest that a number is written: `-1.2345678901234567e-100`. */
const MAX_NUMBER_BYTES = 32

function malformed(what: string, cause?: unknown): ColonyError {
  return new ColonyError('HOST_BYTES_MALFORMED', `malformed bytes: ${what}`, { cause })
}

function notEncodable(value: unknown, wanted: string): ColonyError {
  return new ColonyError('HOST_VALUE_NOT_ENCODABLE', `${String(value)} is not ${wanted}`)
}

const string: Codec<string> = {
  encode(value) {
    if (typeof value !== 'string' || LONE_SURROGATE.test(value))
      throw notEncodable(value, 'a well-formed string')
    return encoder.encode(value)
  },
  decode(bytes) {
    try {
      return decoder.decode(bytes)
    } catch (cause) {
      throw malformed('not UTF-8', cause)
    }
  },
}

// As text: loads, ports and counts take two to five bytes so, and eight as a double.
const number: Codec<number> = {
  encode(value) {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw notEncodable(value, 'a finite number')
    return encoder.encode(String(value))
  },
  decode(bytes) {
    if (bytes.byteLength > MAX_NUMBER_BYTES) throw malformed('too long for a number')
    const text = string.decode(bytes)
    const value = Number(text)
    // One value has one spelling: `Number` alone would take blanks, hexadecimals and nothing at all.
    if (!Number.isFinite(value) || String(value) !== text) throw malformed('not a number')
    return value
  },
}

const boolean: Codec<boolean> = {
  encode(value) {
    if (typeof value !== 'boolean') throw notEncodable(value, 'a boolean')
    return Uint8Array.of(value ? 1 : 0)
  },
  decode(bytes) {
    const byte = bytes.byteLength === 1 ? bytes[0] : undefined
    if (byte !== 0 && byte !== 1) throw malformed('not a boolean')
    return byte === 1
  },
}

const bytes: Codec<Uint8Array> = {
  encode(value) {
    if (!(value instanceof Uint8Array)) throw notEncodable(value, 'a Uint8Array')
    // The caller may go on to use its array.
    return value.slice()
  },
  decode: (encoded) => encoded.slice(),
}

/** The codec of each kind. */
export const VALUE_CODECS: Readonly<Record<ValueType, Codec<unknown>>> = {
  string,
  number,
  boolean,
  bytes,
  json: jsonCodec<unknown>(),
}
