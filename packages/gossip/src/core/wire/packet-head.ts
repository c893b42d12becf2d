import type { ByteWriter } from '@colony/host'
import { SCRATCH } from './scratch.ts'
import { xxh64 } from './xxh64.ts'

/** The version of the packet's layout. Sections may be added within it; whatever an older node could misread needs a new one. */
export const WIRE_VERSION = 1

/** Version and hash of the cluster's name. */
export const HEAD_BYTES = 9

/** Many cores of one cluster in one process share their bytes: what all of them read is near at hand. */
let latest: { readonly cluster: string; readonly bytes: Uint8Array } = {
  cluster: '',
  bytes: new Uint8Array(0),
}

/** What the first bytes of a packet say. */
export type HeadCheck = 'ok' | 'malformed' | 'wrong-version' | 'wrong-cluster'

/**
 * The first bytes of every packet of one cluster: one byte of version, then the 64-bit hash of the cluster's name, little endian. Two clusters that reuse each other's
 * addresses therefore never merge by accident; against intent there are keys, which authenticate the head with the rest.
 *
 * Who sent it is not in it: the transport vouches for that. Which life of the sender speaks is in the sections that need to know it.
 */
export class PacketHead {
  readonly #bytes: Uint8Array

  constructor(cluster: string) {
    if (cluster !== latest.cluster) latest = { cluster, bytes: headBytes(cluster) }
    this.#bytes = latest.bytes
  }

  /** Writes {@link HEAD_BYTES} bytes. */
  write(writer: ByteWriter): void {
    writer.raw(this.#bytes)
  }

  /** Looks at the head of a packet. The version comes first: what another version means by the other bytes is not known. */
  check(packet: Uint8Array): HeadCheck {
    if (packet.length < HEAD_BYTES) return 'malformed'
    if (packet[0] !== WIRE_VERSION) return 'wrong-version'
    for (let index = 1; index < HEAD_BYTES; index++) {
      if (packet[index] !== this.#bytes[index]) return 'wrong-cluster'
    }
    return 'ok'
  }
}

function headBytes(cluster: string): Uint8Array {
  // Hashed with its length in front, as the writer spells a string.
  SCRATCH.string(cluster)
  const hash = xxh64(SCRATCH.finish())
  SCRATCH.u8(WIRE_VERSION)
  SCRATCH.u32(Number(hash & 0xffff_ffffn))
  SCRATCH.u32(Number(hash >> 32n))
  return SCRATCH.finish().slice()
}
