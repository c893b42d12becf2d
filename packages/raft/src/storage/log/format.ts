// The bytes of the file log, format version 1. All numbers little endian. docs/decisions/0003-file-log.md says why it is so.
//
// A directory holds `identity` (see identity-file.ts), at most one snapshot `snapshot-<index, 16 hex digits>.snap` (see snapshot-file.ts) that counts, which is
// the one of the highest index, and segments `log-<sequence, 16 hex digits>.seg`, sequence 1, 2, 3, … The first ones may be missing, when the snapshot
// stands for every entry that was in them.
// A segment is made of zeros, at its full size, before it is used:
//
//   0   magic 'COLONYSG'      8 bytes
//   8   format version        u32
//   12  CRC of all but itself u32
//   16  sequence              u64
//   24  number of its first record u64
//   32  size of the file      u64
//   40  records, each at a multiple of 8:
//
//   0   magic                 u32
//   4   header CRC            u32     of bytes 8 to 48
//   8   payload length        u32
//   12  payload CRC           u32
//   16  record number         u64     1 for the first record of the storage, growing by one
//   24  first index           u64
//   32  term                  u64
//   40  record type           u8
//   41  zeros                 3 bytes
//   44  number of entries     u32
//   48  vote: varint length, UTF-8; then entries: kind u8, term varint, data length varint, data; then zeros to a multiple of 8
//
// Every stored CRC is XORed with the segment's salt (made of incarnation and sequence) and with its position in the file, so bytes
// that were copied elsewhere (a user may store old log files as commands!) are never taken for a record.

/** Version of the format that this code writes, and the only one that it reads. */
export const FORMAT_VERSION = 1

/** 'COLONYSG', as two little-endian words. */
export const SEGMENT_MAGIC_LOW = 0x4f4c4f43
/** Second word of 'COLONYSG'. */
export const SEGMENT_MAGIC_HIGH = 0x4753594e
/** Bytes before the first record of a segment. */
export const SEGMENT_HEADER_BYTES = 40

/** 'CREC': not printable text by chance, and not zero. */
export const RECORD_MAGIC = 0xcec5_e243
/** Bytes of a record before its payload. */
export const RECORD_HEADER_BYTES = 48
/** Records begin at multiples of this many bytes. */
export const RECORD_ALIGNMENT = 8

/** Largest payload that the format allows. What is written is bounded by an option below it, so all that was written can be read. */
export const MAX_PAYLOAD_BYTES: number = 1024 * 1024 * 1024

/** What a record is. 3 to 31 are reserved: 3 several groups' records in one, 4 witness. */
export const RECORD_TYPE_LOG = 1
/** The same, where a snapshot took the place of every entry before it: the log begins at the record's first index. */
export const RECORD_TYPE_REPLACES_LOG = 2

/** Largest size of a segment, beyond which a file is certainly not one. */
export const MAX_SEGMENT_BYTES: number = 2 * MAX_PAYLOAD_BYTES

/** Rounds up to the alignment of records. */
export function alignRecord(bytes: number): number {
  return Math.ceil(bytes / RECORD_ALIGNMENT) * RECORD_ALIGNMENT
}

/** Name of the file of a segment. */
export function segmentName(sequence: number): string {
  return `log-${sequence.toString(16).padStart(16, '0')}.seg`
}

/** Sequence number in the name of a segment; `undefined` for any other name. */
export function segmentSequence(name: string): number | undefined {
  const digits = /^log-([0-9a-f]{16})\.seg$/.exec(name)?.[1]
  if (digits === undefined) return undefined
  const sequence = Number.parseInt(digits, 16)
  return Number.isSafeInteger(sequence) && sequence > 0 ? sequence : undefined
}

/** Name of the file of a snapshot. */
export function snapshotName(index: number): string {
  return `snapshot-${index.toString(16).padStart(16, '0')}.snap`
}

/** Index in the name of a snapshot; `undefined` for any other name. */
export function snapshotIndex(name: string): number | undefined {
  const digits = /^snapshot-([0-9a-f]{16})\.snap$/.exec(name)?.[1]
  if (digits === undefined) return undefined
  const index = Number.parseInt(digits, 16)
  return Number.isSafeInteger(index) && index > 0 ? index : undefined
}

/** Ending of the names under which files are made before they get their real name; such a file is never read. */
export const TEMPORARY_SUFFIX = '.tmp'

/** Writes a whole number up to 2^53 as a u64. */
export function setU64(view: DataView, position: number, value: number): void {
  view.setUint32(position, value >>> 0, true)
  view.setUint32(position + 4, Math.floor(value / 0x1_0000_0000), true)
}

/** Reads a u64; above 2^53 it is no longer exact, which callers reject with `Number.isSafeInteger`. */
export function getU64(view: DataView, position: number): number {
  return view.getUint32(position, true) + view.getUint32(position + 4, true) * 0x1_0000_0000
}
