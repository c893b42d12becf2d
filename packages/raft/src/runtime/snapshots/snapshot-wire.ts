import type { ByteReader, ByteWriter } from '@colony/host'
import type { LogIndex, Term } from '../../core/entry.ts'
import { decodeMembership, encodeMembership, type Membership } from '../../core/membership.ts'

/** Codes of the messages that carry snapshots. 11 is reserved. */
const OFFER = 8
const CHUNK = 9
const STATUS = 10

/** Which snapshot a message is about. The same index with another checksum is another snapshot: each node makes its own. */
export interface SnapshotId {
  readonly index: LogIndex
  /** Length of its content. */
  readonly bytes: number
  /** Checksum of its content. */
  readonly checksum: number
}

/** A leader has a snapshot for a follower, and asks how much of it is there. */
export interface SnapshotOffer extends SnapshotId {
  readonly type: 'snapshot-offer'
  /** Term that the sender leads. */
  readonly term: Term
  /** Term of the snapshot's last entry. */
  readonly snapshotTerm: Term
  readonly membership: Membership
}

/** Some of its content. */
export interface SnapshotChunk extends SnapshotId {
  readonly type: 'snapshot-chunk'
  readonly term: Term
  readonly offset: number
  readonly data: Uint8Array
}

/**
 * How far a follower is with a snapshot: `receiving` wants the bytes from `offset` on, `installing` has them all, `installed` needs no more of it,
 * `refused` cannot take it.
 */
export interface SnapshotStatus extends SnapshotId {
  readonly type: 'snapshot-status'
  readonly term: Term
  readonly status: 'receiving' | 'installing' | 'installed' | 'refused'
  readonly offset: number
}

/** Everything that drivers say to each other about snapshots. */
export type SnapshotMessage = SnapshotOffer | SnapshotChunk | SnapshotStatus

const STATUSES: readonly SnapshotStatus['status'][] = ['receiving', 'installing', 'installed', 'refused']

/** Whether a code is that of a message about snapshots. */
export function isSnapshotCode(code: number): boolean {
  return code >= OFFER && code <= STATUS
}

/** Writes a message, its code first. */
export function writeSnapshotMessage(writer: ByteWriter, m: SnapshotMessage): void {
  switch (m.type) {
    case 'snapshot-offer':
      writeStart(writer, OFFER, m)
      writer.varint(m.snapshotTerm)
      writer.bytes(encodeMembership(m.membership))
      break
    case 'snapshot-chunk':
      writeStart(writer, CHUNK, m)
      writer.varint(m.offset)
      writer.bytes(m.data)
      break
    case 'snapshot-status':
      writeStart(writer, STATUS, m)
      writer.u8(STATUSES.indexOf(m.status))
      writer.varint(m.offset)
      break
  }
}

function writeStart(writer: ByteWriter, code: number, m: SnapshotMessage): void {
  writer.u8(code)
  writer.varint(m.term)
  writer.varint(m.index)
  writer.varint(m.bytes)
  writer.u32(m.checksum)
}

/** Reads the message that begins with `code`. Any bytes give a message or a failed reader, in which case the result means nothing. */
export function readSnapshotMessage(reader: ByteReader, code: number): SnapshotMessage {
  const term = reader.varint()
  const index = reader.varint()
  const bytes = reader.varint()
  const id = { term, index, bytes, checksum: reader.u32() }
  if (code === OFFER) return readOffer(reader, id)
  if (code === CHUNK) {
    const chunk = { type: 'snapshot-chunk', ...id, offset: reader.varint(), data: reader.bytes() } as const
    if (chunk.offset + chunk.data.length > bytes) reader.fail('a chunk behind the end of its snapshot')
    return chunk
  }
  const status = STATUSES[reader.u8()]
  if (status === undefined) reader.fail('unknown status of a snapshot')
  return { type: 'snapshot-status', ...id, status: status ?? 'refused', offset: reader.varint() }
}

function readOffer(reader: ByteReader, id: SnapshotId & { readonly term: Term }): SnapshotOffer {
  const snapshotTerm = reader.varint()
  const membership = decodeMembership(reader.bytes())
  if (membership === undefined) reader.fail('a snapshot of no membership')
  if (id.index === 0 || snapshotTerm > id.term) reader.fail('a snapshot of nothing, or of the future')
  return { type: 'snapshot-offer', ...id, snapshotTerm, membership: membership ?? NOBODY }
}

const NOBODY: Membership = {
  voters: [],
  outgoing: [],
  learners: [],
  goal: undefined,
  addresses: new Map(),
}

/** Whether two messages are about the same snapshot. */
export function isSameSnapshot(a: SnapshotId, b: SnapshotId): boolean {
  return a.index === b.index && a.bytes === b.bytes && a.checksum === b.checksum
}
