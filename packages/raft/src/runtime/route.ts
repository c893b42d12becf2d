import type { NodeId } from '@colony/host'
import type { LogIndex } from '../core/entry.ts'
import type { CoreRole } from '../core/core-options.ts'
import type { DriverMessage } from './wire.ts'

/** What proposals and reads need to know and do to find the leader. The driver implements it. */
export interface Route {
  /** This node. */
  readonly id: NodeId
  /** What it is just now. */
  readonly role: CoreRole
  /** Its current term. */
  readonly term: number
  /** Who leads that term, if known. */
  readonly leader: NodeId | undefined
  /** Tells this life of the node from its others. */
  readonly life: number
  /** Monotonic milliseconds. */
  readonly now: number
  /** On the leader: what its log holds beyond what is committed, which outlives the calls that wanted it. */
  readonly uncommitted: { readonly entries: number; readonly bytes: number }
  /** Sends to another node's driver; false when it was dropped at once. */
  send(to: NodeId, message: DriverMessage): boolean
  /** Asks to be called for work again, soon. */
  wake(): void
}

/** What reads need besides. */
export interface ReadRoute extends Route {
  /** Last index that the machine has applied. */
  readonly applied: LogIndex
  /** How old what the machine has applied can be, in milliseconds. Reads the clock. */
  staleMs(): number
  /** While this node leads and holds a lease, up to where a linearizable read must see; else -1. Reads the clock. */
  leaseIndex(): LogIndex
}
