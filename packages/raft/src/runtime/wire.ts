import { ByteReader, ByteWriter, decodeWith, type Decoded, type NodeId } from '@colony/host'
import { readMessage, writeMessage, type WrittenEntries } from '../core/message-codec.ts'
import type { MembershipChange } from '../core/membership-change.ts'
import type { Message } from '../core/message.ts'
import {
  isSnapshotCode,
  readSnapshotMessage,
  writeSnapshotMessage,
  type SnapshotMessage,
} from './snapshots/snapshot-wire.ts'
import { readChange, writeChange } from './change-wire.ts'
import type { TransferRefusal } from '../core/transfer.ts'
import { readVersion, VERSION_CODE, writeVersion, type VersionNotice } from './version-wire.ts'

/** First byte of every frame of a raft channel. A node refuses frames of a version that it does not know. */
const FRAME_VERSION = 1

const FORWARD = 32
const FORWARD_REPLY = 33
const READ = 34
const READ_REPLY = 35
const TRANSFER = 48
const TRANSFER_REPLY = 49
const MEMBERS = 36
const MEMBERS_REPLY = 37
/** Sent only for `lease` reads, which older versions do not have. */
const LEASE_READ = 44

/** What became of a forwarded proposal. */
export type ForwardStatus =
  | 'applied'
  | 'not-leader'
  | 'overloaded'
  | 'superseded'
  | 'key-reused'
  | 'not-encodable'
  | 'too-large'
  | 'session-expired'
  | 'result-forgotten'
const STATUSES: readonly ForwardStatus[] = [
  'applied',
  'not-leader',
  'overloaded',
  'superseded',
  'key-reused',
  'not-encodable',
  'too-large',
  // Only answers to what nodes of an earlier version do not send.
  'session-expired',
  'result-forgotten',
]

/**
 * What a leader says to a change of members. `appended`: as an entry, at an index and in a term. `standing`: it is so already, or being worked on.
 * `busy`: not now. `refused`: never, for a reason.
 */
export type ChangeStatus = 'appended' | 'standing' | 'busy' | 'not-leader' | 'refused'
const CHANGE_STATUSES: readonly ChangeStatus[] = ['appended', 'standing', 'busy', 'not-leader', 'refused']

/** A follower hands a proposal to the leader of `term`. */
export interface Forward {
  readonly type: 'forward'
  /** Only the leader of this term may take it, so that a late copy can't be taken by a later one. */
  readonly term: number
  /** Distinguishes the lives of the sender, whose numbering starts anew each time. */
  readonly life: number
  readonly request: number
  /** The sender still waits for this request and none before it: the leader may forget the answers to those. */
  readonly oldest: number
  /** The entry's bytes. */
  readonly data: Uint8Array
}

/** The leader answers a {@link Forward}. */
export interface ForwardReply {
  readonly type: 'forward-reply'
  readonly life: number
  readonly request: number
  readonly status: ForwardStatus
  readonly index: number
  /** The encoded result, when applied. */
  readonly result: Uint8Array
}

/** A follower asks the leader up to where it must have applied for its waiting reads to be linearizable. */
export interface ReadRequest {
  readonly type: 'read'
  readonly life: number
  readonly request: number
  /** The leader's lease will do, while it has one. */
  readonly lease: boolean
}

/** The leader answers a {@link ReadRequest}. */
export interface ReadReply {
  readonly type: 'read-reply'
  readonly life: number
  readonly request: number
  readonly term: number
  /** -1: not the leader. */
  readonly index: number
}

/** A node asks the leader of `term` to hand over. */
export interface TransferRequest {
  readonly type: 'transfer'
  /** Only the leader of this term may do it, so that a late copy can't be taken by a later one. */
  readonly term: number
  readonly life: number
  readonly request: number
  /** Who is to lead; empty for whoever is fittest. */
  readonly to: NodeId
}

/** How a {@link TransferRequest} stands. That it succeeded is not said: the new leader makes itself heard. */
export type TransferStatus = 'begun' | 'failed' | TransferRefusal
const TRANSFER_STATUSES: readonly TransferStatus[] = [
  'begun',
  'failed',
  'not-leader',
  'not-a-voter',
  'busy',
  'no-target',
]

/** The leader answers a {@link TransferRequest}: at once, and again when the transfer has failed. */
export interface TransferReply {
  readonly type: 'transfer-reply'
  readonly life: number
  readonly request: number
  readonly status: TransferStatus
}

/** A node hands a change of members to the leader. Taking it twice does no harm. */
export interface MembersRequest {
  readonly type: 'members'
  readonly life: number
  readonly request: number
  readonly change: MembershipChange
}

/** The leader answers a {@link MembersRequest}. */
export interface MembersReply {
  readonly type: 'members-reply'
  readonly life: number
  readonly request: number
  readonly status: ChangeStatus
  /** Where the entry stands, if one was appended. */
  readonly index: number
  readonly term: number
  /** Why it was refused. */
  readonly problem: string
}

/** Everything that drivers, as opposed to cores, say to each other. */
export type DriverMessage =
  | SnapshotMessage
  | MembersRequest
  | MembersReply
  | Forward
  | ForwardReply
  | ReadRequest
  | ReadReply
  | TransferRequest
  | TransferReply
  | VersionNotice

// Scratch that every call leaves empty: encoding and decoding are synchronous, so one of each serves all groups.
const writer = new ByteWriter()
const reader = new ByteReader()

/** The frame of a core's message. `written` is what the entries of the last one were; it is brought up to date. */
export function encodeMessage(message: Message, written?: WrittenEntries): Uint8Array {
  writer.reset()
  writer.u8(FRAME_VERSION)
  const start = writeMessage(writer, message, written)
  const frame = writer.finish()
  if (start >= 0 && written !== undefined && message.type === 'append-request') {
    written.entries = message.entries
    written.bytes = frame.subarray(start)
  }
  return frame
}

/** The frame of a driver's message. */
export function encodeDriverMessage(m: DriverMessage): Uint8Array {
  writer.reset()
  writer.u8(FRAME_VERSION)
  switch (m.type) {
    case 'snapshot-offer':
    case 'snapshot-chunk':
    case 'snapshot-status':
      writeSnapshotMessage(writer, m)
      break
    case 'version':
      writeVersion(writer, m)
      break
    case 'forward':
      start(FORWARD, m)
      writer.varint(m.term)
      writer.varint(m.oldest)
      writer.bytes(m.data)
      break
    case 'forward-reply':
      start(FORWARD_REPLY, m)
      writer.u8(STATUSES.indexOf(m.status))
      writer.varint(m.index)
      writer.bytes(m.result)
      break
    case 'read':
      start(m.lease ? LEASE_READ : READ, m)
      break
    case 'read-reply':
      start(READ_REPLY, m)
      writer.varint(m.term)
      writer.varint(m.index + 1)
      break
    case 'members':
      start(MEMBERS, m)
      writeChange(writer, m.change)
      break
    case 'members-reply':
      start(MEMBERS_REPLY, m)
      writer.u8(CHANGE_STATUSES.indexOf(m.status))
      writer.varint(m.index)
      writer.varint(m.term)
      writer.string(m.problem)
      break
    case 'transfer':
      start(TRANSFER, m)
      writer.varint(m.term)
      writer.string(m.to)
      break
    case 'transfer-reply':
      start(TRANSFER_REPLY, m)
      writer.u8(TRANSFER_STATUSES.indexOf(m.status))
      break
  }
  return writer.finish()
}

function start(code: number, m: { readonly life: number; readonly request: number }): void {
  writer.u8(code)
  writer.varint(m.life)
  writer.varint(m.request)
}

/** The message in a frame, or why there is none. */
export function decodeFrame(frame: Uint8Array, from: NodeId, to: NodeId): Decoded<Message | DriverMessage> {
  return decodeWith(reader, frame, () => readFrame(from, to))
}

function readFrame(from: NodeId, to: NodeId): Message | DriverMessage {
  const version = reader.u8()
  if (version !== FRAME_VERSION) reader.fail(`frame version ${version} is unknown`)
  const code = reader.u8()
  if (isSnapshotCode(code)) return readSnapshotMessage(reader, code)
  if (code < FORWARD) return readMessage(reader, code, from, to)
  if (code === VERSION_CODE) return readVersion(reader)
  const life = reader.varint()
  const request = reader.varint()
  switch (code) {
    case FORWARD:
      return {
        type: 'forward',
        life,
        request,
        term: reader.varint(),
        oldest: reader.varint(),
        data: reader.bytes(),
      }
    case FORWARD_REPLY:
      return {
        type: 'forward-reply',
        life,
        request,
        status: readOneOf(STATUSES, 'not-leader'),
        index: reader.varint(),
        result: reader.bytes(),
      }
    case READ_REPLY:
      return { type: 'read-reply', life, request, term: reader.varint(), index: reader.varint() - 1 }
    case MEMBERS:
      return { type: 'members', life, request, change: readChange(reader) }
    case MEMBERS_REPLY:
      return readMembersReply(life, request)
    case TRANSFER:
      return { type: 'transfer', life, request, term: reader.varint(), to: reader.string() }
    case TRANSFER_REPLY:
      return { type: 'transfer-reply', life, request, status: readOneOf(TRANSFER_STATUSES, 'not-leader') }
    default:
      if (code !== READ && code !== LEASE_READ) reader.fail(`unknown message code ${code}`)
      return { type: 'read', life, request, lease: code === LEASE_READ }
  }
}

function readMembersReply(life: number, request: number): MembersReply {
  const status = readOneOf(CHANGE_STATUSES, 'busy')
  const [index, term, problem] = [reader.varint(), reader.varint(), reader.string()]
  return { type: 'members-reply', life, request, status, index, term, problem }
}

/** The status of a code. One that this version does not know fails the reader, and `otherwise` then means nothing. */
function readOneOf<Status extends string>(statuses: readonly Status[], otherwise: Status): Status {
  const code = reader.u8()
  const status = statuses[code]
  if (status === undefined) reader.fail(`unknown status ${code}`)
  return status ?? otherwise
}
