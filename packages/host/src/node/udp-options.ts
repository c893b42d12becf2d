import type { Channel } from '../core/identity.ts'
import { invalidHostOption as fail, requireInteger, requireName, showValue } from '../core/validate.ts'
import { resolveTcpOptions, type ResolvedTcpOptions, type TcpTransportOptions } from './options.ts'

/** Payload, head and the longest id in one datagram: the most that UDP over IPv4 carries. */
const MOST_DATAGRAM_BYTES = 65_507 - 264

/**
 * Everything a UDP transport needs: what the connections need that carry large frames, and what travels alone.
 * @category Transport
 */
export interface UdpTransportOptions extends TcpTransportOptions {
  /**
   * Largest frame that travels in a datagram, in bytes, 64 to 65243; a larger one goes over a connection. The datagram has nine bytes and the node's id more.
   * Default 1360: with an id of up to 83 bytes, and the head of IPv6, it fits into an Ethernet frame. What is larger than the path takes is cut into fragments, of
   * which none may be lost.
   */
  readonly datagramBytes?: number
  /**
   * The channels whose frames travel in datagrams, up to 4096; those of all others go over connections, whatever their size. For a host that gossip shares with a protocol which is
   * better off with connections. Default: every channel.
   */
  readonly datagramChannels?: readonly Channel[]
}

/** {@link UdpTransportOptions} with every default filled in and every range checked. */
export interface ResolvedUdpOptions {
  readonly stream: ResolvedTcpOptions
  readonly datagramBytes: number
  readonly datagramChannels: ReadonlySet<Channel> | undefined
}

/**
 * Checks options and fills in defaults.
 * @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` that names the option and its range.
 */
export function resolveUdpOptions(options: UdpTransportOptions): ResolvedUdpOptions {
  const stream = resolveTcpOptions(options, 'udp')
  const { datagramBytes = 1360, datagramChannels } = options
  requireInteger(
    fail,
    'datagramBytes',
    datagramBytes,
    64,
    Math.min(MOST_DATAGRAM_BYTES, stream.maxFrameBytes),
  )
  return { stream, datagramBytes, datagramChannels: resolveChannels(datagramChannels) }
}

function resolveChannels(channels: unknown): ReadonlySet<Channel> | undefined {
  if (channels === undefined) return undefined
  if (!Array.isArray(channels) || channels.length > 4096)
    throw fail(`datagramChannels must be an array of up to 4096 channels, not ${showValue(channels)}`)
  return new Set(channels.map((channel, at) => requireName(fail, `datagramChannels[${at}]`, channel)))
}
