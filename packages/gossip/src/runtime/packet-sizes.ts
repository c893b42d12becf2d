import type { TransportCapabilities } from '@colony/host'
import { GossipError } from '../errors.ts'

/** What goes through any network as one datagram: 1,500 bytes of Ethernet less the heads of IPv6 and UDP, and room for tunnels. */
const PREFERRED_PACKET_BYTES = 1400
/** Larger chunks only keep others waiting. */
const PREFERRED_STREAM_BYTES = 256 * 1024
/** Below this an update with long names would not fit. */
const LEAST_PACKET_BYTES = 1000

/** How large packets may be. */
export interface PacketSizes {
  /** In one datagram. */
  readonly packetBytes: number
  /** Over a connection. */
  readonly streamBytes: number
}

/** How large packets may be on a transport, when sealing makes each so much longer. */
export function packetSizes(
  { maxFrameBytes, datagramBytes = PREFERRED_PACKET_BYTES }: TransportCapabilities,
  overheadBytes: number,
): PacketSizes {
  const packetBytes = Math.min(datagramBytes, PREFERRED_PACKET_BYTES, maxFrameBytes) - overheadBytes
  const streamBytes = Math.min(PREFERRED_STREAM_BYTES, maxFrameBytes) - overheadBytes
  if (packetBytes < LEAST_PACKET_BYTES) {
    throw new GossipError(
      'GOSSIP_INVALID_OPTION',
      `gossip needs frames of ${LEAST_PACKET_BYTES + overheadBytes} bytes, and this transport takes ${Math.min(datagramBytes, maxFrameBytes)}`,
    )
  }
  return { packetBytes, streamBytes }
}
