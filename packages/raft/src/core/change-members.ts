import type { Address, NodeId } from '@colony/host'
import { sendEntries } from './append.ts'
import type { Entry, LogIndex } from './entry.ts'
import { isFounding, sendNotice, wipedVoters } from './incarnations.ts'
import { beginChange, beginDemotion, nextMembership } from './membership-steps.ts'
import { encodeMembership, membersOf, type Membership, type MembershipGoal } from './membership.ts'
import type { MembershipQuery } from './message.ts'
import { InflightBatches } from './inflight-batches.ts'
import { Progress } from './progress.ts'
import { recorded } from './recorded-membership.ts'
import { becomeFollower } from './roles.ts'
import { broadcastHeartbeat } from './rounds.ts'
import type { CoreState } from './state.ts'
import { beginTransfer } from './transfer.ts'

/** How many election timeouts a leader goes on speaking to a node that was removed, so that it learns of it. */
const FAREWELL_TIMEOUTS = 10

/**
 * Whether a leader may append a membership now: the one before is committed, and so is an entry of its own term. Without the second it may take for the
 * latest what an earlier leader has changed without its knowledge, and two majorities that share nobody decide at once (the bug of single-server
 * changes that was found in 2015; a joint change begun by one leader and ended by another has the same root).
 */
export function canChangeMembers(s: CoreState): boolean {
  return s.commitIsCurrent && s.memberships.latest.index <= s.commit
}

/** Begins to work towards a goal, in place of any earlier one. Appends nothing when that cannot be now: the caller asks again. */
export function changeMembers(
  s: CoreState,
  goal: MembershipGoal,
  addresses: ReadonlyMap<NodeId, Address>,
): void {
  const { membership } = s.memberships.latest
  // Whoever hands over appends nothing: its target would never hold everything.
  if (!canChangeMembers(s) || s.transfer !== undefined || membership.outgoing.length > 0) return
  appendMembership(
    s,
    beginChange(membership, goal, addresses, (id) => hasCaughtUp(s, id)),
  )
}

/**
 * The leader's part in every change, looked at after each step while there is something to do: goes on towards the goal that it finds in its log, whoever set it,
 * and leads until the entry that removes itself is committed (Raft section 6).
 */
export function reconcileMembers(s: CoreState): void {
  if (s.role !== 'leader') {
    s.changing = false
    return
  }
  if (!canChangeMembers(s)) return
  dismissRemoved(s)
  if (!s.configuration.isVoter(s.id)) {
    leave(s)
    return
  }
  if (s.transfer !== undefined) return
  const { membership } = s.memberships.latest
  const next =
    withoutWiped(s, membership) ??
    nextMembership(membership, (id) => hasCaughtUp(s, id)) ??
    recordedMore(s, membership)
  if (next !== undefined) appendMembership(s, next)
  else s.changing = membership.goal !== undefined || s.leaving.size > 0
}

/** Removed, and nothing more to do as leader: hands over, once, so that the group need not wait for an election, and follows. */
function leave(s: CoreState): void {
  if (!s.handedOver) {
    s.handedOver = true
    beginTransfer(s)
  }
  if (s.transfer === undefined) becomeFollower(s, s.term, undefined)
}

/** The step that takes wiped voters out, if there are any and this leader may bring them back. While joint, the voters are being exchanged already. */
function withoutWiped(s: CoreState, m: Membership): Membership | undefined {
  if (s.options.wipedNodes === 'refuse' || s.incarnations.heard.size === 0 || m.outgoing.length > 0)
    return undefined
  return beginDemotion(m, new Set(wipedVoters(s).keys()))
}

/** The same membership with incarnations that were heard since and are not in it. */
function recordedMore(s: CoreState, m: Membership): Membership | undefined {
  const next = recorded(m, m, (id) => incarnationHeard(s, id))
  return (next.incarnations?.size ?? 0) > (m.incarnations?.size ?? 0) ? next : undefined
}

function incarnationHeard(s: CoreState, id: NodeId): number {
  return id === s.id ? s.incarnations.own : (s.progress.get(id)?.incarnation ?? 0)
}

/** What the first leader of a group opens it with: its founders, and the incarnations that voted for it. `undefined` in any later term. */
export function foundingEntry(s: CoreState): Entry | undefined {
  if (!isFounding(s)) return undefined
  const { membership } = s.memberships.latest
  const given = [...(s.options.addresses ?? [])].filter(([id]) => membership.voters.includes(id))
  const recordedNow = { addresses: new Map(given), incarnations: new Map(s.votes), removed: [] }
  const data = encodeMembership({ ...membership, ...recordedNow })
  return { term: s.term, kind: 'configuration', data }
}

function appendMembership(s: CoreState, membership: Membership): void {
  const before = s.memberships.latest.membership
  const next = recorded(before, membership, (id) => incarnationHeard(s, id))
  const index = s.append({ term: s.term, kind: 'configuration', data: encodeMembership(next) })
  if (s.appendedAt === 0) s.appendedAt = index
  // Of whom the record is gone, another may come: what is known of the one before is nothing to it.
  for (const id of before.incarnations?.keys() ?? []) {
    if (membersOf(next).includes(id) && next.incarnations?.has(id) !== true) forget(s, id)
  }
  followMembers(s, index)
  for (const [peer, progress] of s.progress) sendEntries(s, peer, progress)
}

/**
 * Gives a leader a {@link Progress} for everybody who shall have its log, from `next` on: whoever an uncommitted membership leaves out is still needed.
 */
export function followMembers(s: CoreState, next: LogIndex): void {
  const { latest, previous } = s.memberships
  const members = [...membersOf(latest.membership)]
  if (latest.index > s.commit) members.push(...membersOf(previous.membership))
  for (const id of members) {
    s.leaving.delete(id)
    if (id !== s.id && !s.progress.has(id)) addProgress(s, id, next)
  }
}

function addProgress(s: CoreState, id: NodeId, next: LogIndex): void {
  const { maxInflightBatches, maxInflightBytes = Number.POSITIVE_INFINITY } = s.options
  const inflight = new InflightBatches(maxInflightBatches, maxInflightBytes)
  const progress = new Progress(next, inflight, s.now, s.configuration.incarnationOf(id))
  s.progress.set(id, progress)
  // Where what it lacks is gone from the log, it waits for a snapshot, and heartbeats name no entry.
  if (next < s.log.firstIndex) sendEntries(s, id, progress)
}

function forget(s: CoreState, id: NodeId): void {
  const progress = s.progress.get(id)
  if (progress === undefined) return
  s.incarnations.replaced.add(progress.incarnation)
  s.incarnations.heard.delete(id)
  s.progress.delete(id)
}

/** Whether a learner is within one batch of the end of the log, and there: as a voter it will not hold up commits (thesis 4.2.1). */
function hasCaughtUp(s: CoreState, id: NodeId): boolean {
  const progress = s.progress.get(id)
  if (progress?.state !== 'replicate') return false
  // Nobody votes in a group that records incarnations without one.
  if (progress.incarnation === 0 && s.memberships.latest.membership.incarnations !== undefined) return false
  if (s.now - progress.heardAt > s.options.electionTimeoutMs) return false
  const { maxBatchBytes, maxBatchEntries } = s.options
  return s.log.endOfBatch(progress.match + 1, maxBatchBytes, maxBatchEntries) >= s.log.lastIndex
}

/** Tells whom the committed membership leaves out that it does, and then no more. */
function dismissRemoved(s: CoreState): void {
  const { index } = s.memberships.latest
  const before = s.leaving.size
  for (const [id, progress] of s.progress) {
    if (s.configuration.isMember(id)) continue
    const farewell = s.leaving.get(id)
    if (farewell === undefined) {
      say(s, id)
    } else if (s.now >= farewell.until || (progress.match >= index && progress.round >= farewell.round)) {
      s.progress.delete(id)
      s.leaving.delete(id)
    }
  }
  if (s.leaving.size > before) broadcastHeartbeat(s)
}

/** Notes that `id` is to hear of a round that begins after its removal was committed. */
function say(s: CoreState, id: NodeId): void {
  const until = s.now + FAREWELL_TIMEOUTS * s.options.electionTimeoutMs
  s.leaving.set(id, { round: s.round + 1, until })
  s.changing = true
}

/**
 * Somebody who is no member asks the leader for votes: a node that was removed while it could not hear of it, and would ask for ever. It is sent the log up to
 * its removal.
 */
export function informRemoved(s: CoreState, id: NodeId, lastIndex: LogIndex, incarnation: number): void {
  if (!canChangeMembers(s) || s.configuration.isMember(id) || s.progress.has(id)) return
  if (incarnation > 0 && s.memberships.latest.membership.removed?.includes(id) === true) {
    sendNotice(s, id, 'removed', incarnation)
    return
  }
  addProgress(s, id, Math.min(lastIndex, s.log.lastIndex) + 1)
  say(s, id)
  broadcastHeartbeat(s)
}

/** Somebody who hears of no leader asks whether it is still a member. Whoever is one will hear of us. */
export function onMembershipQuery(s: CoreState, m: MembershipQuery): void {
  if (s.role === 'leader') informRemoved(s, m.from, m.lastIndex, m.incarnation ?? 0)
}
