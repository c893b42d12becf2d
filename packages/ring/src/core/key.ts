import { RingError } from './ring-error.ts'
import { utf8Bytes } from './utf8.ts'

/**
 * What can be placed. All forms stand for bytes, and equal bytes have equal places in every process and language:
 *
 * - a string: its UTF-8 bytes (half of a surrogate pair counts as U+FFFD);
 * - a `Uint8Array`: itself;
 * - a number or a bigint: the UTF-8 bytes of its decimal text, `String(key)`. So `42`, `42n` and `'42'` are one key, whether an id came
 *   out of JSON, a URL or a database. `NaN` and the infinities are refused; `-0` is `0`.
 * @category Keys
 */
export type Key = string | Uint8Array | number | bigint

/**
 * The text or bytes that a key stands for.
 * @throws A {@link RingError} with code `RING_INVALID_KEY` for a value of any other type, `NaN` or an infinity.
 */
export function keyData(key: Key): string | Uint8Array {
  if (typeof key === 'string') return key
  if (typeof key === 'bigint' || Number.isFinite(key)) return String(key)
  if (isBytes(key)) return key
  throw new RingError(
    'RING_INVALID_KEY',
    `a key is a string, a Uint8Array, a finite number or a bigint, not ${describe(key)}; turn it into one of these, the same way everywhere`,
  )
}

/** One string for all forms of one key: its bytes, a character each. For maps whose keys are keys. */
export function keyName(key: Key): string {
  const data = keyData(key)
  if (typeof data === 'string' && isAscii(data)) return data
  const bytes = typeof data === 'string' ? utf8Bytes(data) : data
  let name = ''
  for (const byte of bytes) name += String.fromCharCode(byte)
  return name
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

/** The tag and not `instanceof`, which is false for an array from another realm. */
function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || tagOf(value) === '[object Uint8Array]'
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value)
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return `the number ${value}`
  return typeof value === 'object' ? `an object (${tagOf(value)})` : `a ${typeof value}`
}

/** The bytes that {@link keyName} made a name of. */
export function nameBytes(name: string): Uint8Array {
  return Uint8Array.from(name, (character) => character.charCodeAt(0))
}
