import type { ByteReader, ByteWriter, NodeId } from '@colony/host'
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

/** Writes as many of `members` as fit into `budget` bytes; the sender, the first of them, always. */
export function writeWelcome(
  writer: ByteWriter,
  { token, members }: WelcomeMessage,
  budget: number,
  scratch: ByteWriter,
): void {
  const sender = members[0]?.id ?? ''
  writer.varint(token)
  for (const member of members.slice(0, MAX_WELCOME_MEMBERS)) {
    writeUpdate(scratch, member, sender)
    const fits = member.id === sender || writer.length + scratch.length <= budget
    const bytes = scratch.finish()
    if (fits) writer.raw(bytes)
  }
}

/** Reads what {@link writeWelcome} wrote; `undefined` when it is malformed or the sender is not the first. */
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
