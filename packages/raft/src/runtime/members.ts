import type { Address, NodeId } from '@colony/host'
import { toleratedFailures } from '../core/configuration.ts'
import type { Membership, MembershipGoal } from '../core/membership.ts'

/**
 * What a node is in its group, as far as it knows. `voter`: it votes and counts. `learner`: it receives everything and has no vote. `removed`: the group decided that
 * it is no member any more; close it, its storage is of no more use. `wiped`: a voter whose data is not that which the group knows it by; its voice counts for nothing until the leader has taken it back. `none`: it joins and has not heard of any membership that names it.
 * @category Membership
 */
export type MemberRole = 'voter' | 'learner' | 'wiped' | 'removed' | 'none'

/**
 * Who takes part in a group, as one node knows it.
 * @category Membership
 */
export interface Members {
  /** Who votes, sorted; while voters change, those that are coming. */
  readonly voters: readonly NodeId[]
  /** While voters change: who voted before, and still must agree to everything. Else empty. */
  readonly outgoing: readonly NodeId[]
  /** Who receives everything without a vote, sorted; among them those who catch up to become voters. */
  readonly learners: readonly NodeId[]
  /** What the leader is working towards; `undefined` when it is reached. */
  readonly goal: MembershipGoal | undefined
  /** Where members are, as far as the group was told. */
  readonly addresses: ReadonlyMap<NodeId, Address>
  /** How many voters may be down while the others go on. While voters change, the smaller number of the two sets. */
  readonly toleratedFailures: number
}

/**
 * How to change members.
 * @category Membership
 */
export interface MembersOptions {
  /** Gives up waiting: the promise rejects with the signal's reason. The change goes on. */
  readonly signal?: AbortSignal
  /** Longest wait in milliseconds, 1 to 2^31 - 1. Default: the node's `proposalTimeoutMs`. New members with much to catch up on need longer. */
  readonly timeoutMs?: number
}

/**
 * How to add a member.
 * @category Membership
 */
export interface AddMemberOptions extends MembersOptions {
  /** What it shall be. Default `voter`: it votes as soon as it has caught up. A `learner` never votes. */
  readonly role?: 'voter' | 'learner'
}

/**
 * How to set members.
 * @category Membership
 */
export interface SetMembersOptions extends MembersOptions {
  /** Who shall receive everything without a vote. Default: nobody. */
  readonly learners?: Readonly<Record<NodeId, Address>> | readonly NodeId[]
}

/**
 * The members of a group, from any node. A change is a goal that the group remembers and whichever node leads works towards: new voters catch up first, then old
 * and new voters agree together (joint consensus, Raft section 6), then the old ones are gone. So a change that was interrupted, even by the loss of the leader or
 * of the caller, goes on; a call that timed out may be repeated, and a later call replaces the goal of an earlier one.
 *
 * Each call resolves once the goal is reached and known to this node.
 * @throws A {@link RaftError}: `RAFT_MEMBERS_REFUSED` for a change that can't be; `RAFT_MEMBERS_REPLACED` when a later change took its place;
 *   `RAFT_MEMBERS_TIMEOUT` when it took too long, with `outcome` `rejected` if the group never heard of it, else `unknown`: it goes on.
 * @category Membership
 */
export interface RaftMembers {
  /** Who takes part, as this node knows it, at no cost. */
  list(): Members
  /** Makes these the voters, all at once; who is not named leaves. Addresses, where given, replace those known. */
  set(
    members: Readonly<Record<NodeId, Address>> | readonly NodeId[],
    options?: SetMembersOptions,
  ): Promise<Members>
  /** Adds a member, which was started with `join: true`; or changes what a member is, or where. */
  add(id: NodeId, address?: Address, options?: AddMemberOptions): Promise<Members>
  /** Removes a member, dead or alive. A leader that removes itself leads until that is decided. */
  remove(id: NodeId, options?: MembersOptions): Promise<Members>
  /** Puts `by` into the place of `old`, dead or alive: as voter once it has caught up, when `old` was one. */
  replace(old: NodeId, by: NodeId, address?: Address, options?: MembersOptions): Promise<Members>
}

/** A membership as callers see it. */
export function membersView({ voters, outgoing, learners, goal, addresses }: Membership): Members {
  const tolerated = outgoing.length === 0 ? voters.length : Math.min(voters.length, outgoing.length)
  return {
    voters,
    outgoing,
    learners,
    goal,
    addresses,
    toleratedFailures: tolerated === 0 ? 0 : toleratedFailures(tolerated),
  }
}
