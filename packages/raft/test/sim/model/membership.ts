import type { NodeId } from '@colony/host'
import type { Entry } from '../../../src/index.ts'
import { decodeMembership } from '../../../src/core/membership.ts'
import { require } from './disallow.ts'
import type { ModelNode } from './node.ts'
import type { Electorate } from './quorum.ts'

/** Who takes part, as an entry of the log says, and where it stands. */
export interface ModelMembership extends Electorate {
  readonly learners: readonly NodeId[]
  readonly index: number
}

/** What a group is founded with. A node that joins knows of nobody. */
export function founding(voters: readonly NodeId[]): ModelMembership {
  return { voters, outgoing: [], learners: [], index: 0 }
}

/** What a configuration entry says. */
export function membershipOf(entry: Entry, index: number): ModelMembership {
  const membership = decodeMembership(entry.data)
  require(membership !== undefined, () => `a membership in the entry at ${index}`, () =>
    'there is none that could be')
  const { voters, outgoing, learners } = membership
  return { voters, outgoing, learners, index }
}

export function isMember({ voters, outgoing, learners }: ModelMembership, id: NodeId): boolean {
  return voters.includes(id) || outgoing.includes(id) || learners.includes(id)
}

export function isVoter({ voters, outgoing }: Electorate, id: NodeId): boolean {
  return voters.includes(id) || outgoing.includes(id)
}

/** Only voters stand for election; of a change that is not committed, those before it too, since they may be the only ones that have it (thesis 4.2.2). */
export function mayStand({ id, log, commit }: ModelNode): boolean {
  return isVoter(log.membership, id) || (log.membership.index > commit && isVoter(log.membershipBefore, id))
}

/**
 * A leader changes members: one change after the other, none before it has committed in its own term (the bug of 2015), and voters only from one joint membership to
 * its second half (section 6).
 */
export function requireAllowedChange({ log, commit, term }: ModelNode, next: ModelMembership): void {
  const { membership } = log
  require(membership.index <= commit && log.termAt(commit) === term, () =>
    `no change before the one at ${membership.index} and an entry of term ${term} are committed`, () =>
    `it appends another, and has committed ${commit} of term ${log.termAt(commit)}`)
  const isJoint = membership.outgoing.length > 0
  const enters = !isJoint && same(next.outgoing, membership.voters) && next.voters.length > 0
  const stays = same(next.voters, membership.voters) && next.outgoing.length === 0
  require(stays || enters, () => `voters to change from ${shown(membership)} by way of both majorities`, () =>
    `it appends ${shown(next)}`)
}

function same(a: readonly NodeId[], b: readonly NodeId[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id))
}

function shown({ voters, outgoing }: Electorate): string {
  return outgoing.length === 0 ? `{${voters.join(' ')}}` : `{${outgoing.join(' ')}} and {${voters.join(' ')}}`
}
