import { type ByteReader, type ByteWriter, MAX_NAME_BYTES, type NodeId } from '@colony/host'
import { compareStamps, MAX_LOGICAL, MAX_WALL, type Stamp } from './hybrid-clock.ts'
import { MAX_KEY_BYTES, MAX_VALUE_BYTES } from './state-limits.ts'
import { readBounded } from './state-run.ts'

/** A shared value as somebody wrote it; without a value it was deleted. */
export interface SharedRecord {
  readonly key: string
  readonly value: Uint8Array | undefined
  readonly stamp: Stamp
  /** Who wrote it. */
  readonly by: NodeId
}

/** Which write of a key: all that two nodes must compare. */
export type SharedMark = Pick<SharedRecord, 'stamp' | 'by'>

/** Which write wins: the later one; of two at the same moment that of the greater id, so that everybody agrees. Above zero when `one` does. */
export function compareMarks(one: SharedMark, other: SharedMark): number {
  const order = compareStamps(one.stamp, other.stamp)
  if (order !== 0) return order
  return one.by === other.by ? 0 : one.by > other.by ? 1 : -1
}

/** Writes a record: key, stamp, writer, and the value with its length plus one, of which 0 says that there is none. */
export function writeShared(writer: ByteWriter, record: SharedRecord): void {
  writer.string(record.key)
  writer.varint(record.stamp.wall)
  writer.varint(record.stamp.logical)
  writer.string(record.by)
  writer.varint(record.value === undefined ? 0 : record.value.length + 1)
  if (record.value !== undefined) writer.raw(record.value)
}

/** Reads what {@link writeShared} wrote; `undefined`, with the reader failed, when it is malformed or impossible. */
export function readShared(reader: ByteReader): SharedRecord | undefined {
  const key = readBounded(reader, MAX_KEY_BYTES)
  const stamp = { wall: reader.count(MAX_WALL), logical: reader.count(MAX_LOGICAL) }
  const by = readBounded(reader, MAX_NAME_BYTES)
  const length = reader.count(MAX_VALUE_BYTES + 1)
  // Copied: a view would keep the whole packet in memory for as long as the value lives.
  const value = length === 0 ? undefined : reader.raw(length - 1).slice()
  return reader.failed ? undefined : { key, value, stamp, by }
}
