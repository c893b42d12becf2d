/** T. Welch, "A technique for high-performance data compression", 1984, in the variant of GIF with literals of 8 bits: least significant bit first, codes of 9 to 12 bits. */
const CLEAR = 256
const END = 257
const FIRST_CODE = 258
const MAX_WIDTH = 12
const MAX_CODES = 1 << MAX_WIDTH

/**
 * Decompresses LZW as the protocol's peers write it. The result is at most `maxBytes` long: 12 bits can stand for 4 KiB, so a small input may ask for
 * a thousand times its size.
 * @returns `undefined` when the input is malformed, ends without its end mark, or is too large.
 */
export function decompressLzw(input: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const prefix = new Uint16Array(MAX_CODES)
  const suffix = new Uint8Array(MAX_CODES)
  const length = new Uint16Array(MAX_CODES)
  const output = new GrowingBytes(Math.min(maxBytes, 4 * input.length + 64), maxBytes)
  let width = 9
  let next = FIRST_CODE
  let previous = -1
  let bits = 0
  let held = 0
  for (const byte of input) {
    bits |= byte << held
    held += 8
    if (held < width) continue
    const code = bits & ((1 << width) - 1)
    bits >>>= width
    held -= width
    if (code === END) return output.finish()
    if (code === CLEAR) {
      width = 9
      next = FIRST_CODE
      previous = -1
      continue
    }
    const isNew = code === next && previous >= 0
    if (code > END && code >= next && !isNew) return undefined
    // A code that is not in the table yet is the previous string and its own first byte (the KwKwK case).
    const source = isNew ? previous : code
    const size = (source < CLEAR ? 1 : (length[source] ?? 0)) + (isNew ? 1 : 0)
    const start = output.reserve(size)
    if (start < 0) return undefined
    const first = writeString(output.bytes, start, source, isNew ? size - 1 : size, prefix, suffix)
    if (isNew) output.bytes[start + size - 1] = first
    if (previous >= 0 && next < MAX_CODES) {
      prefix[next] = previous
      suffix[next] = first
      length[next] = (previous < CLEAR ? 1 : (length[previous] ?? 0)) + 1
      next++
      if (next === 1 << width && width < MAX_WIDTH) width++
    }
    previous = code
  }
  return undefined
}

/** Writes the string of a code, last byte first. Its first byte. */
function writeString(
  bytes: Uint8Array,
  start: number,
  code: number,
  size: number,
  prefix: Uint16Array,
  suffix: Uint8Array,
): number {
  let current = code
  for (let at = start + size - 1; at > start; at--) {
    bytes[at] = suffix[current] ?? 0
    current = prefix[current] ?? 0
  }
  bytes[start] = current
  return current
}

/** Output that doubles up to a bound. */
class GrowingBytes {
  bytes: Uint8Array
  readonly #max: number
  #used = 0

  constructor(initial: number, max: number) {
    this.bytes = new Uint8Array(initial)
    this.#max = max
  }

  /** Makes room for `size` more bytes. Where they begin; -1 when that is beyond the bound. */
  reserve(size: number): number {
    const start = this.#used
    const end = start + size
    if (end > this.#max) return -1
    if (end > this.bytes.length) {
      const grown = new Uint8Array(Math.min(this.#max, Math.max(end, 2 * this.bytes.length)))
      grown.set(this.bytes.subarray(0, start))
      this.bytes = grown
    }
    this.#used = end
    return start
  }

  finish(): Uint8Array {
    return this.bytes.subarray(0, this.#used)
  }
}
