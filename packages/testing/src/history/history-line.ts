/** One line of a recorded history, with the fields that are known and nothing else. */
export interface HistoryLine {
  readonly process: number | string
  readonly type: 'invoke' | 'ok' | 'fail' | 'info'
  readonly f?: string
  readonly key?: string
  readonly value?: unknown
  readonly result?: unknown
  readonly time?: number
}

/** Characters of one line: more is no history, and would be a gigabyte once it is parsed. */
const LONGEST_LINE = 16_777_216
/** Values are walked through recursively; a deeper one could overflow the stack. */
const DEEPEST_VALUE = 64
const LONGEST_QUOTE = 60
const TYPES: readonly string[] = ['invoke', 'ok', 'fail', 'info']

/** Reads one line. Throws a plain `Error` whose message is the reason: only the caller knows the line's number. */
export function parseLine(text: string): HistoryLine {
  if (text.length > LONGEST_LINE) throw new Error(`longer than ${LONGEST_LINE} characters`)
  const fields = fieldsOf(text)
  const { process, type, f, key, value, result, time } = fields
  if (typeof process !== 'string' && !isNumber(process)) {
    throw new Error(`'process' must be a number or a text, not ${quote(process)}`)
  }
  if (!isType(type)) throw new Error(`'type' must be one of ${TYPES.join(', ')}, not ${quote(type)}`)
  if (f !== undefined && typeof f !== 'string') throw new Error(`'f' must be a text, not ${quote(f)}`)
  if (f === undefined && type === 'invoke') throw new Error("an 'invoke' must have 'f', what is invoked")
  if (time !== undefined && !isNumber(time)) {
    throw new Error(`'time' must be a finite number, not ${quote(time)}`)
  }
  const name = keyOf(key)
  return {
    process,
    type,
    ...(f !== undefined && { f }),
    ...(name !== undefined && { key: name }),
    ...(value !== undefined && value !== null && { value: shallow('value', value) }),
    ...(result !== undefined && { result: shallow('result', result) }),
    ...(time !== undefined && { time }),
  }
}

/** A value as it stands in a message. Lists and objects are only named: a hostile one may be too deep to be written out. */
export function quote(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object'
  // A number may be endless, which JSON does not tell.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw new Error(`not JSON (${error instanceof Error ? error.message : String(error)})`, { cause: error })
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new Error('not a JSON object')
  }
  return parsed as Readonly<Record<string, unknown>>
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isType(value: unknown): value is HistoryLine['type'] {
  return typeof value === 'string' && TYPES.includes(value)
}

/** Objects have names, so 1 and "1" are one. */
function keyOf(key: unknown): string | undefined {
  if (key === undefined || key === null) return undefined
  if (typeof key === 'string') return key
  if (isNumber(key)) return String(key)
  throw new Error(`'key' must be a text or a number, not ${quote(key)}`)
}

function shallow(field: string, value: unknown): unknown {
  if (isDeeper(value, DEEPEST_VALUE)) {
    throw new Error(`'${field}' is nested deeper than ${DEEPEST_VALUE} levels`)
  }
  if (isBeyondNumbers(value))
    throw new Error(`'${field}' holds a number that is too large to be told from others`)
  return value
}

/** JSON has numbers that no double holds: all of them become infinite, and different values would look the same. */
function isBeyondNumbers(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(isBeyondNumbers)
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1))
}
