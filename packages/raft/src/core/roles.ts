import type { NodeId } from '@colony/host'
import type { Term } from './entry.ts'
import { leaveQuiet } from './quiet.ts'
import { refuseReads } from './reads.ts'
import type { CoreState } from './state.ts'

/** Follows `leader`, or nobody yet, in `term`, which is the current one or a later one (section 5.1). */
export function becomeFollower(s: CoreState, term: Term, leader: NodeId | undefined): void {
  if (s.role === 'leader') {
    // What was known to be fresh while leading stays so: a commit index never goes back.
    if (s.commitIsCurrent) s.freshAt = Math.max(s.freshAt, s.quorumAt)
    refuseReads(s)
    leaveQuiet(s)
    s.progress.clear()
    s.leaving.clear()
    s.incarnations.replaced.clear()
    s.rounds.length = 0
    s.transfer = undefined
  }
  if (term > s.term) {
    s.term = term
    s.vote = ''
    s.verified = s.commit
    s.roundSeen = 0
    s.ackDue = false
  }
  s.role = 'follower'
  s.leader = leader
  s.votes.clear()
  s.resetElectionDeadline()
}
