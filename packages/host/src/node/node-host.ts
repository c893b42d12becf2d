import { AddressBook } from '../address-book.ts'
import { invalidHostOption, showValue } from '../core/validate.ts'
import { createHost } from '../create-host.ts'
import type { Host } from '../host.ts'
import { systemClock } from '../system/system-clock.ts'
import { systemRandom } from '../system/system-random.ts'
import { diagnosticsObserver } from './diagnostics.ts'
import type { TcpTransportOptions } from './options.ts'
import { tcpTransport, type TcpTransport } from './tcp-transport.ts'

/**
 * What {@link nodeHost} needs: as for {@link tcpTransport}, and an address book only if one is to be shared.
 * @category Transport
 */
export interface NodeHostOptions extends Omit<TcpTransportOptions, 'addresses'> {
  /** Where nodes are. Default: a new, empty one, which the protocols fill. */
  readonly addresses?: AddressBook
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
 * The host of a Node process: system clock, system randomness, TCP or mutual TLS. Returns at once; the port is bound when the first
 * protocol opens the host, and closed when the last one has left. Every event is published on `node:diagnostics_channel`, see {@link diagnosticsObserver}.
 * @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` that names the option and its range.
 * @example
 * ```ts
 * const host = nodeHost({ clusterId: 'bank', listen: 7001 })
 * ```
 * @category Transport
 */
export function nodeHost(options: NodeHostOptions): NodeHost {
  if (typeof options !== 'object' || options === null) throw invalidHostOption('options must be an object')
  const { clock = systemClock, random = systemRandom(), addresses = new AddressBook() } = options
  const { clusterId } = options
  const next: unknown = options.observer
  if (next !== undefined && typeof next !== 'function')
    throw invalidHostOption(`observer must be a function, not ${showValue(next)}`)
  const observer = diagnosticsObserver(options.observer)
  const transport = tcpTransport({ ...options, clock, random, addresses, observer })
  const host = createHost({ clusterId, transport, clock, random, addresses, observer })
  return host as NodeHost
}
