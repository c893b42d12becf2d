import type { ByteReader, ByteWriter, NodeId } from '@colony/host'
import { SCRATCH } from '../wire/scratch.ts'
import { LEAST_UPDATE_BYTES, type MemberUpdate, readUpdate, writeUpdate } from '../wire/member-update.ts'

/** Most members that a welcome names. */
export const MAX_WELCOME_MEMBERS = 255
/** Largest token: seeds are numbered. */
const MAX_TOKEN = 2 ** 32 - 1

/** "Let me in." */
export interface JoinMessage {
  /** Comes back in the welcome, so that the sender knows which of its seeds it was. */
  readonly token: number
  /** The sender itself. */
  readonly sender: MemberUpdate
  /** What the sender holds of the receiver when that is no good: the receiver refutes it. */
  readonly accusation: MemberUpdate | undefined
}

export function writeJoin(writer: ByteWriter, { token, sender, accusation }: JoinMessage): void {
  writer.varint(token)
  writeUpdate(writer, sender, sender.id)
  if (accusation) writeUpdate(writer, accusation, sender.id)
}

/** Reads what {@link writeJoin} wrote, from `from` for `self`; `undefined` when it is malformed or speaks for somebody else. */
export function readJoin(reader: ByteReader, from: NodeId, self: NodeId): JoinMessage | undefined {
  const token = reader.count(MAX_TOKEN)
  const sender = readUpdate(reader, from)
  const accusation = reader.remaining > 0 ? readUpdate(reader, from) : undefined
  reader.end()
  if (reader.failed || sender === undefined) return undefined
  if (sender.id !== from || sender.status !== 'alive') return undefined
  return accusation && accusation.id !== self ? undefined : { token, sender, accusation }
}

/** "You are in": who answers, and some members. */
export interface WelcomeMessage {
  readonly token: number
  /** The sender first. */
  readonly members: readonly MemberUpdate[]
}

/** A welcome with as many of `members` as fit into `budget` bytes; the sender, the first of them, always. */
export function encodeWelcome({ token, members }: WelcomeMessage, budget: number): Uint8Array {
  const sender = members[0]?.id ?? ''
  SCRATCH.varint(token)
  const parts = [SCRATCH.finish()]
  let length = parts[0]?.length ?? 0
  for (const member of members.slice(0, MAX_WELCOME_MEMBERS)) {
    writeUpdate(SCRATCH, member, sender)
    const part = SCRATCH.finish()
    if (member.id !== sender && length + part.length > budget) continue
    length += part.length
    parts.push(part)
  }
  for (const part of parts) SCRATCH.raw(part)
  return SCRATCH.finish()
}

/** Reads what {@link encodeWelcome} wrote; `undefined` when it is malformed or the sender is not the first. */
export function readWelcome(reader: ByteReader, from: NodeId): WelcomeMessage | undefined {
  const token = reader.count(MAX_TOKEN)
  if (reader.remaining > MAX_WELCOME_MEMBERS * 1024) reader.fail('a welcome that is too long')
  const members: MemberUpdate[] = []
  while (reader.remaining >= LEAST_UPDATE_BYTES && members.length < MAX_WELCOME_MEMBERS) {
    const member = readUpdate(reader, from)
    if (member) members.push(member)
  }
  reader.end()
  if (reader.failed || members[0]?.id !== from || members[0].status !== 'alive') return undefined
  return { token, members }
}
