import type { AddressBook } from '../address-book.ts'
import type { Clock } from '../clock.ts'
import type { Address } from '../core/identity.ts'
import type { Random } from '../core/random.ts'
import {
  invalidHostOption as fail,
  requireDuration,
  requireInteger,
  requireMethods,
  requireName,
  showValue,
} from '../core/validate.ts'
import type { Observer } from '../observer.ts'
import { systemClock } from '../system/system-clock.ts'
import { systemRandom } from '../system/system-random.ts'
import { parseTcpAddress, type Scheme, type TcpEndpoint } from './tcp-address.ts'
import { prepareTls, type TlsOptions, type TlsSetup } from './tls.ts'

/**
 * The delay after n connects in a row have failed: a random part (full jitter) of `minMs * 2^(n - 1)`, at most of `maxMs`.
 * A sign of life from the peer, or a new address of it, cuts the delay short.
 * @category Transport
 */
export interface ReconnectOptions {
  /** Bound of the first delay, 1 to 600000 ms. Default 50. */
  readonly minMs?: number
  /** Bound of every delay, from `minMs` to 600000 ms. Default 2000, or `minMs` if that is more. */
  readonly maxMs?: number
}

/**
 * Where and how a TCP transport listens, and its limits. What `nodeHost` and `tcpTransport` have in common.
 * @category Transport
 */
export interface TcpOptions {
  /**
   * Where to listen: a port on every interface, `'host:port'`, or both apart. Port 0 takes a free one, to be read from
   * {@link TcpTransport.localAddress}. Required.
   */
  readonly listen: number | string | TcpEndpoint
  /**
   * What to tell others about where this node is, such as `tcp://203.0.113.7:7001` behind a translated address.
   * Default: the address that is listened at, with the first address of an outward interface in place of a wildcard.
   */
  readonly advertise?: Address
  /** Encrypts and authenticates every connection. Default: none, plain TCP, where anybody who reaches the port can claim any node id. */
  readonly tls?: TlsOptions
  /**
   * Largest frame that is sent or accepted, in bytes of payload, 1 KiB to 1 GiB. A larger one costs its connection before anything is
   * allocated for it. Default 16 MiB: room for snapshot chunks and batches, while a hostile peer cannot pin much.
   */
  readonly maxFrameBytes?: number
  /**
   * Bytes that may wait for one peer, from `maxFrameBytes` to 4 GiB; when they are exceeded `send` returns `false`.
   * Default 32 MiB, or `maxFrameBytes` if that is more.
   */
  readonly maxQueueBytes?: number
  /** Connections that other nodes may hold to this one at once, 1 to 100000. Default 4096: one a node, and some to spare. */
  readonly maxConnections?: number
  /** Time for connecting, TLS and introductions together, 1 to 600000 ms. Default 5000. */
  readonly handshakeTimeoutMs?: number
  /**
   * How often each connection is pinged by the side that made it, 1 to 600000 ms. Default 5000.
   * Must be below the `idleTimeoutMs` of every node, so give all nodes the same.
   */
  readonly pingIntervalMs?: number
  /**
   * A connection on which nothing was heard for this long is half-open, and closed; above `pingIntervalMs`, up to 3600000 ms. Looked at
   * every `pingIntervalMs`. Default three times `pingIntervalMs`: two pings in a row may get lost in a stall.
   */
  readonly idleTimeoutMs?: number
  /** A connection that nothing was sent on for this long is given up until the next `send`, 1 to 86400000 ms. Default 60000. */
  readonly lingerMs?: number
  /** How long `close` waits for what was accepted to be written, 0 to 60000 ms. Default 1000. */
  readonly closeTimeoutMs?: number
  /** How long to wait before dialling a peer again. */
  readonly reconnect?: ReconnectOptions
}

/**
 * Everything a TCP transport needs.
 * @category Transport
 */
export interface TcpTransportOptions extends TcpOptions {
  /** Names the cluster, 1 to 255 bytes of UTF-8; nodes of another one are refused. Required. */
  readonly clusterId: string
  /** Where peers are looked up at every connect. The transport adds its own address when it opens. Required. */
  readonly addresses: AddressBook
  /** Drives every deadline. Default: the system's. */
  readonly clock?: Clock
  /** Source of jitter and of the incarnation. Default: the system's. */
  readonly random?: Random
  /** Receives the transport's events. Default: none. */
  readonly observer?: Observer
}

/** {@link TcpTransportOptions} with every default filled in, every range checked and the keys read. */
export interface ResolvedTcpOptions {
  readonly clusterId: string
  readonly addresses: AddressBook
  readonly clock: Clock
  readonly random: Random
  readonly observer: Observer | undefined
  /** UDP changes it before it opens the stream beside it: both have one port. */
  readonly listen: { host: string | undefined; port: number }
  /** How the address that is published begins. */
  readonly scheme: Scheme
  readonly advertise: Address | undefined
  readonly tls: TlsSetup | undefined
  readonly maxFrameBytes: number
  readonly maxQueueBytes: number
  readonly maxConnections: number
  readonly handshakeTimeoutMs: number
  readonly pingIntervalMs: number
  readonly idleTimeoutMs: number
  readonly lingerMs: number
  readonly closeTimeoutMs: number
  readonly reconnect: { readonly minMs: number; readonly maxMs: number }
}

const KIB = 1024
const GIB = 1024 ** 3
const LONGEST_TIMEOUT_MS = 600_000

/**
 * Checks options and fills in defaults.
 * @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` that names the option and its range.
 */
export function resolveTcpOptions(options: TcpTransportOptions, scheme: Scheme = 'tcp'): ResolvedTcpOptions {
  if (typeof options !== 'object' || options === null)
    throw fail(`options must be an object, not ${showValue(options)}`)
  const { observer, advertise, random = systemRandom() } = options
  if (observer !== undefined && typeof observer !== 'function') {
    throw fail(`observer must be a function, not ${showValue(observer)}`)
  }
  if (
    advertise !== undefined &&
    (typeof advertise !== 'string' || parseTcpAddress(advertise) === undefined)
  ) {
    throw fail(`advertise must be an address like '${scheme}://10.0.0.1:7001', not ${showValue(advertise)}`)
  }
  return {
    clusterId: requireName(fail, 'clusterId', options.clusterId),
    addresses: requireMethods(fail, 'addresses', options.addresses, ['get', 'set', 'delete', 'entries']),
    clock: requireMethods(fail, 'clock', options.clock ?? systemClock, ['now', 'after', 'afterInput']),
    // A stream of its own: what the network makes the transport draw must not shift anybody else's numbers.
    random: requireMethods(fail, 'random', random, ['float', 'integer', 'fork']).fork('transport'),
    observer,
    listen: { ...resolveListen(options.listen) },
    scheme,
    advertise,
    tls: options.tls === undefined ? undefined : prepareTls(options.tls),
    ...resolveSizes(options),
    ...resolveDurations(options),
  }
}

function resolveListen(listen: unknown): Readonly<ResolvedTcpOptions['listen']> {
  const allowed = "a port from 0 to 65535, 'host:port' or { host, port }"
  if (typeof listen === 'string') {
    const endpoint = parseTcpAddress(listen)
    if (endpoint === undefined) throw fail(`listen must be ${allowed}, not ${showValue(listen)}`)
    return endpoint
  }
  if (typeof listen === 'object' && listen !== null && 'host' in listen && 'port' in listen) {
    const { host, port } = listen
    if (typeof host !== 'string' || host === '')
      throw fail(`listen.host must be a host name, not ${showValue(host)}`)
    return { host, port: requireInteger(fail, 'listen.port', port, 0, 65_535) }
  }
  if (typeof listen !== 'number') throw fail(`listen must be ${allowed}, not ${showValue(listen)}`)
  return { host: undefined, port: requireInteger(fail, 'listen', listen, 0, 65_535) }
}

function resolveSizes(
  options: TcpOptions,
): Pick<ResolvedTcpOptions, 'maxFrameBytes' | 'maxQueueBytes' | 'maxConnections'> {
  const { maxFrameBytes = 16 * KIB * KIB, maxConnections = 4096 } = options
  requireInteger(fail, 'maxFrameBytes', maxFrameBytes, KIB, GIB)
  const { maxQueueBytes = Math.max(32 * KIB * KIB, maxFrameBytes) } = options
  requireInteger(fail, 'maxQueueBytes', maxQueueBytes, maxFrameBytes, 4 * GIB)
  requireInteger(fail, 'maxConnections', maxConnections, 1, 100_000)
  return { maxFrameBytes, maxQueueBytes, maxConnections }
}

type Durations =
  'handshakeTimeoutMs' | 'pingIntervalMs' | 'idleTimeoutMs' | 'lingerMs' | 'closeTimeoutMs' | 'reconnect'

function resolveDurations(options: TcpOptions): Pick<ResolvedTcpOptions, Durations> {
  const {
    handshakeTimeoutMs = 5000,
    pingIntervalMs = 5000,
    lingerMs = 60_000,
    closeTimeoutMs = 1000,
  } = options
  requireDuration(fail, 'handshakeTimeoutMs', handshakeTimeoutMs, 1, LONGEST_TIMEOUT_MS)
  requireDuration(fail, 'pingIntervalMs', pingIntervalMs, 1, LONGEST_TIMEOUT_MS)
  const { idleTimeoutMs = pingIntervalMs * 3 } = options
  requireDuration(fail, 'idleTimeoutMs', idleTimeoutMs, pingIntervalMs + 1, 3_600_000)
  requireDuration(fail, 'lingerMs', lingerMs, 1, 86_400_000)
  requireDuration(fail, 'closeTimeoutMs', closeTimeoutMs, 0, 60_000)
  const { minMs = 50, maxMs = Math.max(2000, minMs) } = options.reconnect ?? {}
  requireDuration(fail, 'reconnect.minMs', minMs, 1, LONGEST_TIMEOUT_MS)
  requireDuration(fail, 'reconnect.maxMs', maxMs, minMs, LONGEST_TIMEOUT_MS)
  const reconnect = { minMs, maxMs }
  return { handshakeTimeoutMs, pingIntervalMs, idleTimeoutMs, lingerMs, closeTimeoutMs, reconnect }
}
