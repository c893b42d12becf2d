import { ByteReader, type Checksum } from '@colony/host'
import { entryKindOf } from '../../core/entry-kind.ts'
import type { Entry, PersistRecord } from '../../core/entry.ts'
import {
  alignRecord,
  getU64,
  MAX_PAYLOAD_BYTES,
  RECORD_ALIGNMENT,
  RECORD_HEADER_BYTES,
  RECORD_MAGIC,
  RECORD_TYPE_LOG,
  RECORD_TYPE_REPLACES_LOG,
} from './format.ts'
import { readSegmentHeader, type SegmentHeader } from './segment-header.ts'

/** Smallest entry: kind, term, length. */
const MIN_ENTRY_BYTES = 3

/** What the header of a record says. */
export interface RecordHeader {
  /** Where it stands. */
  readonly position: number
  /** Where the next record begins. May lie beyond the file when the file was cut short. */
  readonly end: number
  readonly payloadBytes: number
  readonly payloadChecksum: number
  readonly number: number
  readonly firstIndex: number
  readonly term: number
  readonly type: number
  readonly entryCount: number
}

/** A record's payload, or why it cannot be one although its CRC is right. */
export type DecodedRecord =
  { readonly record: PersistRecord } | { readonly problem: string; readonly unknownCode: boolean }

/** Reads the records of one segment, whose bytes are in memory. Lengths are compared with what is there before anything is made. */
export class RecordReader {
  readonly bytes: Uint8Array
  readonly #view: DataView
  readonly #salt: number
  readonly #checksum: Checksum
  readonly #fields = new ByteReader()

  constructor(bytes: Uint8Array, salt: number, checksum: Checksum) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#salt = salt
    this.#checksum = checksum
  }

  /** The segment's own header; `undefined` when no intact one stands at the beginning. */
  segmentHeader(): SegmentHeader | undefined {
    return readSegmentHeader(this.bytes, this.#salt, this.#checksum)
  }

  /** The header at `position`; `undefined` when no intact one stands there. */
  header(position: number): RecordHeader | undefined {
    const view = this.#view
    if (position + RECORD_HEADER_BYTES > view.byteLength) return undefined
    if (view.getUint32(position, true) !== RECORD_MAGIC) return undefined
    const covered = this.bytes.subarray(position + 8, position + RECORD_HEADER_BYTES)
    if (view.getUint32(position + 4, true) !== this.#crc(covered, position)) return undefined
    const payloadBytes = view.getUint32(position + 8, true)
    return {
      position,
      end: alignRecord(position + RECORD_HEADER_BYTES + payloadBytes),
      payloadBytes,
      payloadChecksum: view.getUint32(position + 12, true),
      number: getU64(view, position + 16),
      firstIndex: getU64(view, position + 24),
      term: getU64(view, position + 32),
      type: view.getUint32(position + 40, true),
      entryCount: view.getUint32(position + 44, true),
    }
  }

  /** The first intact header at or after `position`, which only a record that was written there can have left. */
  nextHeader(position: number, end: number): RecordHeader | undefined {
    for (let at = alignRecord(position); at < end; at += 8) {
      if (at + 4 > this.#view.byteLength || this.#view.getUint32(at, true) !== RECORD_MAGIC) continue
      const header = this.header(at)
      if (header !== undefined) return header
    }
    return undefined
  }

  /**
   * Number of the record of this segment whose header stands at `position` although it was meant for another place, as after a write that went astray;
   * `undefined` when none does.
   */
  strayNumber(position: number): number | undefined {
    const view = this.#view
    if (position + RECORD_HEADER_BYTES > view.byteLength) return undefined
    if (view.getUint32(position, true) !== RECORD_MAGIC) return undefined
    const covered = this.bytes.subarray(position + 8, position + RECORD_HEADER_BYTES)
    // The place that would make the CRC right: one in 2^32 by chance is a place of a record in this file at all.
    const meant = (view.getUint32(position + 4, true) ^ this.#crc(covered, 0)) >>> 0
    const isPlace = meant % RECORD_ALIGNMENT === 0 && meant + RECORD_HEADER_BYTES <= view.byteLength
    return isPlace && meant !== position ? getU64(view, position + 16) : undefined
  }

  /** Whether the payload is what its header says. */
  intact(header: RecordHeader): boolean {
    if (header.payloadBytes > MAX_PAYLOAD_BYTES || header.end > this.bytes.byteLength) return false
    return this.#crc(this.#payload(header), header.position) === header.payloadChecksum
  }

  /** The record behind an intact header and payload. Entries' data are views of the segment's bytes. */
  decode(header: RecordHeader): DecodedRecord {
    const replacesLog = header.type === RECORD_TYPE_REPLACES_LOG
    if (!replacesLog && header.type !== RECORD_TYPE_LOG) return unknown(`record type ${header.type}`)
    const fields = this.#fields
    fields.reset(this.#payload(header))
    const vote = fields.string()
    const count = header.entryCount
    if (count * MIN_ENTRY_BYTES > fields.remaining) return malformed(`${count} entries do not fit`)
    const entries: Entry[] = []
    for (let index = 0; index < count; index++) {
      const code = fields.u8()
      const term = fields.varint()
      const data = fields.bytes()
      const kind = entryKindOf(code)
      if (kind === undefined && !fields.failed) return unknown(`entry kind ${code}`)
      if (kind !== undefined) entries.push({ term, kind, data })
    }
    fields.end()
    if (fields.failed) return malformed(fields.reason ?? 'malformed')
    const record = { term: header.term, vote, firstIndex: header.firstIndex, entries }
    return { record: replacesLog ? { ...record, replacesLog } : record }
  }

  /** Position behind the last byte that is not zero, at or after `from`; `from` when there is none. */
  lastUsed(from: number): number {
    const bytes = this.bytes
    let end = bytes.byteLength
    // Four bytes at a time: a fresh segment is 16 MiB of zeros. Segments are multiples of 8 long, but a damaged file need not be.
    while (end > from && end % 4 !== 0) {
      if (bytes[end - 1] !== 0) return end
      end--
    }
    while (end - 4 >= from && this.#view.getUint32(end - 4) === 0) end -= 4
    while (end > from && bytes[end - 1] === 0) end--
    return end
  }

  #payload(header: RecordHeader): Uint8Array {
    const start = header.position + RECORD_HEADER_BYTES
    return this.bytes.subarray(start, start + header.payloadBytes)
  }

  #crc(bytes: Uint8Array, position: number): number {
    return (this.#checksum(bytes) ^ this.#salt ^ position) >>> 0
  }
}

function unknown(what: string): DecodedRecord {
  return { problem: `${what} is unknown to this version`, unknownCode: true }
}

function malformed(problem: string): DecodedRecord {
  return { problem, unknownCode: false }
}
