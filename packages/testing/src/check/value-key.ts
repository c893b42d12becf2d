/**
 * A value as a key of a `Map`: equal keys if and only if the values are equal as JSON. Primitives stand for themselves, `undefined` for `null`,
 * anything else for its canonical JSON (fields sorted) behind a character that keeps it apart from plain strings.
 * @category Checkers
 */
export function valueKey(value: unknown): unknown {
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return value.startsWith('\0') ? `\0s${value}` : value
  if (typeof value !== 'object') return value
  return `\0j${canonical(value)}`
}

/** Whether two values are equal as JSON; `undefined` equals `null`. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true
  return Object.is(valueKey(left), valueKey(right))
}

function canonical(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (ArrayBuffer.isView(value)) return canonical(Array.from(value as Uint8Array))
  if (typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value as Record<string, unknown>).filter(([, field]) => field !== undefined)
  fields.sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`
}
