/** What Lua computes with; `undefined` is nil. Strings stand for bytes. */
export type Value = undefined | boolean | number | string | LuaTable | LuaFunction

/** A function: takes and returns any number of values. */
export type LuaFunction = (...args: readonly Value[]) => readonly Value[]

/** What a script throws, or what is wrong with it. */
export class LuaError extends Error {}

/** A table: list, map, or both. */
export class LuaTable {
  readonly #entries = new Map<Value, Value>()

  static of(values: Iterable<Value>): LuaTable {
    const table = new LuaTable()
    let at = 0
    for (const value of values) table.set((at += 1), value)
    return table
  }

  get(key: Value): Value {
    return this.#entries.get(key)
  }

  set(key: Value, value: Value): void {
    if (key === undefined || Number.isNaN(key)) throw new LuaError('table index is nil or NaN')
    if (value === undefined) this.#entries.delete(key)
    else this.#entries.set(key, value)
  }

  /** The border that a list has: how many elements before the first that is nil. */
  get length(): number {
    let count = 0
    while (this.#entries.has(count + 1)) count += 1
    return count
  }

  /** The elements before the first nil. */
  list(): Value[] {
    return Array.from({ length: this.length }, (_, index) => this.get(index + 1))
  }

  keys(): readonly Value[] {
    return [...this.#entries.keys()]
  }
}

/** As C's `%.<digits>g` writes it: Lua itself takes 14 digits, Redis 17. */
export function formatNumber(value: number, digits: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [mantissa = '', exponent = '0'] = value.toExponential(digits - 1).split('e')
  const power = Number(exponent)
  if (power >= -4 && power < digits) return stripped(value.toFixed(Math.min(100, digits - 1 - power)))
  const sign = power < 0 ? '-' : '+'
  return `${stripped(mantissa)}e${sign}${String(Math.abs(power)).padStart(2, '0')}`
}

function stripped(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal
}

/** A number, also where it is written as text; `undefined` where it is none. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  return /^[-+]?(?:0x[0-9a-f]+|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)$/i.test(text) ? Number(text) : undefined
}

/** A string, also where it is a number. */
export function textOf(value: Value): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? formatNumber(value, 14) : undefined
}

export function isTrue(value: Value): boolean {
  return value !== undefined && value !== false
}

export function typeOf(value: Value): string {
  if (value === undefined) return 'nil'
  if (value instanceof LuaTable) return 'table'
  return typeof value
}
