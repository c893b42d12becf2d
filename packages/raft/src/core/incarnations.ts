import type { NodeId } from '@colony/host'
import type { LogIndex } from './entry.ts'
import type { Incarnation } from './incarnation.ts'
import type { MembershipNotice } from './message.ts'
import type { Progress } from './progress.ts'
import type { CoreState } from './state.ts'

const NOBODY: ReadonlyMap<NodeId, Incarnation> = new Map()

/**
 * Whether nobody's incarnation can be known yet: this node is a founder with nothing in its log. Whoever is elected then writes down the incarnations of all, so it needs the votes of all: with a majority, one that lost
 * its data and one that was never there could found the group a second time.
 */
export function isFounding(s: CoreState): boolean {
  return (
    s.incarnations.own > 0 && s.log.lastIndex === 0 && s.lost === undefined && s.configuration.isVoter(s.id)
  )
}

/**
 * Whether a majority of the founders may do without the others: they were waited for in vain, and nobody was heard of meanwhile who holds anything. From then until a missing one shows itself, two faults at once can do what one must not: where one of the majority is wiped and the rest of it is away,
 * it and the missing one hold nothing, and found the group a second time.
 */
export function mayFoundWithoutAll(s: CoreState): boolean {
  return s.incarnations.foundingTries > (s.options.foundingPatience ?? Infinity)
}

/** Whether this node's log names it as a voter by data that it does not have, or a leader said so. */
export function isWiped(s: CoreState): boolean {
  const { own } = s.incarnations
  if (own > 0 && s.configuration.isVoter(s.id) && !s.configuration.recognises(s.id, own)) return true
  return noticed(s, 'wiped') !== undefined
}

/** Where the membership stands that a leader told us of, if it says this of us and our log does not say more. */
export function noticed(s: CoreState, status: MembershipNotice['status']): LogIndex | undefined {
  const { notice } = s.incarnations
  const isCurrent = notice !== undefined && notice.index > s.memberships.latest.index
  return isCurrent && notice.status === status ? notice.index : undefined
}

/** The voters that answered with data that the group does not know them by: wiped, all of them. */
export function wipedVoters(s: CoreState): ReadonlyMap<NodeId, Incarnation> {
  if (s.incarnations.heard.size === 0) return NOBODY
  const wiped = new Map<NodeId, Incarnation>()
  for (const [id, incarnation] of s.incarnations.heard) {
    if (s.configuration.isVoter(id) && !s.configuration.recognises(id, incarnation))
      wiped.set(id, incarnation)
  }
  return wiped
}

/** Takes note of the incarnation that somebody answered with, and says whether its voice counts. Where nothing is recorded of it, it does. */
export function noteIncarnation(s: CoreState, id: NodeId, incarnation: Incarnation): boolean {
  const counts = s.configuration.recognises(id, incarnation)
  if (counts) s.incarnations.heard.delete(id)
  else if (incarnation > 0 && !s.incarnations.replaced.has(incarnation)) {
    s.incarnations.heard.set(id, incarnation)
    s.changing = true
  }
  return counts
}

/**
 * On a leader: an answer comes from another incarnation than `progress` is about. Whether it is to be taken: not from a voter that is recorded otherwise, which is told so; from anybody else it begins what
 * is known of it anew.
 */
export function takeIncarnation(
  s: CoreState,
  id: NodeId,
  incarnation: Incarnation,
  progress: Progress,
): boolean {
  const { replaced } = s.incarnations
  if (incarnation === 0 || replaced.has(incarnation)) return false
  if (!noteIncarnation(s, id, incarnation)) {
    sendNotice(s, id, 'wiped', incarnation)
    return false
  }
  if (progress.incarnation > 0) replaced.add(progress.incarnation)
  progress.beginAnew(incarnation)
  // It may be the last one that was waited for to write all of them down.
  s.changing = true
  return true
}

/** On a leader: tells a node what the membership says of it. */
export function sendNotice(
  s: CoreState,
  to: NodeId,
  status: MembershipNotice['status'],
  incarnation: Incarnation,
): void {
  const { index } = s.memberships.latest
  s.send.push({ type: 'membership-notice', from: s.id, to, term: s.term, status, index, incarnation })
}

/** A leader says what the membership says of us: for those who cannot see it in their log, because they get no more of it. */
export function onMembershipNotice(s: CoreState, m: MembershipNotice): void {
  if (m.incarnation !== s.incarnations.own || m.index <= s.memberships.latest.index) return
  if (m.index >= (s.incarnations.notice?.index ?? 0)) s.incarnations.notice = m
}

/** Of a node that hears no leader and may not stand for election: asks everybody who may lead whether it is still a member. */
export function askForMembership(s: CoreState): void {
  const { own } = s.incarnations
  if (own === 0) return
  const { lastIndex } = s.log
  for (const to of s.configuration.electorate) {
    if (to === s.id) continue
    s.send.push({ type: 'membership-query', from: s.id, to, term: s.term, lastIndex, incarnation: own })
  }
}
