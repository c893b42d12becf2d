import { Mismatch } from './conformance-error.ts'

/** Most characters of a value in a message. */
const SHOWN_CHARACTERS = 300

/** Throws unless `condition` holds. */
export function expectTrue(condition: boolean, told: string): asserts condition {
  if (!condition) throw new Mismatch(told)
}

/** Throws unless both values look the same: as JSON, with bytes as lists of numbers and `undefined` told from `null`. */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [inFull(actual), inFull(expected)]
  if (found === wanted) return
  throw new Mismatch(`${what}: expected ${cut(wanted)}, found ${cut(found)}`, expected, actual)
}

/** Throws unless the bytes are the same; says where they begin to differ, since neither can be shown whole. */
export function expectBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  expectEqual(actual.length, expected.length, `${what}, length in bytes`)
  const at = expected.findIndex((byte, index) => actual[index] !== byte)
  if (at === -1) return
  throw new Mismatch(
    `${what}: byte ${at} of ${expected.length} should be ${expected[at]}, and is ${actual[at]}`,
    expected[at],
    actual[at],
  )
}

/** Throws unless `act` throws an error with one of the codes; any error will do when there are none. */
export function expectThrow(act: () => unknown, codes: readonly string[], what: string): void {
  try {
    act()
  } catch (error) {
    expectCode(error, codes, what)
    return
  }
  throw new Mismatch(`${what}: nothing was thrown`)
}

/** Throws unless `work` rejects with one of the codes (any error will do when there are none); returns what it rejected with. */
export async function expectRejection(
  work: Promise<unknown>,
  codes: readonly string[],
  what: string,
): Promise<unknown> {
  let value: unknown
  try {
    value = await work
  } catch (error) {
    expectCode(error, codes, what)
    return error
  }
  throw new Mismatch(`${what}: should have been rejected, and resolved with ${cut(inFull(value))}`)
}

/** The `code` of an error, or of anything else that has one. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

function expectCode(error: unknown, codes: readonly string[], what: string): void {
  const code = codeOf(error)
  if (codes.length === 0 || codes.some((allowed) => allowed === code)) return
  const told = `${what}: expected an error with code ${codes.join(' or ')}, found ${shownError(error)}`
  throw new Mismatch(told, codes.join(' or '), code)
}

function shownError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : cut(inFull(error))
}

function inFull(value: unknown): string {
  // Functions and symbols have no JSON.
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return typeof value
  return JSON.stringify(value, (_key, field: unknown) => {
    if (field === undefined) return 'undefined'
    return ArrayBuffer.isView(field) ? Array.from(field as Uint8Array) : field
  })
}

function cut(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
}
