import type { Address, NodeId, Random } from '@colony/host'
import type { Incarnation } from './incarnation.ts'

/**
 * How a core behaves. Durations in milliseconds.
 * @category Core
 */
export interface CoreOptions {
  /** This node. */
  readonly id: NodeId
  /** The voters that the group was founded with; none on a node that joins a group and knows nobody. What the log says takes their place. */
  readonly voters: readonly NodeId[]
  /** A follower that hears nothing for this long, up to twice this long, asks for an election; a leader that hears no quorum for this long steps down. */
  readonly electionTimeoutMs: number
  /** How often a leader shows that it is alive. At most a third of the election timeout. */
  readonly heartbeatIntervalMs: number
  /** Most bytes of entries in one message; a single larger entry still travels alone. */
  readonly maxBatchBytes: number
  /**
   * By how much the rates of two members' clocks may differ, as a share of the faster one: above 0, at most 0.5. Given, a leader asks for
   * leases. Default: none.
   */
  readonly maxClockDrift?: number
  /** Most entries in one message. */
  readonly maxBatchEntries: number
  /** Most unanswered batches to one follower. */
  readonly maxInflightBatches: number
  /** Most bytes of entries in them; a single larger entry still goes alone. Default: no limit. */
  readonly maxInflightBytes?: number
  /**
   * Lets the group be quiet, without heartbeats, once nothing has happened for so long: only where whoever drives the core tells it of nodes that fall silent (`peer-silent`,
   * `peer-closed`, `wake`), and for all members of a group or none. Default: never.
   */
  readonly quietAfterMs?: number
  /** How much this node would like to lead: leaders of lower priority hand over to it. Integer from 0 to 255. Default 0. */
  readonly priority?: number
  /** Where the founders are, as far as this node was told: the first leader writes it down with who they are. Default: nowhere. */
  readonly addresses?: ReadonlyMap<NodeId, Address>
  /** Which data this node has, as its storage says. Without it the group cannot tell when that is lost. Default 0: none. */
  readonly incarnation?: Incarnation
  /** After how many elections that came to nothing a majority of the founders is enough for the first leader. Default: after none; it takes all of them. */
  readonly foundingPatience?: number
  /** What a leader does about voters that were wiped: `rejoin` (the default) brings them back as learners, and then as voters; `refuse` leaves that to others. */
  readonly wipedNodes?: 'rejoin' | 'refuse'
  /** Randomises election timeouts. */
  readonly random: Random
}

/** What a node is; see `Role` of the public face. */
export type CoreRole = 'follower' | 'pre-candidate' | 'candidate' | 'leader'
