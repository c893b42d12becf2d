// Written by hand because a core is compiled without ambient types: there is no TextEncoder here. It is also the faster
// way for the short strings (ids, keys) that protocol messages carry.

/** What a lone surrogate becomes, as in the WHATWG encoding standard. */
const REPLACEMENT = 0xfffd

/** How many code units one `String.fromCharCode` call gets: far below every engine's limit on arguments. */
const CHUNK = 2048

/** Below this many bytes, appending character by character beats a call with many arguments. */
const SHORT = 24

/** The code point that starts at `index`; a lone surrogate is U+FFFD. Two code units long exactly when it is above U+FFFF. */
function codePointAt(text: string, index: number): number {
  const unit = text.charCodeAt(index)
  if (unit < 0xd800 || unit > 0xdfff) return unit
  if (unit > 0xdbff) return REPLACEMENT
  const next = text.charCodeAt(index + 1) // NaN past the end, which is not a low surrogate either
  if (!(next >= 0xdc00 && next <= 0xdfff)) return REPLACEMENT
  return 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00)
}

/** Whether `text` has no lone surrogate, so that it survives UTF-8 unchanged. */
export function isWellFormed(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0xd800 || unit > 0xdfff) continue
    if (codePointAt(text, index) === REPLACEMENT) return false
    index++
  }
  return true
}

/** The number of bytes that {@link writeUtf8} writes for `text`. */
export function utf8Length(text: string): number {
  let length = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) continue
    if (unit < 0x800) {
      length += 1
    } else {
      length += 2 // three bytes for one unit; for a surrogate pair four bytes for two units, which is the same surplus
      if (codePointAt(text, index) > 0xffff) index++
    }
  }
  return length
}

/**
 * Writes `text` as UTF-8 into `target` from `offset` on; lone surrogates become U+FFFD.
 * `target` must have room for {@link utf8Length} bytes.
 * @returns The offset after the last byte written.
 */
export function writeUtf8(target: Uint8Array, offset: number, text: string): number {
  let at = offset
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) {
      target[at++] = unit
    } else if (unit < 0x800) {
      target[at++] = 0xc0 | (unit >> 6)
      target[at++] = 0x80 | (unit & 0x3f)
    } else {
      const point = codePointAt(text, index)
      if (point > 0xffff) {
        index++
        target[at++] = 0xf0 | (point >> 18)
        target[at++] = 0x80 | ((point >> 12) & 0x3f)
      } else {
        target[at++] = 0xe0 | (point >> 12)
      }
      target[at++] = 0x80 | ((point >> 6) & 0x3f)
      target[at++] = 0x80 | (point & 0x3f)
    }
  }
  return at
}

/**
 * The string of the UTF-8 in `bytes` from `start` up to `end`; `undefined` when it is malformed: over-long forms, surrogates,
 * code points above U+10FFFF, stray or missing continuation bytes. A byte order mark is kept as a character.
 */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  let at = start
  while (at < end && (bytes[at] ?? 0) < 0x80) at++
  const ascii = readAscii(bytes, start, at)
  if (at === end) return ascii
  const rest = readMultiByte(bytes, at, end)
  return rest === undefined ? undefined : ascii + rest
}

function readAscii(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  if (end - start <= SHORT) {
    for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] ?? 0)
    return text
  }
  for (let at = start; at < end; at += CHUNK) {
    text += String.fromCharCode.apply(undefined, bytes.subarray(at, Math.min(end, at + CHUNK)) as never)
  }
  return text
}

function readMultiByte(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  let units: number[] = []
  let at = start
  while (at < end) {
    const lead = bytes[at] ?? 0
    const length = sequenceLength(lead)
    if (length === 0 || length > end - at) return undefined
    const point = length === 1 ? lead : readSequence(bytes, at, length)
    if (point === undefined) return undefined
    if (point > 0xffff) units.push(0xd7c0 + (point >> 10), 0xdc00 | (point & 0x3ff))
    else units.push(point)
    at += length
    if (units.length >= CHUNK) {
      text += String.fromCharCode.apply(undefined, units)
      units = []
    }
  }
  return text + String.fromCharCode.apply(undefined, units)
}

/** Bytes in the sequence that `lead` starts; 0 for a byte that starts none. 0xc0, 0xc1 and 0xf5 up are never valid. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1
  if (lead < 0xc2) return 0
  if (lead < 0xe0) return 2
  if (lead < 0xf0) return 3
  return lead < 0xf5 ? 4 : 0
}

/** The code point of a sequence of two to four bytes, all of them in range; `undefined` when it is malformed. */
function readSequence(bytes: Uint8Array, at: number, length: number): number | undefined {
  let point = (bytes[at] ?? 0) & (0x7f >> length)
  for (let index = 1; index < length; index++) {
    const next = bytes[at + index] ?? 0
    if ((next & 0xc0) !== 0x80) return undefined
    point = (point << 6) | (next & 0x3f)
  }
  if (length === 3 && (point < 0x800 || (point >= 0xd800 && point <= 0xdfff))) return undefined
  if (length === 4 && (point < 0x10000 || point > 0x10ffff)) return undefined
  return point
}
