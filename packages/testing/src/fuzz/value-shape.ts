/** Members whose text tells kinds of values apart, rather than being data. */
const DISCRIMINANTS: ReadonlySet<string> = new Set(['type', 'kind', 'state', 'status', 'reason', 'code', 'f'])

const MOST_MEMBERS = 12
const DEEPEST = 3

/**
 * What a value looks like, without its data: types, members, discriminants, and whether lists are empty. Two inputs that give the same shape
 * probably went the same way through a decoder.
 */
export function describeShape(value: unknown, depth = 0): string {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? sizeOf(value) : 'number'
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  if (ArrayBuffer.isView(value)) return value.byteLength === 0 ? 'no bytes' : 'bytes'
  if (depth >= DEEPEST) return '…'
  if (Array.isArray(value)) {
    const items = value.slice(0, MOST_MEMBERS).map((item) => describeShape(item, depth + 1))
    return `[${[...new Set(items)].sort().join()}]`
  }
  const members = Object.entries(value).slice(0, MOST_MEMBERS)
  return `{${members.map(([name, member]) => memberShape(name, member, depth)).join()}}`
}

function memberShape(name: string, member: unknown, depth: number): string {
  if (typeof member === 'string' && DISCRIMINANTS.has(name)) return `${name}:${member.slice(0, 32)}`
  return `${name}:${describeShape(member, depth + 1)}`
}

/** Numbers fall into few classes, so that counters do not make every value a new one. */
function sizeOf(value: number): string {
  if (value < 0) return '-'
  if (value < 128) return 'small'
  return value < 2 ** 32 ? 'word' : 'large'
}
