import { Scope } from './scope.ts'
import {
  formatNumber,
  isTrue,
  LuaError,
  type LuaFunction,
  LuaTable,
  numberOf,
  textOf,
  typeOf,
  type Value,
} from './value.ts'

/** What scripts may use of Lua's own functions: those of the field that ours and other people's lock scripts need. */
export function libraryScope(): Scope {
  const scope = new Scope()
  for (const [name, value] of Object.entries(GLOBALS)) scope.declare(name, value)
  scope.declare('math', tableOf(MATH))
  scope.declare('string', tableOf(STRING))
  scope.declare('table', tableOf(TABLE))
  return scope
}

function tableOf(functions: Readonly<Record<string, Value>>): LuaTable {
  const table = new LuaTable()
  for (const [name, value] of Object.entries(functions)) table.set(name, value)
  return table
}

const unpack: LuaFunction = (table, from = 1, to) => {
  const list = required(table)
  const last = numberOf(to) ?? list.length
  const values: Value[] = []
  for (let at = Number(from); at <= last; at++) values.push(list.get(at))
  return values
}

const GLOBALS: Readonly<Record<string, LuaFunction>> = {
  tonumber: (value, base) => {
    if (base !== undefined && base !== 10) throw new LuaError('tonumber knows decimal numbers only')
    return [numberOf(value)]
  },
  tostring: (value) => [textOf(value) ?? (typeof value === 'boolean' ? String(value) : typeOf(value))],
  type: (value) => [typeOf(value)],
  error: (message) => {
    throw new LuaError(textOf(message) ?? 'error')
  },
  assert: (value, message) => {
    if (!isTrue(value)) throw new LuaError(textOf(message) ?? 'assertion failed!')
    return [value]
  },
  pcall: (work, ...args) => {
    try {
      return typeof work === 'function' ? [true, ...work(...args)] : [false, 'not a function']
    } catch (error) {
      return [false, error instanceof Error ? error.message : String(error)]
    }
  },
  unpack,
  ipairs: (table) => [
    (state, at) => {
      const index = Number(at) + 1
      const value = required(state).get(index)
      return value === undefined ? [undefined] : [index, value]
    },
    table,
    0,
  ],
  pairs: (table) => {
    const keys = [...required(table).keys()]
    return [
      (state) => {
        for (let key = keys.shift(); key !== undefined; key = keys.shift()) {
          const value = required(state).get(key)
          if (value !== undefined) return [key, value]
        }
        return [undefined]
      },
      table,
      undefined,
    ]
  },
}

const MATH: Readonly<Record<string, Value>> = {
  floor: (value) => [Math.floor(Number(numberOf(value)))],
  ceil: (value) => [Math.ceil(Number(numberOf(value)))],
  abs: (value) => [Math.abs(Number(numberOf(value)))],
  max: (...values) => [Math.max(...values.map((value) => Number(numberOf(value))))],
  min: (...values) => [Math.min(...values.map((value) => Number(numberOf(value))))],
  huge: Number.POSITIVE_INFINITY,
}

const STRING: Readonly<Record<string, LuaFunction>> = {
  sub: (value, from, to = -1) => {
    const text = textOf(value) ?? ''
    const place = (at: Value): number => (Number(at) < 0 ? text.length + Number(at) + 1 : Number(at))
    return [text.slice(Math.max(1, place(from)) - 1, Math.max(0, place(to)))]
  },
  len: (value) => [(textOf(value) ?? '').length],
  // Without patterns: `find(text, what, from, true)`.
  find: (value, what, from = 1, isPlain) => {
    if (isPlain !== true) throw new LuaError('string.find without patterns only')
    const at = (textOf(value) ?? '').indexOf(textOf(what) ?? '', Number(from) - 1)
    return at < 0 ? [undefined] : [at + 1, at + (textOf(what) ?? '').length]
  },
  format: (form, ...values) => {
    let at = 0
    const written = (textOf(form) ?? '').replace(
      /%(?:\.(\d+))?([dsfg%])/g,
      (_whole, digits: string, kind: string) => {
        if (kind === '%') return '%'
        const value = values[at++]
        if (kind === 's') return textOf(value) ?? ''
        const number = Number(numberOf(value))
        if (kind === 'd') return Math.trunc(number).toFixed(0)
        return kind === 'f' ? number.toFixed(Number(digits ?? 6)) : formatNumber(number, Number(digits ?? 6))
      },
    )
    return [written]
  },
}

const TABLE: Readonly<Record<string, LuaFunction>> = {
  insert: (table, ...rest) => {
    const list = required(table)
    if (rest.length === 1) list.set(list.length + 1, rest[0])
    else {
      const at = Number(rest[0])
      for (let index = list.length; index >= at; index--) list.set(index + 1, list.get(index))
      list.set(at, rest[1])
    }
    return []
  },
  remove: (table, at) => {
    const list = required(table)
    const last = list.length
    const from = numberOf(at) ?? last
    const value = list.get(from)
    for (let index = from; index < last; index++) list.set(index, list.get(index + 1))
    if (last > 0) list.set(last, undefined)
    return [value]
  },
  concat: (table, separator = '') => [
    required(table)
      .list()
      .map((value) => textOf(value) ?? '')
      .join(textOf(separator)),
  ],
  getn: (table) => [required(table).length],
  unpack,
}

function required(value: Value): LuaTable {
  if (value instanceof LuaTable) return value
  throw new LuaError(`a table expected, got ${typeOf(value)}`)
}
