import { type ByteReader, type ByteWriter, MAX_NAME_BYTES, type NodeId } from '@colony/host'
import { type Incarnation, MAX_COUNTER, MAX_EPOCH } from '../members/incarnation.ts'
import type { MemberStatus } from '../members/member.ts'
import type { StateMark } from '../state/owner-state.ts'
import { readMark, type SharedMark, writeMark } from '../state/shared-record.ts'
import { MAX_KEY_BYTES } from '../state/state-limits.ts'
import { readBounded } from '../state/state-run.ts'
import { FINEST_LEVEL } from './fingerprint.ts'

/** What a message of anti-entropy is. Only append. */
export const DIGEST_KINDS = {
  /** Hashes of all buckets of a level: "which of yours differ?" */
  buckets: 1,
  /** All that the sender knows in some buckets, by marks: "what is newer here, what there?" */
  entries: 2,
  /** What the sender lacks of what the receiver has. */
  wants: 3,
  /** A chunk has arrived. */
  got: 4,
  /** Somebody else, please. */
  busy: 5,
} as const

/** What is compared: who is present, or that and everything that is said. */
export type Scope = 'members' | 'all'

/** How a member stands, as far as anti-entropy cares: a suspicion is news for gossip, not a difference. */
export type Standing = 'present' | 'failed' | 'left'
/** By number on the wire, and by precedence. Only append. */
const STANDINGS: readonly Standing[] = ['present', 'failed', 'left']
const STANDING_BITS = 0b11
const HAS_STATE = 0b100

/** What one node knows of one member. */
export interface MemberMark {
  readonly id: NodeId
  readonly incarnation: Incarnation
  readonly standing: Standing
  readonly state: StateMark
}

/** How a status counts here. */
export function standingOf(status: MemberStatus): Standing {
  return status === 'failed' || status === 'left' ? status : 'present'
}

/** Above zero when `one` is to be believed rather than `other`: the later word of the member, or of one word the worse news. */
export function compareStanding(
  one: Pick<MemberMark, 'incarnation' | 'standing'>,
  other: Pick<MemberMark, 'incarnation' | 'standing'>,
): number {
  return (
    one.incarnation.epoch - other.incarnation.epoch ||
    one.incarnation.counter - other.incarnation.counter ||
    STANDINGS.indexOf(one.standing) - STANDINGS.indexOf(other.standing)
  )
}

/** Writes what is known of a member: 12 bytes and its id, 4 more with a state. The life of a state is told by how much later it is than the epoch. */
export function writeMemberMark(writer: ByteWriter, { id, incarnation, standing, state }: MemberMark): void {
  // A state of an earlier life than the member's is void.
  const hasState = state.version > 0 && state.life >= incarnation.epoch
  writer.u8(STANDINGS.indexOf(standing) | (hasState ? HAS_STATE : 0))
  writer.string(id)
  writer.varint(incarnation.epoch)
  writer.varint(incarnation.counter)
  if (!hasState) return
  writer.varint(state.life - incarnation.epoch)
  writer.varint(state.version)
  writer.varint(state.floor)
}

/** The least that a mark of a member takes. */
export const LEAST_MARK_BYTES = 5

/** Reads what {@link writeMemberMark} wrote; with the reader failed it means nothing. */
export function readMemberMark(reader: ByteReader): MemberMark {
  const flags = reader.u8()
  const standing = STANDINGS[flags & STANDING_BITS]
  if (standing === undefined || flags > (HAS_STATE | STANDING_BITS)) reader.fail('unknown flags in a mark')
  const id = readBounded(reader, MAX_NAME_BYTES)
  const epoch = reader.count(MAX_EPOCH)
  const incarnation = { epoch, counter: reader.count(MAX_COUNTER) }
  let state: StateMark = { life: 0, version: 0, floor: 0 }
  if (flags & HAS_STATE) {
    state = {
      life: epoch + reader.count(MAX_EPOCH - epoch),
      version: reader.varint(),
      floor: reader.varint(),
    }
  }
  return { id, incarnation, standing: standing ?? 'present', state }
}

/** Which write of a shared value one node knows. */
export interface KeyMark extends SharedMark {
  readonly key: string
  readonly deleted: boolean
}

/** Writes which write of a shared value is known. */
export function writeKeyMark(writer: ByteWriter, mark: KeyMark): void {
  writer.string(mark.key)
  writer.u8(mark.deleted ? 1 : 0)
  writeMark(writer, mark)
}

/** Reads what {@link writeKeyMark} wrote; with the reader failed it means nothing. */
export function readKeyMark(reader: ByteReader): KeyMark {
  const key = readBounded(reader, MAX_KEY_BYTES)
  const deleted = reader.count(1) === 1
  return { key, deleted, ...readMark(reader) }
}

/** Writes the head of a message that compares buckets of a level. */
export function writeScope(writer: ByteWriter, kind: number, level: number, scope: Scope): void {
  writer.u8(kind)
  writer.u8(level * 2 + (scope === 'all' ? 1 : 0))
}

/** Reads what follows the kind in a head that {@link writeScope} wrote. */
export function readScope(reader: ByteReader): { readonly level: number; readonly scope: Scope } {
  const byte = reader.u8()
  const level = byte >>> 1
  if (level > FINEST_LEVEL) reader.fail('a level that there is not')
  return { level: Math.min(level, FINEST_LEVEL), scope: byte % 2 === 1 ? 'all' : 'members' }
}

/** Something that is wanted: of a member its record, what follows in its state, or both; or a shared value. */
export type Want =
  | {
      readonly kind: 'member'
      readonly id: NodeId
      readonly record: boolean
      readonly state: StateMark | undefined
    }
  | { readonly kind: 'shared'; readonly key: string }

const WANTS_RECORD = 0b1
const WANTS_STATE = 0b10
const WANTS_SHARED = 0b100

/** Writes one thing that is wanted. */
export function writeWant(writer: ByteWriter, want: Want): void {
  if (want.kind === 'shared') {
    writer.u8(WANTS_SHARED)
    writer.string(want.key)
    return
  }
  writer.u8((want.record ? WANTS_RECORD : 0) | (want.state === undefined ? 0 : WANTS_STATE))
  writer.string(want.id)
  if (want.state === undefined) return
  writer.varint(want.state.life)
  writer.varint(want.state.version)
  writer.varint(want.state.floor)
}

/** Reads what {@link writeWant} wrote; with the reader failed it means nothing. */
export function readWant(reader: ByteReader): Want {
  const flags = reader.u8()
  if (flags === WANTS_SHARED) return { kind: 'shared', key: readBounded(reader, MAX_KEY_BYTES) }
  if (flags > (WANTS_RECORD | WANTS_STATE)) reader.fail('something unknown is wanted')
  const id = readBounded(reader, MAX_NAME_BYTES)
  const record = (flags & WANTS_RECORD) !== 0
  if (!(flags & WANTS_STATE)) return { kind: 'member', id, record, state: undefined }
  const state = { life: reader.count(MAX_EPOCH), version: reader.varint(), floor: reader.varint() }
  return { kind: 'member', id, record, state }
}
