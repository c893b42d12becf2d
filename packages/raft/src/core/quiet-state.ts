import type { NodeId } from '@colony/host'
import type { LogIndex, Term } from './entry.ts'

/** What a node remembers of being quiet. */
export class Quiet {
  /** No heartbeats and no election timer until something happens. */
  on = false
  /** Leader: since when nothing has happened, and what it looked at to know. */
  idleSince = 0
  lastIndex: LogIndex = 0
  round = 0
  /** Leader: number of the offer that is out; 0 for none. Numbers grow in each life of a node. */
  offer = 0
  lastOffer = 0
  readonly accepted: Set<NodeId> = new Set()
  /** Leader: when it woke, from which on a quorum has to be heard again. */
  awakeSince: number = Number.NEGATIVE_INFINITY
  /** Leader: a follower may be quiet that has not heard of any round since. */
  followersMayBe = false
  /** How often such followers were left behind by a leader that leads no more. */
  abandoned = 0
  /** Follower: the last offer that it took, which it takes only once: a copy that comes late says nothing of what is now. */
  tookTerm: Term = 0
  tookOffer = 0
}
