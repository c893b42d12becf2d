import type { Address, NodeId } from '@colony/host'
import {
  isDemotion,
  MAX_REMOVED,
  membersOf,
  sameIds,
  sortedIds,
  type Membership,
  type MembershipGoal,
} from './membership.ts'

/**
 * The first membership of a change: the goal, with everybody who is new as a learner, so that nobody's vote counts before its owner has the
 * log (thesis 4.2.1). Where no voter changes there is nothing to wait for. `from` is not joint: what a joint membership leads to can't be changed.
 */
export function beginChange(
  from: Membership,
  goal: MembershipGoal,
  addresses: ReadonlyMap<NodeId, Address>,
  caughtUp: (id: NodeId) => boolean,
): Membership {
  const learners = [...goal.learners, ...goal.voters].filter((id) => !from.voters.includes(id))
  const begun = { ...from, learners: sortedIds(learners), goal, addresses }
  return nextMembership(begun, caughtUp) ?? begun
}

/**
 * What follows a membership that is committed, on its way to the goal: once all new voters have caught up, the joint membership; after that, or
 * when no voter changes, the goal itself (Raft section 6). `undefined` when there is nothing to do, or somebody to wait for.
 */
export function nextMembership(m: Membership, caughtUp: (id: NodeId) => boolean): Membership | undefined {
  const { goal } = m
  if (goal === undefined) return undefined
  if (m.outgoing.length > 0 && isDemotion(m) && !sameIds(m.voters, goal.voters)) return demoted(m)
  if (m.outgoing.length > 0 || sameIds(m.voters, goal.voters)) return reached(m, goal)
  if (!newVoters(m).every(caughtUp)) return undefined
  // A voter that shall become a learner counts as a voter until the end.
  const learners = m.learners.filter((id) => !goal.voters.includes(id) && !m.voters.includes(id))
  return { ...m, voters: goal.voters, outgoing: m.voters, learners }
}

/**
 * The joint membership that takes voters out of the electorate who lost their data and shall vote again when they have caught up: until then they are other nodes with the same names, which never had a vote.
 * `undefined` when nobody but them would be left.
 */
export function beginDemotion(m: Membership, wiped: ReadonlySet<NodeId>): Membership | undefined {
  const goal = m.goal ?? { voters: m.voters, learners: m.learners }
  const voters = m.voters.filter((id) => !wiped.has(id) || !goal.voters.includes(id))
  if (voters.length === 0 || voters.length === m.voters.length) return undefined
  return { ...m, voters, outgoing: m.voters, goal }
}

function demoted(m: Membership): Membership {
  const returning = m.outgoing.filter((id) => !m.voters.includes(id))
  return { ...m, outgoing: [], learners: sortedIds([...m.learners, ...returning]) }
}

/** Who was removed once `next` follows `before`, the latest last. */
export function removedAfter(before: Membership, next: Membership): readonly NodeId[] {
  const members = membersOf(next)
  const gone = membersOf(before).filter((id) => !members.includes(id))
  const earlier = (before.removed ?? []).filter((id) => !members.includes(id) && !gone.includes(id))
  return [...earlier, ...gone].slice(-MAX_REMOVED)
}

/** Who shall vote and does not yet. */
export function newVoters({ voters, goal }: Membership): readonly NodeId[] {
  return goal?.voters.filter((id) => !voters.includes(id)) ?? []
}

function reached(m: Membership, { voters, learners }: MembershipGoal): Membership {
  const final: Membership = { voters, outgoing: [], learners, goal: undefined, addresses: m.addresses }
  const members = membersOf(final)
  const addresses = new Map([...m.addresses].filter(([id]) => members.includes(id)))
  return { ...final, addresses }
}
