import * as zlib from 'node:zlib'
import type { Checksum } from '@colony/host'

/** zlib's CRC-32, ten times as fast as ours; Node has it since 20.15, but not every runtime that calls itself Node. */
export function fastChecksum(): Checksum | undefined {
  const { crc32 } = zlib as { readonly crc32?: typeof zlib.crc32 }
  // One argument: a second one would be taken for the sum to go on from.
  return crc32 === undefined ? undefined : (bytes) => crc32(bytes)
}
