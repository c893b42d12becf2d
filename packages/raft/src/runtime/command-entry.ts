import { ByteReader, ByteWriter, crc32, decodeWith, MAX_NAME_BYTES, type Decoded } from '@colony/host'
import type { LogIndex } from '../core/entry.ts'

/** First byte of a command entry's data. Only 0 and 1 are understood by format version 1, see `FORMAT_VERSION`. */
const PLAIN = 0
const KEYED = 1
const CLOCK = 2
const OPEN_SESSION = 3
const SESSION = 4
const CLOSE_SESSION = 5

/** Most that an entry holds beside its command: kind, key with its length, fingerprint. What a session says is shorter. */
export const COMMAND_OVERHEAD_BYTES: number = 1 + 2 + MAX_NAME_BYTES + 4

/** By what everybody forgets, from a clock entry on. */
export interface RememberLimits {
  /** How long an idempotency key is remembered, in milliseconds of log time. */
  readonly keysExpireAfterMs: number
  /** How long a session may go unused, in milliseconds of log time. */
  readonly sessionsExpireAfterMs: number
  /** Most bytes that the results of all sessions may take, and that keys with their results may. */
  readonly maxBytes: number
}

/** A command without anything beside it. */
export interface PlainEntry {
  readonly kind: 'plain'
  readonly command: Uint8Array
}

/** A command that is applied once under its key. */
export interface KeyedEntry {
  readonly kind: 'keyed'
  readonly key: string
  /** Checksum of the command, to tell a retry from a key used twice. */
  readonly fingerprint: number
  readonly command: Uint8Array
}

/** The leader states the time, and by what to forget from here on. */
export interface ClockEntry extends RememberLimits {
  readonly kind: 'clock'
  /** Whole milliseconds of log time. */
  readonly time: number
}

/** Opens a session, whose id is the index of this entry. */
export interface OpenSessionEntry {
  readonly kind: 'open-session'
}

/** A command that is applied once under its number in a session. */
export interface SessionEntry {
  readonly kind: 'session'
  readonly session: LogIndex
  readonly number: number
  /** The results of all numbers below will not be asked for again. */
  readonly oldest: number
  readonly fingerprint: number
  readonly command: Uint8Array
}

/** Ends a session. */
export interface CloseSessionEntry {
  readonly kind: 'close-session'
  readonly session: LogIndex
}

/** What an entry of kind `command` holds. */
export type CommandEntry =
  PlainEntry | KeyedEntry | ClockEntry | OpenSessionEntry | SessionEntry | CloseSessionEntry

/** Which command of a session an entry holds. */
export type SessionPlace = Pick<SessionEntry, 'session' | 'number' | 'oldest'>

const writer = new ByteWriter()
const reader = new ByteReader()

/** The data of a log entry that holds `command`. */
export function encodeCommandEntry(command: Uint8Array, key: string | undefined): Uint8Array {
  writer.reset()
  if (key === undefined) {
    writer.u8(PLAIN)
  } else {
    writer.u8(KEYED)
    writer.string(key)
    writer.u32(crc32(command))
  }
  writer.raw(command)
  return writer.finish()
}

/** The data of a log entry that holds `command` as one of a session. */
export function encodeSessionEntry(
  command: Uint8Array,
  { session, number, oldest }: SessionPlace,
): Uint8Array {
  writer.reset()
  writer.u8(SESSION)
  writer.varint(session)
  writer.varint(number)
  writer.varint(oldest)
  writer.u32(crc32(command))
  writer.raw(command)
  return writer.finish()
}

/** The data of a log entry that opens a session. */
export function encodeOpenSession(): Uint8Array {
  return Uint8Array.of(OPEN_SESSION)
}

/** The data of a log entry that ends a session. */
export function encodeCloseSession(session: LogIndex): Uint8Array {
  writer.reset()
  writer.u8(CLOSE_SESSION)
  writer.varint(session)
  return writer.finish()
}

/** The data of a log entry that states the time. */
export function encodeClock(time: number, limits: RememberLimits): Uint8Array {
  writer.reset()
  writer.u8(CLOCK)
  writer.varint(time)
  writer.varint(limits.keysExpireAfterMs)
  writer.varint(limits.sessionsExpireAfterMs)
  writer.varint(limits.maxBytes)
  return writer.finish()
}

/** The command of an entry without a key, as nearly all are; `undefined` for every other. Spares them two objects each. */
export function plainCommand(data: Uint8Array): Uint8Array | undefined {
  return data[0] === PLAIN ? data.subarray(1) : undefined
}

/** Whether it takes log time to apply an entry: for all but plain commands. */
export function needsLogTime(data: Uint8Array): boolean {
  return data[0] !== PLAIN
}

/** Whether an entry is one that nodes of format version 1 can apply. */
export function isOfFirstFormat(data: Uint8Array): boolean {
  return data[0] === PLAIN || data[0] === KEYED
}

/** Whether applying an entry gives the proposer nothing but an index. */
export function hasNoResult(data: Uint8Array): boolean {
  return data[0] === OPEN_SESSION || data[0] === CLOSE_SESSION
}

/** What an encoder here encoded. */
export function decodeCommandEntry(data: Uint8Array): Decoded<CommandEntry> {
  return decodeWith(reader, data, readCommandEntry)
}

function readCommandEntry(from: ByteReader): CommandEntry {
  const kind = from.u8()
  switch (kind) {
    case PLAIN:
      return { kind: 'plain', command: from.raw(from.remaining) }
    case KEYED:
      return readKeyed(from)
    case CLOCK:
      return readClock(from)
    case OPEN_SESSION:
      return { kind: 'open-session' }
    case SESSION:
      return readSession(from)
    case CLOSE_SESSION:
      return { kind: 'close-session', session: readPositive(from) }
    default:
      from.fail(`unknown command entry kind ${kind}`)
      return { kind: 'open-session' }
  }
}

function readKeyed(from: ByteReader): KeyedEntry {
  const key = from.string()
  if (key === '') from.fail('an empty idempotency key')
  return { kind: 'keyed', key, fingerprint: from.u32(), command: from.raw(from.remaining) }
}

function readClock(from: ByteReader): ClockEntry {
  const time = from.varint()
  const keysExpireAfterMs = from.varint()
  const sessionsExpireAfterMs = from.varint()
  return { kind: 'clock', time, keysExpireAfterMs, sessionsExpireAfterMs, maxBytes: from.varint() }
}

function readSession(from: ByteReader): SessionEntry {
  const session = readPositive(from)
  const number = readPositive(from)
  const oldest = from.varint()
  if (oldest > number) from.fail(`command ${number} of a session is acknowledged by itself`)
  return {
    kind: 'session',
    session,
    number,
    oldest,
    fingerprint: from.u32(),
    command: from.raw(from.remaining),
  }
}

function readPositive(from: ByteReader): number {
  const value = from.varint()
  if (value === 0) from.fail('0 where numbers begin at 1')
  return value
}
