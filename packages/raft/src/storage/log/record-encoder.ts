import type { Checksum } from '@colony/host'
import { ENTRY_KIND_CODES } from '../../core/entry-kind.ts'
import type { Entry, PersistRecord } from '../../core/entry.ts'
import { RaftError } from '../../errors.ts'
import {
  alignRecord,
  RECORD_HEADER_BYTES,
  RECORD_MAGIC,
  RECORD_TYPE_LOG,
  RECORD_TYPE_REPLACES_LOG,
  SEGMENT_HEADER_BYTES,
  setU64,
} from './format.ts'
import { type SegmentHeader, writeSegmentHeader } from './segment-header.ts'

const INITIAL_CAPACITY = 64 * 1024

/** A buffer that grew beyond this is given up after use, so that one large record does not pin memory for ever. */
const KEPT_CAPACITY = 4 * 1024 * 1024

/** A safe integer takes at most eight groups of seven bits. */
const MAX_VARINT_BYTES = 8

/** Kind, term and data length. */
const MAX_ENTRY_OVERHEAD = 1 + 2 * MAX_VARINT_BYTES

/** Where the payload begins: room for a segment's header is kept before the record, so that both go out as one write. */
const PAYLOAD_START = SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES

/** Where a record is going to be written; its CRCs depend on it. */
export interface RecordPlace {
  /** Salt of the segment. */
  readonly salt: number
  /** Position of the record in the file, behind the segment's header. */
  readonly position: number
  /** Number of the record. */
  readonly number: number
}

/**
 * Turns records into bytes, in one buffer that is used again and again. Encoding comes first, because only the size decides
 * which segment the record goes to; {@link RecordEncoder.place} then completes the header for that place.
 *
 * Written by hand instead of with host's `ByteWriter` because the header is filled in last and the result must not be copied.
 */
export class RecordEncoder {
  readonly #checksum: Checksum
  readonly #text = new TextEncoder()
  #bytes = new Uint8Array(INITIAL_CAPACITY)
  #view = new DataView(this.#bytes.buffer)
  #end = PAYLOAD_START
  #voteText = ''
  #voteBytes = new Uint8Array(0)

  constructor(checksum: Checksum) {
    this.#checksum = checksum
  }

  /** Encodes the payload of `record` and returns the size of the whole record, a multiple of 8. */
  encode(record: PersistRecord, maxBytes: number): number {
    if (record.vote !== this.#voteText) {
      this.#voteBytes = this.#text.encode(record.vote)
      this.#voteText = record.vote
    }
    const vote = this.#voteBytes
    this.#reserve(record.entries, vote.byteLength, maxBytes)
    const bytes = this.#bytes
    let at = writeVarint(bytes, PAYLOAD_START, vote.byteLength)
    bytes.set(vote, at)
    at += vote.byteLength
    for (const entry of record.entries) at = writeEntry(bytes, at, entry)
    this.#end = at
    const size = alignRecord(at - SEGMENT_HEADER_BYTES)
    if (size > maxBytes) throw tooLarge(size, maxBytes)
    bytes.fill(0, at, SEGMENT_HEADER_BYTES + size)
    return size
  }

  /** The record that was encoded last, complete for its place. The view is good until the next `encode`. */
  place(record: PersistRecord, place: RecordPlace): Uint8Array {
    this.#completeHeader(record, place)
    return this.#bytes.subarray(SEGMENT_HEADER_BYTES, alignRecord(this.#end))
  }

  /** The same with the segment's header before it: the first write to a segment. */
  placeFirst(record: PersistRecord, place: RecordPlace, header: SegmentHeader): Uint8Array {
    this.#completeHeader(record, place)
    writeSegmentHeader(this.#bytes, header, place.salt, this.#checksum)
    return this.#bytes.subarray(0, alignRecord(this.#end))
  }

  /** To be called when the bytes have been written: gives a very large buffer back. */
  release(): void {
    if (this.#bytes.byteLength > KEPT_CAPACITY) this.#allocate(INITIAL_CAPACITY)
  }

  #completeHeader(record: PersistRecord, place: RecordPlace): void {
    const view = this.#view
    const start = SEGMENT_HEADER_BYTES
    const salt = place.salt ^ place.position
    view.setUint32(start, RECORD_MAGIC, true)
    view.setUint32(start + 8, this.#end - PAYLOAD_START, true)
    const payload = this.#bytes.subarray(PAYLOAD_START, this.#end)
    view.setUint32(start + 12, this.#checksum(payload) ^ salt, true)
    setU64(view, start + 16, place.number)
    setU64(view, start + 24, record.firstIndex)
    setU64(view, start + 32, record.term)
    const type = record.replacesLog === true ? RECORD_TYPE_REPLACES_LOG : RECORD_TYPE_LOG
    view.setUint32(start + 40, type, true)
    view.setUint32(start + 44, record.entries.length, true)
    const header = this.#bytes.subarray(start + 8, start + RECORD_HEADER_BYTES)
    view.setUint32(start + 4, this.#checksum(header) ^ salt, true)
  }

  /** Makes room for the most that the payload can take, so that writing an entry needs no check. */
  #reserve(entries: readonly Entry[], voteBytes: number, maxBytes: number): void {
    let most = PAYLOAD_START + MAX_VARINT_BYTES + voteBytes + 8
    for (const entry of entries) most += entry.data.byteLength + MAX_ENTRY_OVERHEAD
    if (most <= this.#bytes.byteLength) return
    // The estimate is generous by a few bytes an entry; what is certainly too large must not be allocated first.
    const least = most - MAX_ENTRY_OVERHEAD * entries.length - 2 * PAYLOAD_START
    if (least > maxBytes) throw tooLarge(least, maxBytes)
    this.#allocate(Math.max(most, 2 * this.#bytes.byteLength))
  }

  #allocate(capacity: number): void {
    this.#bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }
}

function writeEntry(bytes: Uint8Array, start: number, entry: Entry): number {
  bytes[start] = ENTRY_KIND_CODES[entry.kind]
  let at = writeVarint(bytes, start + 1, entry.term)
  at = writeVarint(bytes, at, entry.data.byteLength)
  bytes.set(entry.data, at)
  return at + entry.data.byteLength
}

/** Unsigned LEB128, as host's `ByteReader` reads it. */
function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start
  let rest = value
  if (!(rest >= 0 && rest < 0x1000_0000)) {
    if (!Number.isSafeInteger(rest) || rest < 0) {
      throw new RaftError('RAFT_INVARIANT_BROKEN', `${value} is not a whole number from 0 to 2^53 - 1.`)
    }
    // Bit operations see 32 bits only, so the low groups of a large number are cut off by division.
    while (rest >= 0x1000_0000) {
      bytes[at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
  }
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}

function tooLarge(bytes: number, maxBytes: number): RaftError {
  return new RaftError(
    'RAFT_STORAGE_FAILED',
    `A record of ${bytes} bytes is above maxRecordBytes (${maxBytes}). ` +
      'Persist fewer or smaller entries at once, or raise the limit.',
  )
}
