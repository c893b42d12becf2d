import { ByteReader, ByteWriter, crc32, decodeWith, MAX_NAME_BYTES, type Decoded } from '@colony/host'

/** First byte of a command entry's data. Values from 2 on are reserved for sessions. */
const PLAIN = 0
const KEYED = 1

/** Most that an entry holds beside its command: kind, key with its length, fingerprint. */
export const COMMAND_OVERHEAD_BYTES: number = 1 + 2 + MAX_NAME_BYTES + 4

/** A command as it stands in the log. */
export interface CommandEntry {
  /** Idempotency key; empty when there is none. */
  readonly key: string
  /** Checksum of the command, to tell a retry from a key used twice; 0 without a key. */
  readonly fingerprint: number
  /** The encoded command. */
  readonly command: Uint8Array
}

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

/** The command of an entry without a key, as nearly all are; `undefined` for every other. Spares them two objects each. */
export function plainCommand(data: Uint8Array): Uint8Array | undefined {
  return data[0] === PLAIN ? data.subarray(1) : undefined
}

/** What {@link encodeCommandEntry} encoded. */
export function decodeCommandEntry(data: Uint8Array): Decoded<CommandEntry> {
  return decodeWith(reader, data, readCommandEntry)
}

function readCommandEntry(from: ByteReader): CommandEntry {
  const kind = from.u8()
  if (kind === PLAIN) return { key: '', fingerprint: 0, command: from.raw(from.remaining) }
  if (kind !== KEYED) from.fail(`unknown command entry kind ${kind}`)
  const key = from.string()
  if (key === '') from.fail('an empty idempotency key')
  return { key, fingerprint: from.u32(), command: from.raw(from.remaining) }
}
