import type { Checksum } from '@colony/host'
import { getU64, SEGMENT_HEADER_BYTES, SEGMENT_MAGIC_HIGH, SEGMENT_MAGIC_LOW, setU64 } from './format.ts'

/** The start of a segment. */
export interface SegmentHeader {
  /** Place of the segment in the row, from 1. */
  readonly sequence: number
  /** Number of the first record in it. */
  readonly firstRecord: number
  /** Size that the file was made with. */
  readonly bytes: number
  /** Format version, known or not. */
  readonly version: number
}

/** What is mixed into the CRCs of a segment, so that no segment or record of another storage or place is ever valid in it. */
export function segmentSalt(checksum: Checksum, incarnation: string, sequence: number): number {
  return checksum(new TextEncoder().encode(`${incarnation}/${sequence}`))
}

/** Writes a header to the first bytes of `bytes`. */
export function writeSegmentHeader(
  bytes: Uint8Array,
  header: SegmentHeader,
  salt: number,
  checksum: Checksum,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_BYTES)
  view.setUint32(0, SEGMENT_MAGIC_LOW, true)
  view.setUint32(4, SEGMENT_MAGIC_HIGH, true)
  view.setUint32(8, header.version, true)
  view.setUint32(12, 0, true)
  setU64(view, 16, header.sequence)
  setU64(view, 24, header.firstRecord)
  setU64(view, 32, header.bytes)
  view.setUint32(12, headerChecksum(view, salt, checksum), true)
}

/** Reads a header; `undefined` when there is none, or not an intact one of this segment. */
export function readSegmentHeader(
  bytes: Uint8Array,
  salt: number,
  checksum: Checksum,
): SegmentHeader | undefined {
  if (bytes.byteLength < SEGMENT_HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_BYTES)
  if (view.getUint32(0, true) !== SEGMENT_MAGIC_LOW || view.getUint32(4, true) !== SEGMENT_MAGIC_HIGH)
    return undefined
  if (view.getUint32(12, true) !== headerChecksum(view, salt, checksum)) return undefined
  return {
    version: view.getUint32(8, true),
    sequence: getU64(view, 16),
    firstRecord: getU64(view, 24),
    bytes: getU64(view, 32),
  }
}

/** CRC of a header with the CRC's own field as zero. */
function headerChecksum(view: DataView, salt: number, checksum: Checksum): number {
  const copy = new Uint8Array(SEGMENT_HEADER_BYTES)
  copy.set(new Uint8Array(view.buffer, view.byteOffset, SEGMENT_HEADER_BYTES))
  copy.fill(0, 12, 16)
  return (checksum(copy) ^ salt) >>> 0
}
