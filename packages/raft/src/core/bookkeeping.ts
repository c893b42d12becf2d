import type { NodeId } from '@colony/host'
import type { LogIndex } from './entry.ts'

/** A read that waits to be confirmed by the answers to `round`. */
export interface WaitingRead {
  readonly id: number
  readonly round: number
  /** Commit index when the round began. */
  readonly index: LogIndex
}

/** When a leader stops speaking to a node that was removed: once it has answered `round`, or when `until` is past. */
export interface Farewell {
  readonly round: number
  readonly until: number
}

/** A round of heartbeats and when it was sent. */
export interface SentRound {
  readonly round: number
  readonly at: number
}

/** Leadership that is being handed over. */
export interface Transfer {
  /** Who is to lead next. */
  readonly to: NodeId
  /** When it is given up. */
  readonly deadline: number
  /** The target holds everything and was told to campaign. */
  told: boolean
}

/** Why messages were dropped, counted. */
export interface DropCounters {
  /** Addressed to another node, or sent by this one; or an answer of later term from a node that is no member. */
  stranger: number
  /** Contradicts what is committed here, or itself: a peer is broken or lies. */
  impossible: number
}
