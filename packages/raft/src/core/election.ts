import type { NodeId } from '@colony/host'
import { informRemoved } from './change-members.ts'
import {
  askForMembership,
  isFounding,
  isWiped,
  mayFoundWithoutAll,
  noteIncarnation,
  noticed,
} from './incarnations.ts'
import { becomeLeader } from './leadership.ts'
import { isEarlierEnd } from './log-end.ts'
import { electoralEnd } from './lost-entries.ts'
import type { PreVoteRequest, PreVoteResponse, TimeoutNow, VoteRequest, VoteResponse } from './message.ts'
import { becomeFollower } from './roles.ts'
import type { CoreState } from './state.ts'

/** Asks every voter whether an election could be won (thesis 9.6). A lone voter needs not ask. */
export function preCampaign(s: CoreState): void {
  if (!s.mayCampaign || !mayBeElected(s)) {
    if (isFounding(s)) s.incarnations.foundingTries++
    becomeFollower(s, s.term, undefined)
    askForMembership(s)
    return
  }
  if (s.now < s.promisedUntil) {
    // Our own vote is promised like any other.
    s.electionDeadline = Math.max(s.electionDeadline, s.promisedUntil)
    return
  }
  if (isFounding(s)) s.incarnations.foundingTries++
  s.role = 'pre-candidate'
  s.leader = undefined
  s.votes.clear()
  s.votes.set(s.id, s.incarnations.own)
  const { hastened } = s
  s.resetElectionDeadline()
  s.hastened = hastened
  if (hasQuorumOfVotes(s)) {
    campaign(s)
    return
  }
  const { lastIndex, lastTerm } = s.log
  for (const to of s.configuration.electorate) {
    if (to === s.id) continue
    const request = {
      type: 'pre-vote-request',
      from: s.id,
      to,
      term: s.term + 1,
      lastIndex,
      lastTerm,
    } as const
    for (const incarnation of incarnationsToShow(s)) s.send.push({ ...request, incarnation })
  }
}

/** Stands for election in a new term (section 5.2); `transfer` if the leader of the present one asks for it. */
function campaign(s: CoreState, transfer?: true): void {
  s.role = 'candidate'
  s.leader = undefined
  s.term++
  s.vote = s.id
  s.verified = s.commit
  s.roundSeen = 0
  s.ackDue = false
  s.votes.clear()
  s.campaignedAt = s.now
  s.resetElectionDeadline()
  const { lastIndex, lastTerm } = s.log
  const mark = transfer === undefined ? undefined : { transfer }
  for (const to of s.configuration.electorate) {
    if (to === s.id) continue
    const request = {
      type: 'vote-request',
      from: s.id,
      to,
      term: s.term,
      lastIndex,
      lastTerm,
      ...mark,
    } as const
    // After the record: a candidate that crashed and forgot this term could win it a second time, with other entries.
    for (const incarnation of incarnationsToShow(s)) s.sendAfterPersist.push({ ...request, incarnation })
  }
}

/** A question is put as the other understands it. Where nobody is recorded it may be of an older version, so it is put both ways, but for a founding, in which those have no part. */
function incarnationsToShow(s: CoreState): readonly number[] {
  const { own } = s.incarnations
  const isNew = own === 0 || s.memberships.latest.membership.incarnations !== undefined || isFounding(s)
  return isNew ? [own] : [own, 0]
}

/** The leader hands over to us (thesis 3.10): stands for election at once, without asking whether that disturbs anyone. */
export function onTimeoutNow(s: CoreState, m: TimeoutNow): void {
  // Late ones are of an earlier term, or find a candidacy that is under way.
  if (m.term !== s.term || (s.role !== 'follower' && s.role !== 'pre-candidate')) return
  if (s.mayCampaign && mayBeElected(s)) campaign(s, true)
}

/** Part of an election timeout, within which an election is brought forward. */
const HASTE = 0.1

/**
 * A connection closed. If it was the leader's, its process has likely died: asks for an election soon, at a random moment, so that two followers rarely
 * do it together. Pre-vote makes this safe: whoever still hears the leader refuses, and a heartbeat that comes first takes it back. We hear
 * it no longer ourselves, or nobody could be elected by those who were told the same.
 */
export function onPeerClosed(s: CoreState, peer: NodeId): void {
  if (s.role !== 'follower' || s.leader !== peer) return
  s.leaderHeardAt = Number.NEGATIVE_INFINITY
  const { electionTimeoutMs, random } = s.options
  s.electionDeadline = Math.min(
    s.electionDeadline,
    s.now + electionTimeoutMs * HASTE * (0.1 + 0.9 * random.float()),
  )
  s.hastened = true
}

/** Counts one's own vote, which like any vote counts only once it is durable. */
export function countOwnVote(s: CoreState): void {
  if (s.role !== 'candidate' || !s.hardStateDurable) return
  s.votes.set(s.id, s.incarnations.own)
  // The others are asked only now, so only now their time begins.
  s.resetElectionDeadline()
  if (hasQuorumOfVotes(s)) becomeLeader(s)
}

/**
 * Two that were both told of a closed connection would split the votes: whoever asks first goes first, and of two that ask at the same time the one with
 * the greater id.
 */
function giveWay(s: CoreState, to: NodeId): void {
  if (s.role === 'follower') s.resetElectionDeadline()
  else if (s.role === 'pre-candidate' && to > s.id) becomeFollower(s, s.term, undefined)
}

/** Answers a pre-vote: promises nothing, changes nothing. */
export function onPreVoteRequest(s: CoreState, m: PreVoteRequest): void {
  if (m.lastIndex > 0) s.incarnations.foundingTries = 0
  const { incarnation: candidate = 0 } = m
  const counts = s.configuration.recognises(m.from, candidate)
  const granted = counts && m.term > s.term && !hearsLeader(s) && isUpToDate(s, m.lastTerm, m.lastIndex)
  if (granted && s.hastened) giveWay(s, m.from)
  // A refusal carries our own term: a candidate that is behind learns it here, or it would ask in vain for ever.
  const term = granted ? m.term : s.term
  const incarnation = s.incarnations.answering(candidate)
  s.send.push({ type: 'pre-vote-response', from: s.id, to: m.from, term, granted, incarnation, candidate })
  if (s.role === 'leader') informRemoved(s, m.from, m.lastIndex, candidate)
}

/** Counts an answer to our pre-vote. */
export function onPreVoteResponse(s: CoreState, m: PreVoteResponse): void {
  if (!m.granted) {
    if (m.term > s.term) becomeFollower(s, m.term, undefined)
    return
  }
  if (s.role !== 'pre-candidate' || m.term !== s.term + 1 || !takeVote(s, m)) return
  if (hasQuorumOfVotes(s)) campaign(s)
}

/** Votes, at most once a term, for a log that is at least as good as ours (sections 5.2 and 5.4.1). */
export function onVoteRequest(s: CoreState, m: VoteRequest): void {
  if (m.lastIndex > 0) s.incarnations.foundingTries = 0
  // Leader stickiness (section 6, last paragraphs): who hears a leader neither votes nor takes over the term.
  // Unless the leader itself wants to be replaced (thesis 3.10).
  const { incarnation: candidate = 0 } = m
  const incarnation = s.incarnations.answering(candidate)
  const counts = s.configuration.recognises(m.from, candidate)
  if (!counts || m.term < s.term || (m.transfer !== true && hearsLeader(s))) {
    const refusal = { type: 'vote-response', from: s.id, to: m.from, term: s.term, granted: false } as const
    s.send.push({ ...refusal, incarnation, candidate })
    return
  }
  if (m.term > s.term) becomeFollower(s, m.term, undefined)
  const free = s.vote === '' || s.vote === m.from
  const granted = free && s.leader === undefined && isUpToDate(s, m.lastTerm, m.lastIndex)
  if (granted) {
    becomeFollower(s, s.term, undefined)
    s.vote = m.from
  }
  const answer = { type: 'vote-response', from: s.id, to: m.from, term: s.term, granted } as const
  s.sendAfterPersist.push({ ...answer, incarnation, candidate })
}

/** Counts an answer to our candidacy. */
export function onVoteResponse(s: CoreState, m: VoteResponse): void {
  if (m.term > s.term) {
    becomeFollower(s, m.term, undefined)
    return
  }
  if (s.role !== 'candidate' || m.term !== s.term || !m.granted || !takeVote(s, m)) return
  if (hasQuorumOfVotes(s)) becomeLeader(s)
}

/** Notes a vote, unless it was given to an earlier incarnation of this node, or by other data than the voter is known by. */
function takeVote(
  s: CoreState,
  { from, incarnation = 0, candidate = 0 }: PreVoteResponse | VoteResponse,
): boolean {
  if (incarnation > 0 && candidate !== s.incarnations.own) return false
  if (!noteIncarnation(s, from, incarnation)) return false
  if (incarnation > 0 || !s.votes.has(from)) s.votes.set(from, incarnation)
  return true
}

/**
 * Whether this node votes, or did before a change that is not known to be committed: it may then be the only one that holds it, without whom nobody could be
 * elected (thesis 4.2.2). It counts its own vote as the latest membership says.
 */
function mayBeElected(s: CoreState): boolean {
  if (s.lost !== undefined || isWiped(s) || noticed(s, 'removed') !== undefined) return false
  // While all founders have to vote for one of them, a second one would only be in its way.
  if (isFounding(s) && !mayFoundWithoutAll(s)) return s.configuration.electorate[0] === s.id
  const { latest, previous } = s.memberships
  return s.configuration.isVoter(s.id) || (latest.index > s.commit && previous.configuration.isVoter(s.id))
}

function hasQuorumOfVotes(s: CoreState): boolean {
  const { electorate } = s.configuration
  if (isFounding(s) && !mayFoundWithoutAll(s)) {
    return electorate.every((voter) => (s.votes.get(voter) ?? 0) > 0)
  }
  return s.configuration.isQuorum((voter) => {
    const incarnation = s.votes.get(voter)
    return incarnation !== undefined && s.configuration.recognises(voter, incarnation)
  })
}

/** Whether a lease was promised, or a leader is known and was heard within the shortest election timeout. A leader hears itself until check-quorum deposes it. */
function hearsLeader(s: CoreState): boolean {
  if (s.role === 'leader') return true
  // Whoever holds a lease counts on our word, whatever else we have heard meanwhile.
  if (s.now < s.promisedUntil) return true
  return s.leader !== undefined && s.now - s.leaderHeardAt < s.options.electionTimeoutMs
}

/** Whether a log with this end is at least as up to date as ours (section 5.4.1). */
function isUpToDate(s: CoreState, lastTerm: number, lastIndex: number): boolean {
  return !isEarlierEnd({ index: lastIndex, term: lastTerm }, electoralEnd(s))
}
