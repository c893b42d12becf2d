import type { Address, NodeId } from '@colony/host'
import { goalProblem, sameIds, sortedIds, type Membership, type MembershipGoal } from './membership.ts'

/** What somebody wants of the membership. All of these may be repeated: what is so already stays so. */
export type MembershipChange = {
  /** Where members are; of those not named, nothing changes. */
  readonly addresses: ReadonlyMap<NodeId, Address>
} & (
  | { readonly type: 'set'; readonly voters: readonly NodeId[]; readonly learners: readonly NodeId[] }
  | { readonly type: 'add'; readonly id: NodeId; readonly role: 'voter' | 'learner' }
  | { readonly type: 'remove'; readonly id: NodeId }
  | { readonly type: 'replace'; readonly old: NodeId; readonly by: NodeId }
  /** A member says where it is now. */
  | { readonly type: 'move'; readonly id: NodeId }
)

/** What a leader would work towards for a change, or why it can't. */
export type Plan = { readonly goal: MembershipGoal } | { readonly problem: string }

/** The goal of `change`, counted from what is being worked towards already, so that two changes at once both happen. */
export function planChange(membership: Membership, change: MembershipChange): Plan {
  const from = membership.goal ?? membership
  const goal = goalOf(from, change)
  if (goal === undefined) {
    const members = [...from.voters, ...from.learners].join(', ')
    return { problem: `"${goneOf(change)}" is no member; they are ${members}` }
  }
  const problem = goalProblem(goal)
  return problem === undefined ? { goal } : { problem }
}

function goneOf(change: MembershipChange): NodeId {
  if (change.type === 'replace') return change.old
  return change.type === 'move' ? change.id : ''
}

function goalOf(from: MembershipGoal, change: MembershipChange): MembershipGoal | undefined {
  switch (change.type) {
    case 'set':
      return { voters: sortedIds(change.voters), learners: sortedIds(change.learners) }
    case 'add':
      return change.role === 'voter'
        ? { voters: sortedIds([...from.voters, change.id]), learners: without(from.learners, change.id) }
        : { voters: without(from.voters, change.id), learners: sortedIds([...from.learners, change.id]) }
    case 'remove':
      return { voters: without(from.voters, change.id), learners: without(from.learners, change.id) }
    case 'replace':
      return replaced(from, change.old, change.by)
    case 'move': {
      const { voters, learners } = from
      return voters.includes(change.id) || learners.includes(change.id) ? { voters, learners } : undefined
    }
  }
}

function replaced({ voters, learners }: MembershipGoal, old: NodeId, by: NodeId): MembershipGoal | undefined {
  if (old === by) return undefined
  const votes = voters.includes(old)
  if (votes || learners.includes(old)) {
    const kept = { voters: without(voters, old, by), learners: without(learners, old, by) }
    return votes
      ? { ...kept, voters: sortedIds([...kept.voters, by]) }
      : { ...kept, learners: sortedIds([...kept.learners, by]) }
  }
  // Repeated: it has happened already.
  return voters.includes(by) || learners.includes(by) ? { voters, learners } : undefined
}

function without(ids: readonly NodeId[], ...gone: readonly NodeId[]): readonly NodeId[] {
  return ids.filter((id) => !gone.includes(id))
}

/** How a change stands in a membership: as wanted, being worked on, or no longer wanted by whoever made the latest change. */
export type ChangeProgress = 'reached' | 'under-way' | 'replaced'

/** See {@link ChangeProgress}. */
export function progressOf(change: MembershipChange, membership: Membership): ChangeProgress {
  const aim = membership.goal ?? membership
  const plan = planChange(membership, change)
  const satisfied =
    'goal' in plan && sameIds(plan.goal.voters, aim.voters) && sameIds(plan.goal.learners, aim.learners)
  if (!satisfied || !hasAddresses(membership.addresses, aim, change)) return 'replaced'
  return membership.goal === undefined ? 'reached' : 'under-way'
}

/** The addresses of everybody whom `goal` or `membership` names, with those of the change in place of older ones. */
export function addressesAfter(
  membership: Membership,
  goal: MembershipGoal,
  change: MembershipChange,
): ReadonlyMap<NodeId, Address> {
  const named = new Set([
    ...membership.voters,
    ...membership.outgoing,
    ...membership.learners,
    ...goal.voters,
    ...goal.learners,
  ])
  const merged = [...membership.addresses, ...change.addresses].filter(([id]) => named.has(id))
  return new Map(merged)
}

/** Whether everybody whom the aim names is where the change says. */
function hasAddresses(
  addresses: ReadonlyMap<NodeId, Address>,
  { voters, learners }: MembershipGoal,
  change: MembershipChange,
): boolean {
  for (const [id, address] of change.addresses) {
    const named = voters.includes(id) || learners.includes(id)
    if (named && addresses.get(id) !== address) return false
  }
  return true
}
