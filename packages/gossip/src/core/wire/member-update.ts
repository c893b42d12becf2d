import type { Address, ByteReader, ByteWriter, NodeId } from '@colony/host'
import { MAX_NAME_BYTES } from '@colony/host'
import { type Incarnation, MAX_COUNTER, MAX_EPOCH } from '../members/incarnation.ts'
import type { MemberStatus } from '../members/member.ts'

/**
 * A piece of news of one member: that at this incarnation it stands so. What is spread by piggyback, said in a welcome and repaired by anti-entropy is one and the same thing, in
 * one encoding.
 */
export interface MemberUpdate {
  readonly id: NodeId
  readonly incarnation: Incarnation
  readonly status: MemberStatus
  /** Where it is; `''` when the sender does not say, which it need not of members that are not alive. */
  readonly address: Address
  /** Its zone; `''` for none, and when the address is not said. */
  readonly zone: string
  /** Who says so of its own knowledge; for `alive` the member itself. */
  readonly accuser: NodeId
}

/** By number on the wire. Only append. */
const STATUSES: readonly MemberStatus[] = ['alive', 'suspect', 'failed', 'left']

const STATUS_BITS = 0b11
/** Address (and zone, with the next bit) follow. */
const HAS_ADDRESS = 0b100
const HAS_ZONE = 0b1000
/** The accuser is the member itself, or who sent the packet: the two usual cases take no bytes. */
const BY_ITSELF = 0b1_0000
const BY_SENDER = 0b10_0000
const KNOWN_BITS = 0b11_1111
/** Flags of a member's word of itself that it is alive, but for those of its zone. */
export const OWN_WORD: number = HAS_ADDRESS | BY_ITSELF
/** Flag for a zone. */
export const ZONE_FLAG: number = HAS_ZONE

/** Longest address that is taken from a peer, in characters; a longer one makes the update malformed. */
export const MAX_ADDRESS_LENGTH = 512

/** The least that an update takes: for bounding counts. */
export const LEAST_UPDATE_BYTES = 5

/**
 * Writes one update, as `sender` tells it: one byte of flags, the id, epoch and counter as varints, then what the flags announce. Without an address
 * an accusation by the sender of a member called `node-0001` takes 18 bytes.
 */
export function writeUpdate(writer: ByteWriter, update: MemberUpdate, sender: NodeId): void {
  const { id, incarnation, status, address, zone, accuser } = update
  let flags = STATUSES.indexOf(status)
  if (address !== '') flags |= HAS_ADDRESS
  if (address !== '' && zone !== '') flags |= HAS_ZONE
  if (accuser === id) flags |= BY_ITSELF
  else if (accuser === sender) flags |= BY_SENDER
  writer.u8(flags)
  writer.string(id)
  writer.varint(incarnation.epoch)
  writer.varint(incarnation.counter)
  if (flags & HAS_ADDRESS) writer.string(address)
  if (flags & HAS_ZONE) writer.string(zone)
  if (!(flags & (BY_ITSELF | BY_SENDER))) writer.string(accuser)
}

/** Reads what {@link writeUpdate} wrote and `sender` sent; `undefined`, with the reader failed, when it is malformed or impossible. */
export function readUpdate(reader: ByteReader, sender: NodeId): MemberUpdate | undefined {
  const flags = reader.u8()
  if ((flags & ~KNOWN_BITS) !== 0) reader.fail('unknown flags in an update')
  const id = readName(reader)
  const epoch = reader.count(MAX_EPOCH)
  const counter = reader.count(MAX_COUNTER)
  const address = flags & HAS_ADDRESS ? readAddress(reader) : ''
  const zone = flags & HAS_ZONE ? readName(reader) : ''
  let accuser = id
  if (!(flags & BY_ITSELF)) accuser = flags & BY_SENDER ? sender : readName(reader)
  const status = STATUSES[flags & STATUS_BITS] as MemberStatus
  if (status === 'alive' && address === '') reader.fail('an alive member without an address')
  if (reader.failed) return undefined
  return { id, incarnation: { epoch, counter }, status, address, zone, accuser }
}

/** A name of 1 to {@link MAX_NAME_BYTES} bytes. */
export function readName(reader: ByteReader): string {
  return readText(reader, MAX_NAME_BYTES)
}

/** An address of 1 to {@link MAX_ADDRESS_LENGTH} characters. */
export function readAddress(reader: ByteReader): Address {
  return readText(reader, MAX_ADDRESS_LENGTH)
}

function readText(reader: ByteReader, most: number): string {
  const before = reader.remaining
  const text = reader.string()
  if (text === '') reader.fail('an empty name')
  // The length in front is at most two bytes for anything that is short enough.
  if (before - reader.remaining > most + 2) reader.fail('a name that is too long')
  return reader.failed ? '' : text
}
