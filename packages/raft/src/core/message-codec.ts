import type { ByteReader, ByteWriter, NodeId } from '@colony/host'
import { ENTRY_KIND_CODES, entryKindOf } from './entry-kind.ts'
import type { Entry } from './entry.ts'
import type { Incarnation } from './incarnation.ts'
import type { AppendRequest, AppendResponse, MembershipNotice, Message, VoteResponse } from './message.ts'

/**
 * First byte of each kind of message. 7 (transfer leadership) and 8 to 11 (snapshots) are reserved; from 32 on they belong to the runtime.
 */
export const MESSAGE_CODES: Readonly<Record<Message['type'], number>> = {
  'pre-vote-request': 1,
  'pre-vote-response': 2,
  'vote-request': 3,
  'vote-response': 4,
  'append-request': 5,
  'append-response': 6,
  'timeout-now': 7,
  priority: 15,
  'quiet-offer': 24,
  'quiet-answer': 25,
  wake: 26,
  'membership-query': 17,
  'membership-notice': 18,
}

/** An append request that asks for a lease, and an answer that grants it: sent only where leases are used, so that older versions never see them elsewhere. */
const LEASED_APPEND_REQUEST = 13
const LEASED_APPEND_RESPONSE = 14

/** A vote request that the leader itself asked for: older versions drop it, so that the transfer comes to nothing. */
const TRANSFER_VOTE_REQUEST = 12

/** Before the code of a message: its sender's incarnation follows, and then that code. Older versions drop it; see `core/incarnations.ts` for when it is sent. */
const WITH_INCARNATION = 16

/** Statuses of a membership notice, by code. */
const NOTICES: readonly MembershipNotice['status'][] = ['removed', 'wiped']

/** Least bytes that one entry takes: term, kind, length. */
const ENTRY_MIN_BYTES = 3

/** Most entries that a message may claim, whatever its size. */
const MAX_ENTRIES = 1_000_000

/** Entries as they stand in a message that was just written, to be copied into the next one that carries the same array. */
export interface WrittenEntries {
  entries: readonly Entry[]
  bytes: Uint8Array
}

/**
 * Writes a message, without its envelope: the transport says from whom and to whom it is. The same batch mostly goes to every follower, so
 * its entries are copied from `written` when they stand there. Returns where the entries begin, of a message that has any; else -1.
 */
export function writeMessage(writer: ByteWriter, m: Message, written?: WrittenEntries): number {
  const { incarnation = 0 } = m
  if (incarnation > 0) {
    writer.u8(WITH_INCARNATION)
    writer.varint(incarnation)
  }
  writer.u8(codeOf(m))
  writer.varint(m.term)
  switch (m.type) {
    case 'pre-vote-request':
    case 'vote-request':
      writer.varint(m.lastIndex)
      writer.varint(m.lastTerm)
      return -1
    case 'pre-vote-response':
    case 'vote-response':
      writer.u8(m.granted ? 1 : 0)
      if (incarnation > 0) writer.varint(m.candidate ?? 0)
      return -1
    case 'append-request':
      return writeAppendRequest(writer, m, written)
    case 'append-response':
      writeAppendResponse(writer, m)
      return -1
    case 'timeout-now':
      return -1
    case 'priority':
      writer.u8(m.priority)
      return -1
    case 'quiet-offer':
      writer.varint(m.index)
      writer.varint(m.offer)
      return -1
    case 'quiet-answer':
      writer.varint(m.offer)
      return -1
    case 'wake':
      return -1
    case 'membership-query':
      writer.varint(m.lastIndex)
      return -1
    case 'membership-notice':
      writer.u8(NOTICES.indexOf(m.status))
      writer.varint(m.index)
      return -1
  }
}

function codeOf(m: Message): number {
  if (m.type === 'vote-request' && m.transfer === true) return TRANSFER_VOTE_REQUEST
  if (m.type === 'append-request' && m.leaseMs > 0) return LEASED_APPEND_REQUEST
  if (m.type === 'append-response' && m.lease) return LEASED_APPEND_RESPONSE
  return MESSAGE_CODES[m.type]
}

function writeAppendRequest(writer: ByteWriter, m: AppendRequest, written?: WrittenEntries): number {
  if (m.leaseMs > 0) writer.varint(m.leaseMs)
  writer.varint(m.prevIndex)
  writer.varint(m.prevTerm)
  writer.varint(m.commit)
  writer.varint(m.round)
  writer.varint(m.echo)
  // Shifted by one: -1 stands for "not known".
  writer.varint(m.quorumAgeMs + 1)
  const start = writer.length
  if (written?.entries === m.entries) writer.raw(written.bytes)
  else writeEntries(writer, m.entries)
  return m.entries.length === 0 ? -1 : start
}

function writeEntries(writer: ByteWriter, entries: readonly Entry[]): void {
  writer.varint(entries.length)
  for (const entry of entries) {
    writer.varint(entry.term)
    writer.u8(ENTRY_KIND_CODES[entry.kind])
    writer.bytes(entry.data)
  }
}

function writeAppendResponse(writer: ByteWriter, m: AppendResponse): void {
  writer.u8(m.success ? 1 : 0)
  writer.varint(m.index)
  writer.varint(m.hintIndex)
  writer.varint(m.hintTerm)
  writer.varint(m.round)
  writer.varint(m.sentAt)
}

/** Reads the message that begins with `code`. Any bytes give a message or a failed reader, in which case the result means nothing. */
export function readMessage(reader: ByteReader, code: number, from: NodeId, to: NodeId): Message {
  if (code !== WITH_INCARNATION) return readPlain(reader, code, from, to, 0)
  const incarnation = reader.varint()
  // That there is none is said by the message alone, and a message has one spelling.
  if (incarnation === 0) reader.fail('an incarnation of 0')
  const message = readPlain(reader, reader.u8(), from, to, incarnation)
  // Nor is one said before kinds that carry none.
  if (message.incarnation !== incarnation) reader.fail('an incarnation before a message that carries none')
  return message
}

function readPlain(
  reader: ByteReader,
  code: number,
  from: NodeId,
  to: NodeId,
  incarnation: Incarnation,
): Message {
  const term = reader.varint()
  switch (code) {
    case 1:
      return {
        type: 'pre-vote-request',
        from,
        to,
        term,
        incarnation,
        lastIndex: reader.varint(),
        lastTerm: reader.varint(),
      }
    case 2:
      return { type: 'pre-vote-response', ...readVote(reader, from, to, term, incarnation) }
    case 3:
    case TRANSFER_VOTE_REQUEST: {
      const [lastIndex, lastTerm] = [reader.varint(), reader.varint()]
      const request = { type: 'vote-request', from, to, term, incarnation, lastIndex, lastTerm } as const
      return code === 3 ? request : { ...request, transfer: true }
    }
    case 7:
      return { type: 'timeout-now', from, to, term }
    case 15:
      return { type: 'priority', from, to, term, priority: reader.u8() }
    case MESSAGE_CODES['quiet-offer']:
      return { type: 'quiet-offer', from, to, term, index: reader.varint(), offer: reader.varint() }
    case MESSAGE_CODES['quiet-answer']:
      return { type: 'quiet-answer', from, to, term, offer: reader.varint() }
    case MESSAGE_CODES.wake:
      return { type: 'wake', from, to, term }
    case 4:
      return { type: 'vote-response', ...readVote(reader, from, to, term, incarnation) }
    case 5:
      return readAppendRequest(reader, from, to, term, incarnation, 0)
    case LEASED_APPEND_REQUEST:
      return readAppendRequest(reader, from, to, term, incarnation, readLease(reader))
    case 6:
      return readAppendResponse(reader, from, to, term, incarnation, false)
    case LEASED_APPEND_RESPONSE:
      return readAppendResponse(reader, from, to, term, incarnation, true)
    case MESSAGE_CODES['membership-query']:
      return { type: 'membership-query', from, to, term, incarnation, lastIndex: reader.varint() }
    case MESSAGE_CODES['membership-notice']:
      return readNotice(reader, from, to, term, incarnation)
    default:
      reader.fail(`unknown message code ${code}`)
      return { type: 'vote-response', from, to, term, granted: false }
  }
}

function readVote(
  reader: ByteReader,
  from: NodeId,
  to: NodeId,
  term: number,
  incarnation: Incarnation,
): Omit<VoteResponse, 'type'> {
  const granted = readFlag(reader)
  return { from, to, term, incarnation, granted, candidate: incarnation > 0 ? reader.varint() : 0 }
}

function readNotice(
  reader: ByteReader,
  from: NodeId,
  to: NodeId,
  term: number,
  incarnation: Incarnation,
): MembershipNotice {
  const status = NOTICES[reader.u8()]
  if (status === undefined) reader.fail('unknown status of a member')
  const index = reader.varint()
  return { type: 'membership-notice', from, to, term, incarnation, status: status ?? 'removed', index }
}

function readAppendRequest(
  reader: ByteReader,
  from: NodeId,
  to: NodeId,
  term: number,
  incarnation: Incarnation,
  leaseMs: number,
): AppendRequest {
  const prevIndex = reader.varint()
  const prevTerm = reader.varint()
  const commit = reader.varint()
  const round = reader.varint()
  const echo = reader.varint()
  const quorumAgeMs = reader.varint() - 1
  const count = reader.count(MAX_ENTRIES, ENTRY_MIN_BYTES)
  const entries: Entry[] = []
  let lastTerm = prevTerm
  for (let i = 0; i < count && !reader.failed; i++) {
    const entry = readEntry(reader)
    if (entry.term < lastTerm || entry.term > term) reader.fail(`entry of term ${entry.term} out of order`)
    lastTerm = entry.term
    entries.push(entry)
  }
  return {
    type: 'append-request',
    from,
    to,
    term,
    incarnation,
    prevIndex,
    prevTerm,
    commit,
    round,
    echo,
    quorumAgeMs,
    leaseMs,
    entries,
  }
}

function readEntry(reader: ByteReader): Entry {
  const term = reader.varint()
  const code = reader.u8()
  const kind = entryKindOf(code)
  if (kind === undefined) reader.fail(`unknown entry kind ${code}`)
  return { term, kind: kind ?? 'noop', data: reader.bytes() }
}

function readAppendResponse(
  reader: ByteReader,
  from: NodeId,
  to: NodeId,
  term: number,
  incarnation: Incarnation,
  lease: boolean,
): AppendResponse {
  const success = readFlag(reader)
  const index = reader.varint()
  const hintIndex = reader.varint()
  const hintTerm = reader.varint()
  const round = reader.varint()
  const sentAt = reader.varint()
  return {
    type: 'append-response',
    from,
    to,
    term,
    incarnation,
    success,
    index,
    hintIndex,
    hintTerm,
    round,
    sentAt,
    lease,
  }
}

/** Never 0: that is said by the other code, and a message has one spelling. */
function readLease(reader: ByteReader): number {
  const leaseMs = reader.varint()
  if (leaseMs === 0) reader.fail('a lease of 0 ms')
  return leaseMs
}

function readFlag(reader: ByteReader): boolean {
  const value = reader.u8()
  if (value > 1) reader.fail(`flag ${value} is neither 0 nor 1`)
  return value === 1
}
