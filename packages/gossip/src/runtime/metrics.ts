/**
 * Packets handed to the transport, and taken from it.
 * @category Node
 */
export interface PacketMetrics {
  /** Packets sent. */
  readonly sent: number
  /** Packets that came, whether they could be opened or not. */
  readonly received: number
  /** Bytes of the frames sent, as the transport sees them. */
  readonly bytesSent: number
  /** Bytes of the frames that came. */
  readonly bytesReceived: number
  /** Of the packets sent: over a connection. */
  readonly streamsSent: number
  /** Of the packets sent: not taken by the transport (no connection, congested, address not known). */
  readonly notTaken: number
}

/**
 * How often the event loop came late to a timer.
 * @category Node
 */
export interface StallMetrics {
  /** How often, by more than 5 ms. */
  readonly count: number
  /** By how much at most, in milliseconds. */
  readonly longestMs: number
}

/**
 * What a node has counted since it began.
 * @category Node
 */
export interface GossipMetrics {
  /** Packets out and in. */
  readonly packets: PacketMetrics
  /** What others sent and was ignored, by reason. `sealed`: the keyring could not open it. */
  readonly dropped: Readonly<Record<string, number>>
  /** Times that the event loop was held up. */
  readonly stalls: StallMetrics
  /** Events that slow readers of `events()` missed. */
  readonly droppedEvents: number
  /** Values and messages of others that no codec here could decode. */
  readonly undecodable: number
}
