import type { RaftCore } from '../../../src/core/raft-core.ts'
import { require } from './disallow.ts'
import { timeOut } from './elections.ts'
import { mayStand, sameMembers, shown } from './membership.ts'
import type { ModelNode } from './node.ts'
import { appendAsLeader, stepDown } from './replication.ts'
import { install } from './snapshots.ts'
import type { Surroundings } from './surroundings.ts'

/** Whether a node is what the model says. */
export function compare(n: ModelNode, core: RaftCore): boolean {
  return (
    n.term === core.term &&
    n.role === core.role &&
    n.leader === core.leader &&
    n.commit === core.commitIndex &&
    n.log.last === core.lastIndex &&
    n.log.lastTerm === (core.entryAt(core.lastIndex)?.term ?? n.log.lastTerm) &&
    countsTheSame(n, core)
  )
}

/** Whether a node goes by the last membership of its log (section 6). Compared when either has changed, since this is asked after every event. */
function countsTheSame(n: ModelNode, core: RaftCore): boolean {
  const { membership } = core.membership
  if (n.agreed?.model === n.log.membership && n.agreed.node === membership) return true
  if (!sameMembers(n.log.membership, membership)) return false
  n.agreed = { model: n.log.membership, node: membership }
  return true
}

/** What a node did by itself: no message told the model of it. */
export function explain(n: ModelNode, core: RaftCore, now: number, around: Surroundings): void {
  install(n, core.commitIndex)
  for (let index = n.log.last + 1; index <= core.lastIndex; index++) {
    const entry = core.entryAt(index)
    if (entry !== undefined) appendAsLeader(n, entry, now)
  }
  if (core.term === n.term) explainRole(n, core, now, around)
  explainCommit(n, core)
  require(countsTheSame(n, core), () => `members ${shown(n.log.membership)}`, () =>
    `it goes by ${shown(core.membership.membership)}`)
  require(compare(n, core), () => described(n.role, n.term, n.leader, n.commit, n.log.last), () =>
    `it is ${described(core.role, core.term, core.leader, core.commitIndex, core.lastIndex)}`)
}

function explainRole(n: ModelNode, core: RaftCore, now: number, around: Surroundings): void {
  if (core.role === 'pre-candidate' && n.role !== 'pre-candidate') return timeOut(n, now, around)
  if (core.role !== 'follower') return
  if (n.role === 'leader') return stepDown(n, now, around)
  // Whoever may not, or just now does not want to, stand for election gives its leader up when its patience ends.
  const isPatient = now - n.timerFrom < around.electionTimeoutMs
  if (core.leader !== undefined || isPatient) return
  // Of one that had given up before, nobody sees when its timeout began anew.
  if (n.role === 'follower' && n.leader === undefined) return
  n.role = 'follower'
  n.leader = undefined
  if (mayStand(n)) n.timerFrom = now
}

function explainCommit(n: ModelNode, core: RaftCore): void {
  const isTold = core.commitIndex > n.commit && core.commitIndex <= n.mayCommit
  // What a leader knew of a member that was away in between it may have forgotten: it commits later then.
  const isLater = n.role === 'leader' && n.changed && core.commitIndex < n.commit
  if (isTold || (isLater && core.commitIndex >= n.seen)) n.commit = core.commitIndex
}

function described(
  role: string,
  term: number,
  leader: string | undefined,
  commit: number,
  last: number,
): string {
  return `${role} of term ${term} under ${leader ?? 'nobody'}, committed ${commit} of ${last}`
}
