import type { NodeId } from '@colony/host'
import type { Incarnation } from './incarnation.ts'
import type { MembershipNotice } from './message.ts'

/**
 * What one core knows of incarnations beside what its membership says. A voter is a pair of id and incarnation: one that answers with another incarnation than the membership names has
 * forgotten its votes and its log, and is another node that has the same name.
 */
export class Incarnations {
  /** That of this node's storage; 0 where the storage has none. */
  readonly own: Incarnation
  /** Nodes that answered with other data than the group knew them by, and which. */
  readonly heard: Map<NodeId, Incarnation> = new Map()
  /** On a leader: incarnations that others took the place of in its term. What still arrives of them is old. */
  readonly replaced: Set<Incarnation> = new Set()
  /** On a follower: its leader understands incarnations, so answers carry ours. */
  asked = false
  /** Elections that came to nothing, while the group was not founded as far as this node knows: in this life, and since anybody was heard of who holds anything. */
  foundingTries = 0
  /** What a leader said of our membership. Void once our log says more. */
  notice: MembershipNotice | undefined

  constructor(own: Incarnation) {
    this.own = own
  }

  /** What an answer carries to somebody whose message carried `theirs`: an older version would not understand. */
  answering(theirs: Incarnation | undefined): Incarnation {
    return theirs === undefined || theirs === 0 ? 0 : this.own
  }
}
