import { becomeLeader } from './leadership.ts'
import type { PreVoteRequest, PreVoteResponse, VoteRequest, VoteResponse } from './message.ts'
import { becomeFollower } from './roles.ts'
import type { CoreState } from './state.ts'

/** Asks every voter whether an election could be won (thesis 9.6). A lone voter needs not ask. */
export function preCampaign(s: CoreState): void {
  if (s.now < s.promisedUntil) {
    // Our own vote is promised like any other.
    s.electionDeadline = Math.max(s.electionDeadline, s.promisedUntil)
    return
  }
  s.role = 'pre-candidate'
  s.leader = undefined
  s.votes.clear()
  s.votes.set(s.id, true)
  s.resetElectionDeadline()
  if (hasQuorumOfVotes(s)) {
    campaign(s)
    return
  }
  const { lastIndex, lastTerm } = s.log
  for (const to of s.configuration.voters) {
    if (to === s.id) continue
    s.send.push({ type: 'pre-vote-request', from: s.id, to, term: s.term + 1, lastIndex, lastTerm })
  }
}

/** Stands for election in a new term (section 5.2). */
function campaign(s: CoreState): void {
  s.role = 'candidate'
  s.term++
  s.vote = s.id
  s.verified = s.commit
  s.roundSeen = 0
  s.ackDue = false
  s.votes.clear()
  s.campaignedAt = s.now
  s.resetElectionDeadline()
  const { lastIndex, lastTerm } = s.log
  for (const to of s.configuration.voters) {
    if (to === s.id) continue
    // After the record: a candidate that crashed and forgot this term could win it a second time, with other entries.
    s.sendAfterPersist.push({ type: 'vote-request', from: s.id, to, term: s.term, lastIndex, lastTerm })
  }
}

/** Counts one's own vote, which like any vote counts only once it is durable. */
export function countOwnVote(s: CoreState): void {
  if (s.role !== 'candidate' || !s.hardStateDurable) return
  s.votes.set(s.id, true)
  // The others are asked only now, so only now their time begins.
  s.resetElectionDeadline()
  if (hasQuorumOfVotes(s)) becomeLeader(s)
}

/** Answers a pre-vote: promises nothing, changes nothing. */
export function onPreVoteRequest(s: CoreState, m: PreVoteRequest): void {
  const granted = m.term > s.term && !hearsLeader(s) && isUpToDate(s, m.lastTerm, m.lastIndex)
  // A refusal carries our own term: a candidate that is behind learns it here, or it would ask in vain for ever.
  const term = granted ? m.term : s.term
  s.send.push({ type: 'pre-vote-response', from: s.id, to: m.from, term, granted })
}

/** Counts an answer to our pre-vote. */
export function onPreVoteResponse(s: CoreState, m: PreVoteResponse): void {
  if (!m.granted) {
    if (m.term > s.term) becomeFollower(s, m.term, undefined)
    return
  }
  if (s.role !== 'pre-candidate' || m.term !== s.term + 1) return
  s.votes.set(m.from, true)
  if (hasQuorumOfVotes(s)) campaign(s)
}

/** Votes, at most once a term, for a log that is at least as good as ours (sections 5.2 and 5.4.1). */
export function onVoteRequest(s: CoreState, m: VoteRequest): void {
  // Leader stickiness (section 6, last paragraphs): who hears a leader neither votes nor takes over the term.
  if (m.term < s.term || hearsLeader(s)) {
    s.send.push({ type: 'vote-response', from: s.id, to: m.from, term: s.term, granted: false })
    return
  }
  if (m.term > s.term) becomeFollower(s, m.term, undefined)
  const free = s.vote === '' || s.vote === m.from
  const granted = free && s.leader === undefined && isUpToDate(s, m.lastTerm, m.lastIndex)
  if (granted) {
    becomeFollower(s, s.term, undefined)
    s.vote = m.from
  }
  s.sendAfterPersist.push({ type: 'vote-response', from: s.id, to: m.from, term: s.term, granted })
}

/** Counts an answer to our candidacy. */
export function onVoteResponse(s: CoreState, m: VoteResponse): void {
  if (m.term > s.term) {
    becomeFollower(s, m.term, undefined)
    return
  }
  if (s.role !== 'candidate' || m.term !== s.term) return
  if (m.granted) s.votes.set(m.from, true)
  if (hasQuorumOfVotes(s)) becomeLeader(s)
}

function hasQuorumOfVotes(s: CoreState): boolean {
  return s.configuration.isQuorum((voter) => s.votes.get(voter) === true)
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
  return lastTerm > s.log.lastTerm || (lastTerm === s.log.lastTerm && lastIndex >= s.log.lastIndex)
}
