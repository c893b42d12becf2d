import { ByteReader, ByteWriter, crc32, decodeWith } from '@colony/host'
import { ENTRY_KIND_CODES, entryKindOf } from '../core/entry-kind.ts'
import type { Entry, SnapshotMeta } from '../core/entry.ts'
import { decodeMembership, encodeMembership } from '../core/membership.ts'

// A backup, format version 1: two lines of text, `colony-raft-backup 1 <CRC of the second line, 8 hex digits>` and a header as JSON; then the content of a snapshot, which carries its own CRC from block to
// block; then the entries behind it, with their CRC in the header. A backup of a running node has no entries; one without a snapshot begins with the first entry.

const MAGIC = 'colony-raft-backup'
const VERSION = 1
/** Longest header that is believed in. */
export const MAX_HEADER_BYTES: number = 16 * 1024 * 1024

/** What the header of a backup says. */
export interface BackupHeader {
  readonly clusterId: string
  readonly group: string
  /** The snapshot; `undefined` when there is none. */
  readonly snapshot: SnapshotMeta | undefined
  /** Length of its content. */
  readonly snapshotBytes: number
  /** Length of the entries behind it, and their CRC. */
  readonly entryBytes: number
  readonly entryChecksum: number
}

/** The two lines. */
export function encodeBackupHeader(header: BackupHeader): Uint8Array {
  const { snapshot, ...rest } = header
  const about = snapshot && {
    index: snapshot.index,
    term: snapshot.term,
    members: hexOf(encodeMembership(snapshot.membership)),
  }
  const body = JSON.stringify({ ...rest, snapshot: about })
  return new TextEncoder().encode(`${MAGIC} ${VERSION} ${sumOf(body)}\n${body}\n`)
}

/** The header in these bytes; `incomplete` when more are needed, `undefined` when it is none. */
export function decodeBackupHeader(
  bytes: Uint8Array,
): { readonly header: BackupHeader; readonly length: number } | 'incomplete' | undefined {
  const first = bytes.indexOf(10)
  const second = first < 0 ? -1 : bytes.indexOf(10, first + 1)
  if (second < 0) return bytes.length > MAX_HEADER_BYTES ? undefined : 'incomplete'
  const [line = '', body = ''] = new TextDecoder().decode(bytes.subarray(0, second)).split('\n')
  if (line !== `${MAGIC} ${VERSION} ${sumOf(body)}`) return undefined
  const parsed = JSON.parse(body) as Omit<BackupHeader, 'snapshot'> & { readonly snapshot?: StoredMeta }
  const snapshot = parsed.snapshot === undefined ? undefined : metaOf(parsed.snapshot)
  if (parsed.snapshot !== undefined && snapshot === undefined) return undefined
  return { header: { ...parsed, snapshot }, length: second + 1 }
}

interface StoredMeta {
  readonly index: number
  readonly term: number
  readonly members: string
}

function metaOf({ index, term, members }: StoredMeta): SnapshotMeta | undefined {
  const bytes = Uint8Array.from(members.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  const membership = decodeMembership(bytes)
  return membership === undefined ? undefined : { index, term, membership }
}

/** The entries behind a snapshot. */
export function encodeBackupEntries(entries: Iterable<Entry>): Uint8Array {
  const writer = new ByteWriter()
  for (const { term, kind, data } of entries) {
    writer.u8(ENTRY_KIND_CODES[kind])
    writer.varint(term)
    writer.bytes(data)
  }
  return writer.finish()
}

/** The entries in these bytes; `undefined` when there are none that could be. */
export function decodeBackupEntries(bytes: Uint8Array): Entry[] | undefined {
  const reader = new ByteReader()
  const decoded = decodeWith(reader, bytes, () => {
    const entries: Entry[] = []
    while (reader.remaining > 0 && !reader.failed) {
      const kind = entryKindOf(reader.u8())
      const term = reader.varint()
      const data = reader.bytes().slice()
      if (kind === undefined) reader.fail('an unknown kind of entry')
      else entries.push({ term, kind, data })
    }
    return entries
  })
  return decoded.ok ? decoded.value : undefined
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function sumOf(body: string): string {
  return crc32(new TextEncoder().encode(body)).toString(16).padStart(8, '0')
}
