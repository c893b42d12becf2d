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
import type { WebSocketLike } from './web-socket.ts'

/**
 * What {@link webSocketTransport} takes.
 * @category WebSocket
 */
export interface WebSocketTransportOptions {
  /** Names the cluster, 1 to 255 bytes of UTF-8; nodes of another one are refused. Required. */
  readonly clusterId: string
  /** Where peers are looked up at every connect, as `ws://` or `wss://` addresses. Required. */
  readonly addresses: AddressBook
  /** Makes a socket to a server. Default: the platform's `WebSocket`; where there is none (Node before 22), this node only answers. */
  readonly connect?: (url: string) => WebSocketLike
  /** Where others reach this node, such as `wss://api-7.internal/colony`. Default: nowhere: it is one that dials, as a browser is. */
  readonly advertise?: Address
  /** Largest frame that is sent or accepted, in bytes of payload, 1 KiB to 1 GiB. Default 1 MiB. */
  readonly maxFrameBytes?: number
  /** Bytes that may wait for one peer, from `maxFrameBytes` to 4 GiB; when they are exceeded `send` returns `false`. Default 8 MiB, or `maxFrameBytes` if that is more. */
  readonly maxQueueBytes?: number
  /** Connections that may be there at once, 1 to 100000. Default 4096. */
  readonly maxConnections?: number
  /** Time for connecting and introductions together, 1 to 600000 ms. Default 5000. */
  readonly handshakeTimeoutMs?: number
  /** How often each connection is pinged by the side that made it, 1 to 600000 ms. Default 5000. Must be below the `idleTimeoutMs` of every node. */
  readonly pingIntervalMs?: number
  /** A connection on which nothing was heard for this long is half-open, and closed; above `pingIntervalMs`, up to 3600000 ms. Default three times `pingIntervalMs`. */
  readonly idleTimeoutMs?: number
  /** The longest pause before a peer is dialled again, 1 to 600000 ms. The first one is a fortieth of it; full jitter. Default 2000. */
  readonly reconnectMs?: number
  /** Drives every deadline. Default: the system's. */
  readonly clock?: Clock
  /** Source of jitter and of the incarnation. Default: the system's. */
  readonly random?: Random
  /** Receives the transport's events. Default: none. */
  readonly observer?: Observer
}

/** The same with every default filled in. */
export type ResolvedWebSocketOptions = Required<
  Omit<WebSocketTransportOptions, 'connect' | 'advertise' | 'observer'>
> & {
  readonly connect: ((url: string) => WebSocketLike) | undefined
  readonly advertise: Address | undefined
  readonly observer: Observer | undefined
}

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB
const LONGEST_MS = 600_000

/** @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` that names the option and its range. */
export function resolveWebSocketOptions(options: WebSocketTransportOptions): ResolvedWebSocketOptions {
  if (typeof options !== 'object' || options === null)
    throw fail(`options must be an object, not ${showValue(options)}`)
  const { advertise, observer } = options
  if (advertise !== undefined && !isWebSocketAddress(advertise))
    throw fail(`advertise must be an address like 'wss://host/path', not ${showValue(advertise)}`)
  if (observer !== undefined && typeof observer !== 'function')
    throw fail(`observer must be a function, not ${showValue(observer)}`)
  const maxFrameBytes = requireInteger(fail, 'maxFrameBytes', options.maxFrameBytes ?? MIB, KIB, GIB)
  const pingIntervalMs = requireDuration(
    fail,
    'pingIntervalMs',
    options.pingIntervalMs ?? 5000,
    1,
    LONGEST_MS,
  )
  const random = requireMethods(fail, 'random', options.random ?? systemRandom(), [
    'float',
    'integer',
    'fork',
  ])
  return {
    clusterId: requireName(fail, 'clusterId', options.clusterId),
    addresses: requireMethods(fail, 'addresses', options.addresses, ['get', 'set', 'delete', 'entries']),
    connect: resolveConnect(options.connect),
    advertise,
    maxFrameBytes,
    maxQueueBytes: requireInteger(
      fail,
      'maxQueueBytes',
      options.maxQueueBytes ?? Math.max(8 * MIB, maxFrameBytes),
      maxFrameBytes,
      4 * GIB,
    ),
    maxConnections: requireInteger(fail, 'maxConnections', options.maxConnections ?? 4096, 1, 100_000),
    handshakeTimeoutMs: requireDuration(
      fail,
      'handshakeTimeoutMs',
      options.handshakeTimeoutMs ?? 5000,
      1,
      LONGEST_MS,
    ),
    pingIntervalMs,
    idleTimeoutMs: requireDuration(
      fail,
      'idleTimeoutMs',
      options.idleTimeoutMs ?? 3 * pingIntervalMs,
      pingIntervalMs + 1,
      3_600_000,
    ),
    reconnectMs: requireDuration(fail, 'reconnectMs', options.reconnectMs ?? 2000, 1, LONGEST_MS),
    clock: requireMethods(fail, 'clock', options.clock ?? systemClock, ['now', 'after', 'afterInput']),
    random: random.fork('transport'),
    observer,
  }
}

/** Whether it begins as the address of a WebSocket server does. */
export function isWebSocketAddress(address: unknown): boolean {
  return typeof address === 'string' && /^wss?:\/\/[^/]/.test(address) && address.length <= 2048
}

function resolveConnect(
  connect: WebSocketTransportOptions['connect'],
): ((url: string) => WebSocketLike) | undefined {
  if (connect !== undefined) {
    if (typeof connect === 'function') return connect
    throw fail(`connect must be a function that makes a WebSocket, not ${showValue(connect)}`)
  }
  const { WebSocket: Platform } = globalThis as { WebSocket?: new (url: string) => WebSocketLike }
  return Platform === undefined ? undefined : (url) => new Platform(url)
}
