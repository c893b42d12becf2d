import type { PersistRecord } from '../../core/entry.ts'
import { RECORD_ALIGNMENT, SEGMENT_HEADER_BYTES } from './format.ts'
import type { RecordHeader, RecordReader } from './record-reader.ts'

/** What stands at a place of a segment, whatever stands before it. */
export type FoundRecord =
  /** A record, whole. */
  | { readonly kind: 'record'; readonly header: RecordHeader; readonly record: PersistRecord }
  /** The header of a record whose payload is not what was written. */
  | { readonly kind: 'payload'; readonly header: RecordHeader }
  /** A record whose CRCs are right, and that makes no sense to this version. */
  | { readonly kind: 'senseless'; readonly header: RecordHeader; readonly problem: string }
  /** Bytes that are not zero, up to the next header or the last such byte. */
  | { readonly kind: 'unreadable'; readonly from: number; readonly to: number }

/**
 * Goes through a segment from its first record to its last byte that is not zero, past everything that is damaged. CRCs depend on place, segment and log, so a
 * header that is found behind the damage is one that was written there.
 */
export function* walkRecords(reader: RecordReader): Generator<FoundRecord> {
  let position = SEGMENT_HEADER_BYTES
  for (;;) {
    const header = reader.header(position)
    if (header !== undefined) {
      yield judged(reader, header)
      position = header.end
      continue
    }
    const end = reader.lastUsed(position)
    if (end <= position) return
    const next = reader.nextHeader(position + RECORD_ALIGNMENT, end)
    yield { kind: 'unreadable', from: position, to: next?.position ?? end }
    if (next === undefined) return
    position = next.position
  }
}

function judged(reader: RecordReader, header: RecordHeader): FoundRecord {
  if (!reader.intact(header)) return { kind: 'payload', header }
  const decoded = reader.decode(header)
  if ('problem' in decoded) return { kind: 'senseless', header, problem: decoded.problem }
  return { kind: 'record', header, record: decoded.record }
}
