/** The length of `text` in UTF-8, without writing it; -1 when it has a lone surrogate, which UTF-8 cannot hold. */
export function textBytes(text: string): number {
  let bytes = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) continue
    bytes++
    if (unit < 0x800) continue
    bytes++
    if (unit < 0xd800 || unit > 0xdfff) continue
    const next = text.charCodeAt(index + 1)
    if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return -1
    // Four bytes for the two units: the second one is counted already.
    index++
  }
  return bytes
}

/** Bytes that a varint takes for `value`. */
export function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++
  return bytes
}
