/** Whether two values have the same fields, items and bytes all the way down, of objects of the same kinds. `NaN` equals itself, `-0` equals `0`. */
export function sameStructure(one: unknown, other: unknown): boolean {
  if (one === other || (Number.isNaN(one) && Number.isNaN(other))) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (ArrayBuffer.isView(one) || ArrayBuffer.isView(other)) return sameBytes(one, other)
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
  if (one instanceof Map || one instanceof Set) {
    return sameStructure([...one], [...(other as Map<unknown, unknown> | Set<unknown>)])
  }
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every(
      (name) => Object.hasOwn(other, name) && sameStructure(memberOf(one, name), memberOf(other, name)),
    )
  )
}

/** A Buffer equals a Uint8Array of the same bytes: they are interchangeable to whoever decodes. */
function sameBytes(one: object, other: object): boolean {
  if (!ArrayBuffer.isView(one) || !ArrayBuffer.isView(other) || one.byteLength !== other.byteLength)
    return false
  const [left, right] = [bytesOf(one), bytesOf(other)]
  return left.every((byte, at) => byte === right[at])
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function memberOf(value: object, name: string): unknown {
  return (value as Readonly<Record<string, unknown>>)[name]
}
