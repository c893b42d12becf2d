import type { ByteReader, ByteWriter } from '@colony/host'

/** First byte of a version notice. Sent only when something needs it; older versions drop it. */
export const VERSION_CODE = 58

/** What a notice asks for. `version`: the receiver's own notice. `upgrade`: that the receiver, which leads, sees to it that the present format may be written. */
const ASKS = ['nothing', 'version', 'upgrade'] as const

/** A node says which format of entries and snapshots it understands. */
export interface VersionNotice {
  readonly type: 'version'
  readonly version: number
  readonly asks: (typeof ASKS)[number]
}

/** Writes a notice, its code first. */
export function writeVersion(writer: ByteWriter, { version, asks }: VersionNotice): void {
  writer.u8(VERSION_CODE)
  writer.varint(version)
  writer.u8(ASKS.indexOf(asks))
}

/** Reads what comes after the code. */
export function readVersion(reader: ByteReader): VersionNotice {
  const version = reader.varint()
  const asks = ASKS[reader.u8()]
  if (asks === undefined) reader.fail('a version notice that asks for something unknown')
  return { type: 'version', version, asks: asks ?? 'nothing' }
}
