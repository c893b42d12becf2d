import type { RaftCore } from '../../../src/core/raft-core.ts'
import { require } from './disallow.ts'
import { decline, timeOut } from './elections.ts'
import type { ModelNode } from './node.ts'
import { appendAsLeader, stepDown } from './replication.ts'
import type { Surroundings } from './surroundings.ts'

/** Whether a node is what the model says. */
export function compare(n: ModelNode, core: RaftCore): boolean {
  return (
    n.term === core.term &&
    n.role === core.role &&
    n.leader === core.leader &&
    n.commit === core.commitIndex &&
    n.log.last === core.lastIndex &&
    n.log.lastTerm === (core.entryAt(core.lastIndex)?.term ?? 0)
  )
}

/** What a node did by itself: no message told the model of it. */
export function explain(n: ModelNode, core: RaftCore, now: number, around: Surroundings): void {
  for (let index = n.log.last + 1; index <= core.lastIndex; index++) {
    const entry = core.entryAt(index)
    if (entry !== undefined) appendAsLeader(n, entry)
  }
  if (core.term === n.term && core.role !== n.role) {
    if (core.role === 'pre-candidate') timeOut(n, now, around)
    else if (core.role === 'follower' && n.role !== 'leader' && !around.mayCampaign(n.id)) decline(n, now)
    else if (core.role === 'follower' && n.role === 'leader') stepDown(n, now, around)
  }
  const hasLostLeader = core.term === n.term && core.role === 'follower' && core.leader === undefined
  if (hasLostLeader && n.role === 'follower' && !around.mayCampaign(n.id)) decline(n, now)
  const isTold = core.commitIndex > n.commit && core.commitIndex <= n.mayCommit
  if (isTold) n.commit = core.commitIndex
  require(compare(n, core), () => described(n.role, n.term, n.leader, n.commit, n.log.last), () =>
    `it is ${described(core.role, core.term, core.leader, core.commitIndex, core.lastIndex)}`)
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
