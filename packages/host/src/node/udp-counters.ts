import type { TcpTransportStats } from './tcp-counters.ts'

/**
 * What a UDP transport has done since it was made: whole numbers that only grow, except the first.
 * @category Transport
 */
export interface UdpTransportStats {
  /** Bytes of datagrams accepted by `send` and not yet taken by the operating system. */
  readonly queuedBytes: number
  /** Frames that `send` accepted and that travelled alone. */
  readonly datagramsSent: number
  /** Datagrams that were delivered to a handler. */
  readonly datagramsReceived: number
  /** Frames for a datagram that were refused: unknown or impossible address, too many waiting, not open. */
  readonly datagramsDropped: number
  /** Datagrams that arrived on a channel without a handler. */
  readonly datagramsUnclaimed: number
  /** Datagrams of another cluster or version, and what is no datagram of colony's at all. */
  readonly datagramsForeign: number
  /** Datagrams of this cluster whose head is malformed, or bears this node's own id. */
  readonly datagramsMalformed: number
  /** Bytes sent in datagrams, heads included; what UDP and IP add is not. */
  readonly bytesSent: number
  /** Bytes received in datagrams, heads included. */
  readonly bytesReceived: number
  /** Datagrams that the operating system refused to send, and errors that it reported of others later (such as an unreachable port). */
  readonly datagramErrors: number
  /** Handlers that threw. */
  readonly handlerFailures: number
  /** Host names that could not be resolved. */
  readonly lookupFailures: number
  /** What went over connections. */
  readonly stream: TcpTransportStats
}

/** The part of {@link UdpTransportStats} that counts. */
export type UdpCounters = {
  -readonly [Key in Exclude<keyof UdpTransportStats, 'queuedBytes' | 'stream'>]: number
}

/** Counters that have counted nothing. */
export function createUdpCounters(): UdpCounters {
  return {
    datagramsSent: 0,
    datagramsReceived: 0,
    datagramsDropped: 0,
    datagramsUnclaimed: 0,
    datagramsForeign: 0,
    datagramsMalformed: 0,
    bytesSent: 0,
    bytesReceived: 0,
    datagramErrors: 0,
    handlerFailures: 0,
    lookupFailures: 0,
  }
}
