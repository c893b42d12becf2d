import type { Codec } from './core/codec.ts'
import { ColonyError } from './core/error.ts'

/** Nesting beyond this is taken for a mistake, before the stack runs out. */
const MAX_DEPTH = 500

const NO_BYTES = new Uint8Array(0)

/** Where numbers may be too large: else exponents have at most two digits, and what stands before them is far below 10^200. */
const MAY_OVERFLOW = /\d[eE]\+?\d{3}|\d{200}/

/**
 * JSON, but strict: a value that JSON would lose or change without a word is refused, and the message says where it stands (`$.items[2]`).
 *
 * Encodes plain objects (null-prototype ones too), arrays, strings, finite numbers, booleans and `null`, nested at most 500 deep.
 * Refuses functions, symbols, bigints, NaN and the infinities, `undefined` and holes in arrays, extra members of arrays, symbol keys,
 * cycles, and instances of any class (`Date`, `Map`, `Uint8Array`, yours). Three things come back differently, all of them harmless:
 * - an object member that is `undefined` comes back absent;
 * - `-0` comes back as `0`;
 * - a null-prototype object comes back as an ordinary one.
 *
 * `undefined` on its own is encoded as no bytes at all and comes back, so a command without a result needs nothing special.
 * A member named `__proto__` is data like any other: it comes back as an own property and no prototype is touched.
 *
 * Decoding takes any JSON but numbers that are too large for one, such as `1e999`, which JSON.parse turns into infinity: no value encodes to them.
 *
 * The type parameter is a promise of the caller: bytes that are JSON of another shape decode without complaint.
 * @category Codecs
 */
export function jsonCodec<Value>(): Codec<Value> {
  const encoder = new TextEncoder()
  // Without `ignoreBOM` a byte order mark would be dropped: with it JSON.parse refuses the bytes, which no encoder of ours made.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  return {
    encode(value) {
      if (value === undefined) return NO_BYTES
      requirePlain(value, '$', [])
      return encoder.encode(JSON.stringify(value))
    },
    decode(bytes) {
      if (bytes.byteLength === 0) return undefined as Value
      return parse(decoder, bytes) as Value
    },
  }
}

function parse(decoder: TextDecoder, bytes: Uint8Array): unknown {
  let text: string
  let value: unknown
  try {
    text = decoder.decode(bytes)
    value = JSON.parse(text)
  } catch (cause) {
    throw new ColonyError('HOST_BYTES_MALFORMED', 'malformed bytes: not JSON in UTF-8', { cause })
  }
  if (MAY_OVERFLOW.test(text) && holdsInfinity(value))
    throw new ColonyError('HOST_BYTES_MALFORMED', 'malformed bytes: a number that is too large')
  return value
}

/** A list instead of recursion: JSON.parse takes nesting that would fill the stack. */
function holdsInfinity(root: unknown): boolean {
  const waiting = [root]
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (value === Infinity || value === -Infinity) return true
    if (typeof value !== 'object' || value === null) continue
    for (const member of Object.values(value) as unknown[]) waiting.push(member)
  }
  return false
}

/** Throws unless JSON keeps `value` as it is. `ancestors` are the objects and arrays around it, outermost first. */
function requirePlain(value: unknown, path: string, ancestors: object[]): void {
  if (isPlainLeaf(value)) return
  switch (typeof value) {
    case 'object':
      if (value !== null) requirePlainObject(value, path, ancestors)
      return
    case 'number':
      throw refused(path, `${value}, which JSON turns into null`)
    case 'undefined':
      throw refused(path, 'undefined, which JSON turns into null')
    case 'bigint':
      throw refused(path, 'a bigint: use a string or a number')
    case 'function':
    case 'symbol':
      throw refused(path, `a ${typeof value}`)
    case 'string':
    case 'boolean':
  }
}

/** What needs no path: the common case, looked at before any string is joined. */
function isPlainLeaf(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  return typeof value === 'string' || typeof value === 'boolean' || value === null
}

function requirePlainObject(value: object, path: string, ancestors: object[]): void {
  if (ancestors.length >= MAX_DEPTH) throw refused(path, `nested more than ${MAX_DEPTH} deep`)
  if (ancestors.includes(value)) throw refused(path, 'a cycle: the object contains itself')
  if (Object.getOwnPropertySymbols(value).length > 0) throw refused(path, 'an object with symbol keys')
  ancestors.push(value)
  if (Array.isArray(value)) requirePlainItems(value, path, ancestors)
  else requirePlainMembers(value, path, ancestors)
  ancestors.pop()
}

function requirePlainItems(items: readonly unknown[], path: string, ancestors: object[]): void {
  if (!isPlainArray(items)) throw refused(path, `an instance of ${className(items)}`)
  for (let index = 0; index < items.length; index++) {
    const item = items[index]
    if (!isPlainLeaf(item)) requirePlain(item, `${path}[${index}]`, ancestors)
  }
  if (Object.keys(items).length > items.length) throw refused(path, 'an array with members besides its items')
}

function requirePlainMembers(value: object, path: string, ancestors: object[]): void {
  if (!isPlainRecord(value)) throw refused(path, `an instance of ${className(value)}`)
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined || isPlainLeaf(member)) continue
    requirePlain(member, path + (/^[\w$]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`), ancestors)
  }
}

/** Whether `prototype` is `Object.prototype` of this realm or another. */
function isRootPrototype(prototype: object): boolean {
  if (prototype === Object.prototype) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}

function isPlainRecord(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || isRootPrototype(prototype)
}

function isPlainArray(value: readonly unknown[]): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === Array.prototype) return true
  const root = prototype === null ? null : (Object.getPrototypeOf(prototype) as object | null)
  return root !== null && isRootPrototype(root)
}

function className(value: object): string {
  const { constructor } = value as { readonly constructor?: unknown }
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'an unnamed class'
}

function refused(path: string, problem: string): ColonyError<'HOST_VALUE_NOT_ENCODABLE'> {
  return new ColonyError(
    'HOST_VALUE_NOT_ENCODABLE',
    `JSON cannot keep the value at ${path}: it is ${problem}`,
  )
}
