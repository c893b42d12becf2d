import type { NodeId } from '@colony/host'
import type { Component } from '../component.ts'
import type { Member, Verdict } from '../members/member.ts'
import type { Ack } from './probe-messages.ts'

/** Finds out who does not answer. What follows from that (suspicion, refutation, failure) is the same for all detectors. */
export interface Detector extends Component {
  /** A packet of a member came, whatever was in it. */
  heard(from: NodeId): void
  /** An answer came that belongs to no request of others. */
  acked(ack: Ack, from: NodeId): void
  /** A helper says that it got no answer either. */
  nacked(sequence: number, from: NodeId): void
  /** There is reason to look at a member now, before its turn. */
  probeSoon(id: NodeId): void
  /** This process stood still for so long: nobody else is to blame for the silence. */
  stalled(ms: number): void
  /** The table changed. */
  memberChanged(before: Member | undefined, after: Member | undefined): void
}

/** What a detector tells. */
export interface DetectorParts {
  /** This node got no answer from a member. */
  accuse(id: NodeId, path: Verdict['path']): void
}
