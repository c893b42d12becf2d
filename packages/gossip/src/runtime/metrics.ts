/**
 * What a node has counted since it began.
 * @category Node
 */
export interface GossipMetrics {
  /** Packets handed to the transport, and taken from it; bytes of frames, as the transport sees them. */
  readonly packets: {
    readonly sent: number
    readonly received: number
    readonly bytesSent: number
    readonly bytesReceived: number
    /** Of those sent: over a connection. */
    readonly streamsSent: number
    /** What the transport did not take: no connection, congested, address not known. */
    readonly notTaken: number
  }
  /** What others sent and was ignored, by reason. `sealed`: the keyring could not open it. */
  readonly dropped: Readonly<Record<string, number>>
  /** Times that the event loop came late to a timer, and by how many milliseconds at most. */
  readonly stalls: { readonly count: number; readonly longestMs: number }
  /** Events that slow readers of `events()` missed. */
  readonly droppedEvents: number
  /** Values and messages of others that no codec here could decode. */
  readonly undecodable: number
}
