import type { Clock, NodeId, Transport } from '@colony/host'

/** What a broken transport is made of. */
export interface FaultParts {
  readonly id: NodeId
  readonly clock: Clock
  /** For the nodes of a network to keep notes of openings, as they would in an address book. */
  readonly opened: NodeId[]
}

/** Methods that take the place of the sound ones. */
export type TransportFault = (inner: Transport, parts: FaultParts) => Partial<Transport>

/** Of every transport that is broken on purpose. */
export const MAX_FRAME_BYTES = 65_536
