/**
 * A check sum over bytes as an unsigned 32-bit number. {@link crc32} is one; a platform's own, such as `zlib.crc32`, may be faster.
 * @category Building blocks
 */
export type Checksum = (bytes: Uint8Array) => number

/** The polynomial of IEEE 802.3, bits reversed. */
const POLYNOMIAL = 0xedb88320

/** Below this length the loop over eight bytes at a time does not pay. */
const SLICED_FROM = 16

let tables: Int32Array | undefined

/** Eight tables: entry `256 * k + b` is the effect of byte `b` followed by `k` zero bytes. Made at first use (8 KiB). */
function makeTables(): Int32Array {
  const made = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0)
    made[byte] = crc
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256] ?? 0
    made[at] = (before >>> 8) ^ (made[before & 0xff] ?? 0)
  }
  return made
}

/**
 * CRC-32 as in IEEE 802.3, gzip and `zlib.crc32`, eight bytes a step (M. Kounavis, F. Berry: "A systematic approach to building
 * high performance, software-based, CRC generators", 2005). Finds accidents, not attacks.
 * @param bytes What to sum up.
 * @param seed The sum of the bytes before these: `crc32(b, crc32(a))` is the sum of `a` and `b` joined. Default `0`.
 * @returns A whole number from 0 to 2^32 - 1.
 * @category Building blocks
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  const table = (tables ??= makeTables())
  const length = bytes.length
  let crc = ~seed
  let at = 0
  if (length >= SLICED_FROM) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    for (const last = length - 8; at <= last; at += 8) {
      crc = sliceOf8(table, crc ^ view.getInt32(at, true), view.getInt32(at + 4, true))
    }
  }
  for (; at < length; at++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0)
  return ~crc >>> 0
}

/** The sum after eight more bytes: `low` holds the first four, already combined with the sum before, `high` the others. */
function sliceOf8(table: Int32Array, low: number, high: number): number {
  return (
    (table[0x700 | (low & 0xff)] ?? 0) ^
    (table[0x600 | ((low >>> 8) & 0xff)] ?? 0) ^
    (table[0x500 | ((low >>> 16) & 0xff)] ?? 0) ^
    (table[0x400 | (low >>> 24)] ?? 0) ^
    (table[0x300 | (high & 0xff)] ?? 0) ^
    (table[0x200 | ((high >>> 8) & 0xff)] ?? 0) ^
    (table[0x100 | ((high >>> 16) & 0xff)] ?? 0) ^
    (table[high >>> 24] ?? 0)
  )
}
