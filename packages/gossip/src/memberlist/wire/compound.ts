import { MESSAGE_TYPES } from './messages.ts'

/** Most parts of one compound: their number is one byte. */
export const MAX_PARTS = 255
/** The type byte and the number of parts. */
export const COMPOUND_BYTES = 2
/** The length of each part. */
export const PART_BYTES = 2

/** Several messages as one: `07`, their number, all their lengths, then all of them. At most {@link MAX_PARTS}, each shorter than 64 KiB. */
export function encodeCompound(parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + PART_BYTES + part.length, COMPOUND_BYTES)
  const bytes = new Uint8Array(size)
  bytes[0] = MESSAGE_TYPES.compound
  bytes[1] = parts.length
  let lengthAt = COMPOUND_BYTES
  let at = COMPOUND_BYTES + PART_BYTES * parts.length
  for (const part of parts) {
    bytes[lengthAt++] = part.length >> 8
    bytes[lengthAt++] = part.length & 0xff
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** What {@link decodeCompound} found. */
export interface CompoundParts {
  /** Views of the parts that are whole, in order. */
  readonly parts: readonly Uint8Array[]
  /** How many at the end were cut off. */
  readonly truncated: number
}

/** The parts of a compound (its type byte included); `undefined` when not even the lengths are there. */
export function decodeCompound(bytes: Uint8Array): CompoundParts | undefined {
  const count = bytes[1]
  if (count === undefined) return undefined
  let at = COMPOUND_BYTES + PART_BYTES * count
  if (at > bytes.length) return undefined
  const parts: Uint8Array[] = []
  for (let index = 0; index < count; index++) {
    const lengthAt = COMPOUND_BYTES + PART_BYTES * index
    const length = ((bytes[lengthAt] ?? 0) << 8) | (bytes[lengthAt + 1] ?? 0)
    if (length > bytes.length - at) return { parts, truncated: count - index }
    parts.push(bytes.subarray(at, at + length))
    at += length
  }
  return { parts, truncated: 0 }
}
