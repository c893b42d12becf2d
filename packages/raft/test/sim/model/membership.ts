import type { NodeId } from '@colony/host'
import type { Entry } from '../../../src/index.ts'
import { decodeMembership } from '../../../src/core/membership.ts'
import { require } from './disallow.ts'
import type { ModelNode } from './node.ts'
import type { Electorate } from './quorum.ts'

/** Who takes part, as an entry of the log says, and where it stands. */
export interface ModelMembership extends Electorate {
  readonly learners: readonly NodeId[]
  /** Who shall vote once a change is through; empty where none is under way. */
  readonly goal: readonly NodeId[]
  readonly index: number
  /** With which data each voter votes; absent where that was not written down. */
  readonly incarnations?: ReadonlyMap<NodeId, number> | undefined
}

/** What a group is founded with. A node that joins knows of nobody. */
export function founding(voters: readonly NodeId[]): ModelMembership {
  return { voters, outgoing: [], learners: [], goal: [], index: 0 }
}

/** What a configuration entry says. */
export function membershipOf(entry: Entry, index: number): ModelMembership {
  const membership = decodeMembership(entry.data)
  require(membership !== undefined, () => `a membership in the entry at ${index}`, () =>
    'there is none that could be')
  const { voters, outgoing, learners, goal, incarnations } = membership
  return { voters, outgoing, learners, goal: goal?.voters ?? [], index, incarnations }
}

/** Whether what `id` says counts as said by the member of that name: a voter is a pair of name and data. */
export function speaksFor({ incarnations }: ModelMembership, id: NodeId, incarnation: number): boolean {
  return (incarnations?.get(id) ?? incarnation) === incarnation
}

/** A founder of a group that knows of no leader yet: whoever leads first has the votes of all, and the first of them stands. */
export function isFounding({ id, log, lost, incarnation }: ModelNode): boolean {
  return incarnation > 0 && log.last === 0 && lost === undefined && isVoter(log.membership, id)
}

/** Who stands while all founders are waited for. */
export function isFirstFounder({ id, log }: ModelNode): boolean {
  return [...log.membership.voters].sort()[0] === id
}

export function isMember({ voters, outgoing, learners }: ModelMembership, id: NodeId): boolean {
  return voters.includes(id) || outgoing.includes(id) || learners.includes(id)
}

/** All members but the node itself. */
export function membersBut({ id, log }: ModelNode): readonly NodeId[] {
  const { voters, outgoing, learners } = log.membership
  return [...voters, ...outgoing, ...learners].filter((member) => member !== id)
}

export function isVoter({ voters, outgoing }: Electorate, id: NodeId): boolean {
  return voters.includes(id) || outgoing.includes(id)
}

/** Only voters stand for election; of a change that is not committed, those before it too, since they may be the only ones that have it (thesis 4.2.2). */
export function mayStand(n: ModelNode): boolean {
  const { id, log, commit, lost } = n
  if (lost !== undefined) return false
  if (isFounding(n) && !n.foundsWithoutAll) return isFirstFounder(n)
  if (isVoter(log.membership, id) && !speaksFor(log.membership, id, n.incarnation)) return false
  return isVoter(log.membership, id) || (log.membership.index > commit && isVoter(log.membershipBefore, id))
}

/**
 * A leader changes members: one change after the other, none before it has committed in its own term (the bug of 2015), and voters only from one joint membership to
 * its second half (section 6).
 */
export function requireAllowedChange(
  { id: self, log, commit, term, match, shown: heard }: ModelNode,
  next: ModelMembership,
): void {
  const { membership } = log
  for (const voter of [...next.voters, ...next.outgoing]) {
    const known = isVoter(membership, voter)
      ? (membership.incarnations?.get(voter) ?? heard.get(voter))
      : heard.get(voter)
    require(next.incarnations?.get(voter) === known, () =>
      `${voter} to vote with the data that it votes with, or has shown: ${known}`, () =>
      `it appends a membership where it votes with ${next.incarnations?.get(voter)}`)
  }
  require(membership.index <= commit && log.termAt(commit) === term, () =>
    `no change before the one at ${membership.index} and an entry of term ${term} are committed`, () =>
    `it appends another, and has committed ${commit} of term ${log.termAt(commit)}`)
  const isJoint = membership.outgoing.length > 0
  const enters = !isJoint && same(next.outgoing, membership.voters) && next.voters.length > 0
  const stays = same(next.voters, membership.voters) && next.outgoing.length === 0
  require(stays || enters, () => `voters to change from ${shown(membership)} by way of both majorities`, () =>
    `it appends ${shown(next)}`)
  const silent = next.voters.find((id) => id !== self && !isVoter(membership, id) && !match.has(id))
  require(silent === undefined, () =>
    `${silent} to have acknowledged something in term ${term} before its vote counts (thesis 4.2.1)`, () =>
    `it appends ${shown(next)}`)
}

function same(a: readonly NodeId[], b: readonly NodeId[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id))
}

type Named = Pick<ModelMembership, 'voters' | 'outgoing' | 'learners'>

/** Whether two memberships name the same voters, outgoing voters and learners. */
export function sameMembers(a: Named, b: Named): boolean {
  return same(a.voters, b.voters) && same(a.outgoing, b.outgoing) && same(a.learners, b.learners)
}

/** The voters of a membership, in words. */
export function shown({ voters, outgoing }: Electorate): string {
  return outgoing.length === 0 ? `{${voters.join(' ')}}` : `{${outgoing.join(' ')}} and {${voters.join(' ')}}`
}
