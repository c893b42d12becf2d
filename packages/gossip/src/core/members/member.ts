import type { Address, NodeId } from '@colony/host'
import type { Incarnation } from './incarnation.ts'

/**
 * How a member stands.
 *
 * - `'alive'`: it answers, or nobody has complained;
 * - `'suspect'`: somebody got no answer; it is a member still, and may refute;
 * - `'failed'`: the suspicion was not refuted in time;
 * - `'left'`: it said goodbye, or was removed.
 * @category Members
 */
export type MemberStatus = 'alive' | 'suspect' | 'failed' | 'left'

/**
 * One member as it is known here: an immutable snapshot.
 * @category Members
 */
export interface Member {
  /** Who. */
  readonly id: NodeId
  /** Where it can be reached, as its transport spells it. */
  readonly address: Address
  /** Which life and word of it. */
  readonly incarnation: Incarnation
  /** How it stands. */
  readonly status: MemberStatus
  /** The zone that it named; `''` when it named none. */
  readonly zone: string
}

/**
 * Why a member stands as it does: the evidence of one change of its status.
 * @category Members
 */
export interface Verdict {
  /** When, on this node's clock, in milliseconds. */
  readonly at: number
  /** What it became. */
  readonly status: MemberStatus
  /** Which incarnation this was about. */
  readonly incarnation: Incarnation
  /** How this node learned of it: by probing it (which `path` the last attempt took), by word of others, or by itself. */
  readonly path:
    'direct' | 'indirect' | 'stream' | 'phi' | 'gossip' | 'sync' | 'timeout' | 'self' | 'operator'
  /** Who said so first; this node's own id when it did. */
  readonly accuser: NodeId
  /** Who else said so, independently. */
  readonly confirmations: readonly NodeId[]
  /** The mean round trip to the member when it was probed last, in milliseconds; absent where it never answered here. */
  readonly roundTripMs?: number
  /** This node's own local health score at that time: 0 is well, 8 is worst (Lifeguard). */
  readonly localHealth: number
  /** In words, for a log. */
  readonly text: string
}
