import { CLOSE_REASONS, REFUSAL_REASONS, type CloseReason, type RefusalReason } from '../core/refusal.ts'

/**
 * What a TCP transport has done since it was made: whole numbers that only grow, except the first three, which say how things are.
 * @category Transport
 */
export interface TcpTransportStats {
  /** Connections that other nodes made and that are up, handshakes included. */
  readonly incoming: number
  /** Connections that this node made and that are up, handshakes not included. */
  readonly outgoing: number
  /** Bytes accepted by `send` and not yet taken by the operating system. */
  readonly queuedBytes: number
  /** Frames that `send` accepted. */
  readonly framesSent: number
  /** Frames that were delivered to a handler. */
  readonly framesReceived: number
  /** Frames that `send` refused, and those accepted ahead of a connection that failed. */
  readonly framesDropped: number
  /** Frames that arrived on a channel without a handler. */
  readonly framesUnclaimed: number
  /** Bytes written to sockets, handshakes not included. */
  readonly bytesSent: number
  /** Bytes read from sockets, handshakes not included. */
  readonly bytesReceived: number
  /** Handlers that threw. */
  readonly handlerFailures: number
  /** Connects that the network refused or left unanswered. */
  readonly connectFailures: number
  /** Connections refused in the handshake, by reason. */
  readonly refused: Readonly<Record<RefusalReason, number>>
  /** Connections closed after the handshake, by reason. */
  readonly closed: Readonly<Record<CloseReason, number>>
}

type Mutable<Record> = { -readonly [Key in keyof Record]: Record[Key] }

/** The part of {@link TcpTransportStats} that says how things are. */
export type TcpGauges = Pick<TcpTransportStats, 'incoming' | 'outgoing' | 'queuedBytes'>

/** The part of {@link TcpTransportStats} that counts, shared by the parts of one transport. */
export interface TcpCounters extends Mutable<
  Omit<TcpTransportStats, keyof TcpGauges | 'refused' | 'closed'>
> {
  readonly refused: Record<RefusalReason, number>
  readonly closed: Record<CloseReason, number>
}

/** Counters that have counted nothing. */
export function createCounters(): TcpCounters {
  return {
    framesSent: 0,
    framesReceived: 0,
    framesDropped: 0,
    framesUnclaimed: 0,
    bytesSent: 0,
    bytesReceived: 0,
    handlerFailures: 0,
    connectFailures: 0,
    refused: zeros(REFUSAL_REASONS),
    closed: zeros(CLOSE_REASONS),
  }
}

/** A copy for the user. */
export function snapshotStats(counters: TcpCounters, gauges: TcpGauges): TcpTransportStats {
  return { ...gauges, ...counters, refused: { ...counters.refused }, closed: { ...counters.closed } }
}

function zeros<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>
}
