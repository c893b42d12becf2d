import type { NodeId } from '@colony/host'
import type {
  PreVoteRequest,
  PreVoteResponse,
  TimeoutNow,
  VoteRequest,
  VoteResponse,
} from '../../../src/core/message.ts'
import { require } from './disallow.ts'
import { isFirstFounder, isFounding, isVoter, mayStand, speaksFor } from './membership.ts'
import { adopt, beginTerm, isEarlier, type ModelNode, takeOwed } from './node.ts'
import { isQuorum } from './quorum.ts'
import type { Surroundings } from './surroundings.ts'

const NOTHING = new Uint8Array(0)

/** Its election timeout passed, so it asks whether it could win (section 5.2; thesis 9.6). */
export function timeOut(n: ModelNode, now: number, around: Surroundings): void {
  const { electionTimeoutMs } = around
  const alone = isQuorum(around.electorate(n), (id) => id === n.id)
  require(n.role !== 'leader', () => 'a leader to lead until it hears of a later term or of no quorum', () =>
    'it stood for election')
  require(alone || now - n.timerFrom >= electionTimeoutMs, () => `patience for ${electionTimeoutMs} ms`, () =>
    `it asked for an election after ${now - n.timerFrom} ms`)
  require(now >= n.promisedUntil, () =>
    `nobody to be elected for another ${n.promisedUntil - now} ms, its own candidacy included`, () =>
    'it asked for an election')
  if (isFounding(n)) seeWhoFounds(n, now, around)
  require(mayStand(n), () => 'only voters to ask for elections', () => 'it asked for one')
  n.role = 'pre-candidate'
  n.leader = undefined
  n.timerFrom = now
  n.preVotes.clear()
  n.preVotes.set(n.id, n.incarnation)
  if (alone) standForElection(n, now, around)
}

/** All founders are waited for by their first, for some elections. How often another one of them found that it may not stand is not seen, but how long that took at least. */
function seeWhoFounds(
  n: ModelNode,
  now: number,
  { foundingPatience, electionTimeoutMs }: Surroundings,
): void {
  n.foundingTries++
  n.foundsWithoutAll = isFirstFounder(n)
    ? n.foundingTries > foundingPatience
    : now - n.awakeFrom >= foundingPatience * electionTimeoutMs
}

/** Somebody holds something, so the group was founded, and may show itself. */
function waitAnew(n: ModelNode, now: number): void {
  n.foundingTries = 0
  n.awakeFrom = now
  n.foundsWithoutAll = false
}

/** "It increments its current term and transitions to candidate state. It then votes for itself" (section 5.2). `transfer`: the leader asked for it. */
function standForElection(n: ModelNode, now: number, around: Surroundings, transfer?: true): void {
  beginTerm(n, n.term + 1, n.id)
  n.role = 'candidate'
  n.leader = undefined
  n.timerFrom = now
  n.votes.clear()
  const { last: lastIndex, lastTerm } = n.log
  for (const to of others(n, around))
    n.owed.push({ type: 'vote-request', to, term: n.term, lastIndex, lastTerm, transfer })
}

/** The leader hands over (thesis 3.10). A node may have reasons of its own not to stand. */
export function onTimeoutNow(n: ModelNode, m: TimeoutNow, now: number, around: Surroundings): void {
  if (m.term !== n.term || (n.role !== 'follower' && n.role !== 'pre-candidate')) return
  if (mayStand(n) && around.isWilling(n)) standForElection(n, now, around, true)
}

/** A leader tells who is to lead next: a voter that has all that it has itself, or the next leader would lack it. */
export function onSendTimeoutNow(n: ModelNode, m: TimeoutNow): void {
  const { last, membership } = n.log
  require(n.role === 'leader' &&
    m.term === n.term &&
    isVoter(membership, m.to) &&
    n.match.get(m.to) === last, () => `leadership to be handed to a voter that has ${last}`, () =>
    `it told ${m.to}, which has ${n.match.get(m.to) ?? 0}, to stand for election in term ${m.term}`)
}

export function onPreVoteRequest(n: ModelNode, m: PreVoteRequest, now: number, around: Surroundings): void {
  if (m.lastIndex > 0) waitAnew(n, now)
  const isWilling = m.term > n.term && !hearsLeader(n, now, around) && isUpToDate(n, m.lastTerm, m.lastIndex)
  const granted = isWilling && speaksFor(n.log.membership, m.from, m.incarnation ?? 0)
  n.owed.push({
    ...{ type: 'pre-vote-response', to: m.from, term: granted ? m.term : n.term, granted },
    ...signature(n, m),
  })
}

export function onPreVoteResponse(n: ModelNode, m: PreVoteResponse, now: number, around: Surroundings): void {
  if (!m.granted) {
    if (m.term > n.term) adopt(n, m.term)
    return
  }
  if (n.role !== 'pre-candidate' || m.term !== n.term + 1) return
  take(n, n.preVotes, m)
  if (decides(n, n.preVotes, around)) standForElection(n, now, around)
}

/** Whoever is asked says with which data it answers, and which asked, if the question said so. */
function signature(
  n: ModelNode,
  { incarnation = 0 }: PreVoteRequest | VoteRequest,
): { readonly incarnation?: number; readonly candidate?: number } {
  return incarnation === 0 ? {} : { incarnation: n.incarnation, candidate: incarnation }
}

/** A vote is given by one incarnation to one incarnation. */
function take(n: ModelNode, votes: Map<NodeId, number>, m: PreVoteResponse | VoteResponse): void {
  const { from, incarnation = 0, candidate = 0 } = m
  if (incarnation > 0 && candidate !== n.incarnation) return
  if (speaksFor(n.log.membership, from, incarnation)) votes.set(from, incarnation)
}

/** A majority, of those who vote with the data that they are known by; of all founders, as long as nobody's is known. */
function decides(n: ModelNode, votes: ReadonlyMap<NodeId, number>, around: Surroundings): boolean {
  const { membership } = n.log
  if (isFounding(n) && !n.foundsWithoutAll) return membership.voters.every((id) => (votes.get(id) ?? 0) > 0)
  return isQuorum(
    around.electorate(n),
    (id) => votes.has(id) && speaksFor(membership, id, votes.get(id) ?? 0),
  )
}

/** Figure 2, RequestVote, and the last paragraphs of section 6: who hears a leader neither votes nor takes over the term. */
export function onVoteRequest(n: ModelNode, m: VoteRequest, now: number, around: Surroundings): void {
  if (m.lastIndex > 0) waitAnew(n, now)
  // Unless the leader itself asks to be replaced (thesis 3.10).
  const isKnown = speaksFor(n.log.membership, m.from, m.incarnation ?? 0)
  const answer = { type: 'vote-response', to: m.from, ...signature(n, m) }
  if (!isKnown || m.term < n.term || (m.transfer !== true && hearsLeader(n, now, around))) {
    n.owed.push({ ...answer, term: n.term, granted: false })
    return
  }
  if (m.term > n.term) adopt(n, m.term)
  const free = n.vote === '' || n.vote === m.from
  const granted = free && n.leader === undefined && isUpToDate(n, m.lastTerm, m.lastIndex)
  if (granted) {
    n.role = 'follower'
    n.vote = m.from
    n.timerFrom = now
  }
  n.owed.push({ ...answer, term: n.term, granted })
}

export function onVoteResponse(n: ModelNode, m: VoteResponse, now: number, around: Surroundings): void {
  if (m.term > n.term) return adopt(n, m.term)
  if (n.role !== 'candidate' || m.term !== n.term || !m.granted) return
  take(n, n.votes, m)
  winIfElected(n, now, around)
}

/** Its own vote, as any, counts once it is durable. */
export function countOwnVote(n: ModelNode, now: number, around: Surroundings): void {
  if (n.role !== 'candidate' || n.disk.term !== n.term || n.disk.vote !== n.id) return
  n.votes.set(n.id, n.incarnation)
  n.timerFrom = now
  winIfElected(n, now, around)
}

/** "A candidate wins an election if it receives votes from a majority"; a leader opens its term with a no-op (sections 5.2 and 8). */
function winIfElected(n: ModelNode, now: number, around: Surroundings): void {
  if (!decides(n, n.votes, around)) return
  n.role = 'leader'
  n.leader = n.id
  n.ledFrom = now
  n.match.clear()
  n.rounds.clear()
  n.answeredAt.clear()
  n.shown.clear()
  n.shown.set(n.id, n.incarnation)
  n.gone.clear()
  n.changed = false
  // The first leader of all opens its term with the membership instead.
  if (isFounding(n)) n.elected = new Map(n.votes)
  else n.log.push({ term: n.term, kind: 'noop', data: NOTHING })
}

export function onSendPreVoteRequest(
  n: ModelNode,
  m: PreVoteRequest,
  now: number,
  around: Surroundings,
): void {
  // One question to each of the others; that a new round of them begins is seen by the time alone.
  if (n.role !== 'pre-candidate' || now !== n.timerFrom) timeOut(n, now, around)
  const { last, lastTerm } = n.log
  require(m.term === n.term + 1 && m.lastIndex === last && m.lastTerm === lastTerm, () =>
    `a question about term ${n.term + 1} with a log up to ${last} of term ${lastTerm}`, () =>
    `it asked about term ${m.term} with a log up to ${m.lastIndex} of term ${m.lastTerm}`)
}

export function onSendPreVoteResponse(n: ModelNode, m: PreVoteResponse): void {
  requireOwed(n, m, `${m.granted ? 'would vote' : 'would not vote'} for ${m.to} in term ${m.term}`)
}

export function onSendVoteRequest(n: ModelNode, m: VoteRequest): void {
  requireOwed(n, m, `asks ${m.to} for its vote in term ${m.term}, log up to ${m.lastIndex}`)
  requireVoteOnDisk(n, m.term, n.id)
}

export function onSendVoteResponse(n: ModelNode, m: VoteResponse): void {
  requireOwed(n, m, `${m.granted ? 'votes' : 'does not vote'} for ${m.to} in term ${m.term}`)
  if (m.granted) requireVoteOnDisk(n, m.term, m.to)
}

/** Figure 2: the vote is "updated on stable storage before responding". A later term on the disk forbids any vote in this one as well. */
function requireVoteOnDisk({ disk }: ModelNode, term: number, candidate: NodeId): void {
  require(disk.term > term || (disk.term === term && disk.vote === candidate), () =>
    `the vote for ${candidate} in term ${term} to be on the disk first`, () =>
    `there it has term ${disk.term} and vote '${disk.vote}'`)
}

function requireOwed(n: ModelNode, message: object, happened: string): void {
  const expected = (): string =>
    n.owed.length === 0 ? 'no answer' : `one of ${n.owed.map((owed) => JSON.stringify(owed)).join(', ')}`
  require(takeOwed(n, message), expected, () => `it ${happened}`)
}

/** What it promised before it was restarted it does not know any more, but for how long that may bind it. Who was in no term promised nothing. */
export function keepForgottenPromises(n: ModelNode, now: number, around: Surroundings): void {
  const alone = isQuorum(around.electorate(n), (id) => id === n.id)
  n.promisedUntil = n.term === 0 || alone ? Number.NEGATIVE_INFINITY : now + around.electionTimeoutMs
}

/** A leader is heard, or was promised that nobody else is elected. */
function hearsLeader(n: ModelNode, now: number, { electionTimeoutMs }: Surroundings): boolean {
  if (n.role === 'leader' || now < n.promisedUntil) return true
  return n.leader !== undefined && now - n.heardAt < electionTimeoutMs
}

/** Section 5.4.1. */
function isUpToDate({ log, lost }: ModelNode, lastTerm: number, lastIndex: number): boolean {
  if (lost !== undefined && isEarlier({ index: lastIndex, term: lastTerm }, lost)) return false
  return lastTerm > log.lastTerm || (lastTerm === log.lastTerm && lastIndex >= log.last)
}

function others(n: ModelNode, around: Surroundings): ReadonlySet<NodeId> {
  const { voters, outgoing } = around.electorate(n)
  const ids = new Set([...voters, ...outgoing])
  ids.delete(n.id)
  return ids
}
