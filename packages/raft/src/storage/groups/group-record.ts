import { ByteReader, ByteWriter, MAX_NAME_BYTES } from '@colony/host'
import { ENTRY_KIND_CODES, entryKindOf } from '../../core/entry-kind.ts'
import type { Entry, PersistRecord } from '../../core/entry.ts'

// What the shared log of many groups holds: its entries are records of the groups, in the order in which they were written.
//
//   type    u8      1 a group was founded, 2 a record of a group, 3 the same where a snapshot took the place of every entry before; 4 is reserved for witnesses
//   group   varint  number of the group in this storage, from 1
//   founded:  name string, incarnation string, number of founders varint, founders string each
//   record:   term varint, vote string, first index varint, number of entries varint, entries: kind u8, term varint, data length varint, data

const FOUNDED = 1
const RECORD = 2
const REPLACES_LOG = 3

/** Smallest entry: kind, term, length. */
const MIN_ENTRY_BYTES = 3
const MAX_FOUNDERS = 255
/** Most entries that a record may claim. */
const MAX_ENTRIES = 2 ** 32 - 1
/** Most that a record of a group takes beside the data of its entries and 16 bytes for each of them. */
export const GROUP_RECORD_OVERHEAD: number = 64 + MAX_NAME_BYTES

/** What was written when a group first used a storage. */
export interface GroupFounding {
  /** The group. */
  readonly name: string
  /** Random; mixed into its snapshots, so that those of two lives of a group can't be mixed up. */
  readonly incarnation: string
  /** Whom it was founded with, sorted. */
  readonly founders: readonly string[]
}

/** One entry of the shared log. */
export type GroupRecord =
  | { readonly type: 'founded'; readonly group: number; readonly founding: GroupFounding }
  | { readonly type: 'record'; readonly group: number; readonly record: PersistRecord }

const writer = new ByteWriter()
const reader = new ByteReader()

/** The bytes of a founding. */
export function encodeFounding(group: number, { name, incarnation, founders }: GroupFounding): Uint8Array {
  writer.reset()
  writer.u8(FOUNDED)
  writer.varint(group)
  writer.string(name)
  writer.string(incarnation)
  writer.varint(founders.length)
  for (const founder of founders) writer.string(founder)
  return writer.finish()
}

/** The bytes of a group's record. */
export function encodeGroupRecord(group: number, record: PersistRecord): Uint8Array {
  writer.reset()
  writer.u8(record.replacesLog === true ? REPLACES_LOG : RECORD)
  writer.varint(group)
  writer.varint(record.term)
  writer.string(record.vote)
  writer.varint(record.firstIndex)
  writer.varint(record.entries.length)
  for (const { kind, term, data } of record.entries) {
    writer.u8(ENTRY_KIND_CODES[kind])
    writer.varint(term)
    writer.bytes(data)
  }
  return writer.finish()
}

/** Why bytes are no record of a group; `newer`, when a later version may know them. */
export interface GroupRecordProblem {
  readonly problem: string
  readonly newer: boolean
}

/** The record in these bytes. Entries' data are views of them. */
export function decodeGroupRecord(bytes: Uint8Array): GroupRecord | GroupRecordProblem {
  reader.reset(bytes)
  const type = reader.u8()
  const group = reader.varint()
  if (!reader.failed && (type < FOUNDED || type > REPLACES_LOG)) return unknown(`record type ${type}`)
  const decoded = type === FOUNDED ? readFounding(group) : readRecord(group, type)
  if ('problem' in decoded) return decoded
  reader.end()
  return reader.failed ? { problem: reader.reason ?? 'malformed', newer: false } : decoded
}

function readFounding(group: number): GroupRecord {
  const name = reader.string()
  const incarnation = reader.string()
  const founders = Array.from({ length: reader.count(MAX_FOUNDERS, 1) }, () => reader.string())
  return { type: 'founded', group, founding: { name, incarnation, founders } }
}

function readRecord(group: number, type: number): GroupRecord | GroupRecordProblem {
  const term = reader.varint()
  const vote = reader.string()
  const firstIndex = reader.varint()
  const count = reader.count(MAX_ENTRIES, MIN_ENTRY_BYTES)
  const entries: Entry[] = []
  for (let at = 0; at < count; at++) {
    const code = reader.u8()
    const entryTerm = reader.varint()
    const data = reader.bytes()
    const kind = entryKindOf(code)
    if (kind === undefined && !reader.failed) return unknown(`entry kind ${code}`)
    if (kind !== undefined) entries.push({ term: entryTerm, kind, data })
  }
  const record = { term, vote, firstIndex, entries }
  return {
    type: 'record',
    group,
    record: type === REPLACES_LOG ? { ...record, replacesLog: true } : record,
  }
}

function unknown(what: string): GroupRecordProblem {
  return { problem: `${what} is unknown to this version`, newer: true }
}
