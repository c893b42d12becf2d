import { type ByteReader, type ByteWriter, MAX_NAME_BYTES, type NodeId } from '@colony/host'
import { MAX_EPOCH } from '../members/incarnation.ts'
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
  /** In which life (epoch): a later one may not have heard of the last stamp of the one before, and tell it again. */
  readonly life: number
}

/** Which write of a key: all that two nodes must compare. */
export type SharedMark = Pick<SharedRecord, 'stamp' | 'by' | 'life'>

/** Which write wins: the later one; of two at the same moment that of the greater id, then of the later life, so that everybody agrees. Above zero when `one` does. */
export function compareMarks(one: SharedMark, other: SharedMark): number {
  const order = compareStamps(one.stamp, other.stamp)
  if (order !== 0) return order
  if (one.by !== other.by) return one.by > other.by ? 1 : -1
  return one.life - other.life
}

/** Writes a record: key, mark, and the value with its length plus one, of which 0 says that there is none. */
export function writeShared(writer: ByteWriter, record: SharedRecord): void {
  writer.string(record.key)
  writeMark(writer, record)
  writer.varint(record.value === undefined ? 0 : record.value.length + 1)
  if (record.value !== undefined) writer.raw(record.value)
}

/** Reads what {@link writeShared} wrote; `undefined`, with the reader failed, when it is malformed or impossible. */
export function readShared(reader: ByteReader): SharedRecord | undefined {
  const key = readBounded(reader, MAX_KEY_BYTES)
  const mark = readMark(reader)
  const length = reader.count(MAX_VALUE_BYTES + 1)
  // Copied: a view would keep the whole packet in memory for as long as the value lives.
  const value = length === 0 ? undefined : reader.raw(length - 1).slice()
  return reader.failed ? undefined : { key, value, ...mark }
}

/** Writes which write of a key is meant. */
export function writeMark(writer: ByteWriter, { stamp, by, life }: SharedMark): void {
  writer.varint(stamp.wall)
  writer.varint(stamp.logical)
  writer.string(by)
  writer.varint(life)
}

/** Reads what {@link writeMark} wrote; with the reader failed it means nothing. */
export function readMark(reader: ByteReader): SharedMark {
  const stamp = { wall: reader.count(MAX_WALL), logical: reader.count(MAX_LOGICAL) }
  return { stamp, by: readBounded(reader, MAX_NAME_BYTES), life: reader.count(MAX_EPOCH) }
}
