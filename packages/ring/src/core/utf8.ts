/** Most bytes that one UTF-16 code unit takes. */
const MAX_UNIT_BYTES = 3

const REPLACEMENT = 0xfffd

let scratch = new Uint8Array(256)

/**
 * The UTF-8 bytes of a text, in a scratch array: to be read before the next call. Half of a surrogate pair becomes U+FFFD, as the platform's
 * `TextEncoder` has it; a core cannot use that one, since not every platform has it.
 */
export function utf8Bytes(text: string): Uint8Array {
  const room = text.length * MAX_UNIT_BYTES
  if (scratch.length < room) scratch = new Uint8Array(room)
  return scratch.subarray(0, writeUtf8(text, scratch))
}

/** Writes to the start of `bytes`, which has room for {@link MAX_UNIT_BYTES} a code unit, and returns how many bytes it took. */
function writeUtf8(text: string, bytes: Uint8Array): number {
  let to = 0
  for (let at = 0; at < text.length; at++) {
    let point = text.charCodeAt(at)
    if (point < 0x80) {
      bytes[to++] = point
      continue
    }
    if (point >= 0xd800 && point <= 0xdfff) {
      const next = point <= 0xdbff ? text.charCodeAt(at + 1) : 0
      // Past the end `charCodeAt` gives NaN, which is in no range.
      const paired = next >= 0xdc00 && next <= 0xdfff
      point = paired ? 0x10000 + ((point - 0xd800) << 10) + (next - 0xdc00) : REPLACEMENT
      if (paired) at++
    }
    if (point < 0x800) {
      bytes[to++] = 0xc0 | (point >> 6)
    } else if (point < 0x10000) {
      bytes[to++] = 0xe0 | (point >> 12)
      bytes[to++] = 0x80 | ((point >> 6) & 0x3f)
    } else {
      bytes[to++] = 0xf0 | (point >> 18)
      bytes[to++] = 0x80 | ((point >> 12) & 0x3f)
      bytes[to++] = 0x80 | ((point >> 6) & 0x3f)
    }
    bytes[to++] = 0x80 | (point & 0x3f)
  }
  return to
}
