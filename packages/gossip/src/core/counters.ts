/**
 * What a core has done so far, as plain numbers that only grow.
 * @category Core
 */
export interface CoreCounters {
  /** Packets taken in. */
  readonly packets: number
  /** Own probes begun. */
  readonly probes: number
  /** Own probes that were answered, by whatever path. */
  readonly acks: number
  /** Those of them that were answered through a helper first. */
  readonly indirectAcks: number
  /** Those of them that were answered over a stream first. */
  readonly streamAcks: number
  /** Helpers' words that they got no answer either. */
  readonly nacks: number
  /** Own probes that were not answered. */
  readonly failedProbes: number
  /** How often this node contradicted a complaint about itself. */
  readonly refutations: number
  /** Suspects that did not refute in time, here. */
  readonly convictions: number
  /** Comparisons with another node that this one began. */
  readonly syncs: number
}

/** The same, while it is counted. */
export type Counting = { -readonly [Name in keyof CoreCounters]: number }

/** All zero. */
export function noCounts(): Counting {
  return {
    packets: 0,
    probes: 0,
    acks: 0,
    indirectAcks: 0,
    streamAcks: 0,
    nacks: 0,
    failedProbes: 0,
    refutations: 0,
    convictions: 0,
    syncs: 0,
  }
}
