import { AddressBook } from '../address-book.ts'
import { invalidHostOption, requireOneOf, showValue } from '../core/validate.ts'
import { createHost } from '../create-host.ts'
import type { Host } from '../host.ts'
import { systemClock } from '../system/system-clock.ts'
import { systemRandom } from '../system/system-random.ts'
import { diagnosticsObserver } from './diagnostics.ts'
import type { TcpTransportOptions } from './options.ts'
import { tcpTransport, type TcpTransport } from './tcp-transport.ts'
import type { UdpTransportOptions } from './udp-options.ts'
import { udpTransport, type UdpTransport } from './udp-transport.ts'

/**
 * What {@link nodeHost} needs: as for {@link tcpTransport}, and an address book only if one is to be shared.
 * @category Transport
 */
export interface NodeHostOptions extends Omit<TcpTransportOptions, 'addresses'> {
  /** Where nodes are. Default: a new, empty one, which the protocols fill. */
  readonly addresses?: AddressBook
  /** What carries frames. Default `'tcp'`. */
  readonly transport?: 'tcp'
}

/**
 * What {@link nodeHost} needs for a host whose frames travel as datagrams: as for {@link udpTransport}, and an address book only if one is to be shared.
 * @category Transport
 */
export interface UdpNodeHostOptions extends Omit<UdpTransportOptions, 'addresses'> {
  /** Where nodes are. Default: a new, empty one, which the protocols fill. */
  readonly addresses?: AddressBook
  /** What carries frames: UDP, with connections for large ones. */
  readonly transport: 'udp'
}

/**
 * A {@link Host} whose transport is TCP.
 * @category Transport
 */
export interface NodeHost extends Host {
  /** The transport, with its address and its counters. */
  readonly transport: TcpTransport
}

/**
 * A {@link Host} whose transport is UDP.
 * @category Transport
 */
export interface UdpNodeHost extends Host {
  /** The transport, with its address and its counters. */
  readonly transport: UdpTransport
}

/**
 * The host of a Node process: system clock, system randomness, TCP or mutual TLS, or UDP with either beside it. Returns at once; the port is bound when the first
 * protocol opens the host, and closed when the last one has left. Every event is published on `node:diagnostics_channel`, see {@link diagnosticsObserver}.
 * @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` that names the option and its range.
 * @example
 * ```ts
 * const host = nodeHost({ clusterId: 'bank', listen: 7001 })
 * const gossiping = nodeHost({ clusterId: 'bank', listen: 7946, transport: 'udp' })
 * ```
 * @category Transport
 */
export function nodeHost(options: NodeHostOptions): NodeHost
/**
 * The same with UDP.
 * @category Transport
 */
export function nodeHost(options: UdpNodeHostOptions): UdpNodeHost
export function nodeHost(options: NodeHostOptions | UdpNodeHostOptions): NodeHost | UdpNodeHost {
  if (typeof options !== 'object' || options === null) throw invalidHostOption('options must be an object')
  const { clock = systemClock, random = systemRandom(), addresses = new AddressBook() } = options
  const { clusterId } = options
  const next: unknown = options.observer
  if (next !== undefined && typeof next !== 'function')
    throw invalidHostOption(`observer must be a function, not ${showValue(next)}`)
  const observer = diagnosticsObserver(options.observer)
  const parts = { clock, random, addresses, observer }
  const kind = requireOneOf(invalidHostOption, 'transport', options.transport ?? 'tcp', ['tcp', 'udp'])
  const transport =
    kind === 'udp' ? udpTransport({ ...options, ...parts }) : tcpTransport({ ...options, ...parts })
  return createHost({ clusterId, transport, ...parts }) as NodeHost | UdpNodeHost
}
