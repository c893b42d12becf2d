import type { Address, NodeId } from '@colony/host'
import type { Incarnation } from '../core/members/incarnation.ts'
import type { MemberStatus, Verdict } from '../core/members/member.ts'

/**
 * One member and what it says about itself: an immutable snapshot. The same object is given until something about the member changes.
 * @category Members
 */
export interface Peer<State = Readonly<Record<string, unknown>>> {
  /** Who. */
  readonly id: NodeId
  /** Where it can be reached. */
  readonly address: Address
  /** The zone that it named; `''` when it named none. */
  readonly zone: string
  /** How it stands. */
  readonly status: MemberStatus
  /** Which life of it, and which word in that life. */
  readonly incarnation: Incarnation
  /** Its state, as far as it is known here and fits the schema. */
  readonly state: State
  /** Why it stands as it does: the latest evidence. `undefined` for this node itself, and where nothing is remembered. */
  readonly why: Verdict | undefined
}

/**
 * Who is known. A view that is always up to date; what its methods return are snapshots that never change.
 * @category Members
 */
export interface Peers<State> {
  /** How many others are there: alive, or suspect. */
  readonly size: number
  /** Everybody else who is taken to be there: alive, or suspect, which is to be asked and not yet to be gone. Sorted by id. */
  alive(): readonly Peer<State>[]
  /** Everybody else who is known, also who has failed or left and is not forgotten yet. Sorted by id. */
  all(): readonly Peer<State>[]
  /** One of them, or this node itself; `undefined` for who is not known. */
  get(id: NodeId): Peer<State> | undefined
}
