/**
 * Every interval and limit of the protocol, in milliseconds where nothing else is said. Made from a profile (`lan`, `wan`, `local`); what depends on the number
 * of members is derived from the live number whenever it is needed, never from a configured one.
 * @category Core
 */
export interface Timing {
  /** Between two probes of a node: T' of SWIM. lan 1000, wan 5000, local 1000 (200 with `local` where detection within two seconds is wanted). */
  readonly probeIntervalMs: number
  /** How long a direct probe waits before others are asked, at most; adapted downwards to each peer's round trip. lan 500, wan 3000, local 200. */
  readonly probeTimeoutMs: number
  /** The least that it is adapted to. lan 50, wan 200, local 20. */
  readonly minProbeTimeoutMs: number
  /** How many others are asked to probe. 3. */
  readonly indirectProbes: number
  /** α: the least suspicion is α · max(1, log10 n) probe intervals. lan 4, wan 6, local 3. */
  readonly suspicionFactor: number
  /** β: the longest suspicion is β times the least. 6. */
  readonly maxSuspicionFactor: number
  /** Between two gossip packets, sent only while there is something to say. lan 200, wan 500, local 100. */
  readonly gossipIntervalMs: number
  /** To how many members each goes. lan 3, wan 4, local 3. */
  readonly gossipFanout: number
  /** An item is sent retransmitFactor · ⌈log10(n + 1)⌉ times. lan 4, wan 4, local 2. */
  readonly retransmitFactor: number
  /** Between two exchanges of summaries with somebody by stream or datagram, when nothing else showed a difference. lan 30 000, wan 60 000, local 15 000. */
  readonly syncIntervalMs: number
  /** Between two attempts to reach a member that has failed, or a seed. Grows by backoff up to `maxReconnectIntervalMs`. lan 5 000. */
  readonly reconnectIntervalMs: number
  /** lan 30 000: any partition heals within twice that. */
  readonly maxReconnectIntervalMs: number
  /** How long members that failed or left are remembered. 24 h. */
  readonly reapAfterMs: number
  /** How long tombstones of keys, and the floor below which nothing is learned again, are kept. 24 h. */
  readonly tombstoneMs: number
}

/** Named sets of timings. */
export type Profile = 'lan' | 'wan' | 'local'
