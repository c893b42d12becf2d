import type { ReadConsistency } from './consistency.ts'
import type { RaftMetrics } from './metrics.ts'
import { CONSISTENCIES } from './read-demand.ts'

/** What became of the reads of one level. */
export interface ReadOutcomes {
  served: number
  failed: number
}

/** Counts the reads of a node. */
export class ReadCounters {
  /** By level. */
  readonly outcomes: Readonly<Record<ReadConsistency, ReadOutcomes>>
  /** How often this node's core was asked to confirm that it leads. */
  rounds = 0
  /** How often a leader elsewhere was. */
  forwarded = 0

  constructor() {
    const none = CONSISTENCIES.map((consistency) => [consistency, { served: 0, failed: 0 }])
    this.outcomes = Object.fromEntries(none) as Record<ReadConsistency, ReadOutcomes>
  }

  /** The figures of now. */
  snapshot(): Pick<RaftMetrics, 'reads' | 'readRounds' | 'forwardedReads'> {
    const { linearizable, lease, bounded, local } = this.outcomes
    return {
      reads: {
        linearizable: { ...linearizable },
        lease: { ...lease },
        bounded: { ...bounded },
        local: { ...local },
      },
      readRounds: this.rounds,
      forwardedReads: this.forwarded,
    }
  }

  /** One was answered. */
  served(consistency: ReadConsistency): void {
    this.outcomes[consistency].served++
  }

  /** One was given up. */
  failed(consistency: ReadConsistency): void {
    this.outcomes[consistency].failed++
  }
}
