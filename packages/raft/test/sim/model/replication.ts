import type { AppendRequest, AppendResponse } from '../../../src/core/message.ts'
import type { Entry } from '../../../src/index.ts'
import { NotAllowed, require } from './disallow.ts'
import { isMember, isVoter, membershipOf, requireAllowedChange, speaksFor } from './membership.ts'
import { adopt, type ModelNode, noteReach, noteRegained, takeOwed } from './node.ts'
import { reachedByQuorum } from './quorum.ts'
import type { Surroundings } from './surroundings.ts'

/** Figure 2, AppendEntries. */
export function onAppendRequest(n: ModelNode, m: AppendRequest, now: number, around: Surroundings): void {
  if (m.term < n.term) return oweRefusal(n, m)
  follow(n, m, now)
  promise(n, m, now, around)
  // What a snapshot stands for is committed, and so the same at every leader.
  if (m.prevIndex >= n.log.base.index && n.log.termAt(m.prevIndex) !== m.prevTerm) {
    require(m.prevIndex > n.commit, () =>
      `every leader to have what is committed, here up to ${n.commit}`, () =>
      `${m.from} has another entry at ${m.prevIndex}`)
    return oweRefusal(n, m)
  }
  takeEntries(n, m)
  n.verified = Math.max(n.verified, m.prevIndex + m.entries.length)
  n.commit = Math.max(n.commit, Math.min(m.commit, n.verified))
  noteRegained(n)
  noteReach(n)
}

function follow(n: ModelNode, m: AppendRequest, now: number): void {
  const { leader = m.from } = n.followed.get(m.term) ?? {}
  require(leader === m.from && (n.role !== 'leader' || m.term > n.term), () =>
    `one leader in term ${m.term}, ${n.role === 'leader' ? n.id : leader}`, () =>
    `${m.from} leads it as well`)
  adopt(n, m.term)
  n.leader = m.from
  n.heardAt = n.timerFrom = now
  if (!n.followed.has(m.term)) n.followed.set(m.term, { leader, reach: 0 })
}

/** A lease that is asked for is granted if it is no longer than an election timeout, which is how long a node is silent after a restart. */
function promise(
  n: ModelNode,
  { leaseMs }: AppendRequest,
  now: number,
  { electionTimeoutMs }: Surroundings,
): void {
  if (leaseMs > 0 && leaseMs <= electionTimeoutMs) n.promisedUntil = Math.max(n.promisedUntil, now + leaseMs)
}

/** Rules 3 and 4: what contradicts goes, with all that follows it; what is not there yet comes. */
function takeEntries(n: ModelNode, { from, prevIndex, entries }: AppendRequest): void {
  let index = prevIndex
  for (const entry of entries) {
    index++
    if (index <= n.log.base.index) continue
    const known = n.log.termAt(index)
    if (known === entry.term) continue
    if (known !== undefined) cut(n, index, from)
    n.log.push(entry)
  }
}

function cut(n: ModelNode, index: number, leader: string): void {
  require(index > n.commit, () => `every leader to have what is committed, here up to ${n.commit}`, () =>
    `${leader} replaces the entry at ${index}`)
  n.log.cutFrom(index)
  n.stable = Math.min(n.stable, index - 1)
  // What is being written there is not what will stand there.
  if (n.writing !== undefined) n.writing.covers = Math.min(n.writing.covers, index - 1)
}

function oweRefusal(n: ModelNode, { from, prevIndex }: AppendRequest): void {
  n.owed.push({ type: 'append-response', to: from, term: n.term, success: false, index: prevIndex })
}

export function onAppendResponse(n: ModelNode, m: AppendResponse, now: number, around: Surroundings): void {
  if (m.term > n.term) {
    // Who was removed while it stood for election may be ahead for ever, and must not depose those who work.
    if (isMember(n.log.membership, m.from)) adopt(n, m.term)
    return
  }
  if (n.role !== 'leader' || m.term < n.term || !isHeard(n, m)) return
  n.answeredAt.set(m.from, now)
  const isNews = m.round > (n.rounds.get(m.from) ?? 0)
  if (isNews) n.rounds.set(m.from, m.round)
  if (!m.success) return isNews ? noteLoss(n, m) : undefined
  n.match.set(m.from, Math.max(m.index, n.match.get(m.from) ?? 0))
  advanceCommit(n, around)
}

/** Says no, to a round that began after it had said yes: it had what it acknowledged, and has it no more. It does not count for it until it has it again. */
function noteLoss(n: ModelNode, { from, index, hintIndex, hintTerm }: AppendResponse): void {
  const match = n.match.get(from) ?? 0
  if (index < match || hintIndex >= match) return
  let agreed = hintIndex
  while (agreed > 0 && (n.log.termAt(agreed) ?? 0) > hintTerm) agreed--
  n.match.set(from, agreed)
}

/** Whether an answer is that of the member of this name; of one whose voice is bound to no data, the data that it shows last. */
function isHeard(n: ModelNode, { from, incarnation = 0 }: AppendResponse): boolean {
  const { membership } = n.log
  if (membership.incarnations?.has(from) === true) {
    if (!speaksFor(membership, from, incarnation)) return false
    // Should it be removed, and added again, this is what it showed last.
    n.shown.set(from, incarnation)
    return true
  }
  const before = n.shown.get(from) ?? 0
  if (incarnation === before) return true
  if (incarnation === 0 || n.gone.has(incarnation)) return false
  n.gone.add(before)
  n.shown.set(from, incarnation)
  n.match.delete(from)
  n.rounds.delete(from)
  return true
}

/** Figure 2, leaders, last rule: an entry of the leader's own term that a quorum holds durably is committed, and all before it (section 5.4.2). */
export function advanceCommit(n: ModelNode, around: Surroundings): void {
  if (n.role !== 'leader') return
  const reached = reachedByQuorum(around.electorate(n), (id) =>
    id === n.id ? n.stable : (n.match.get(id) ?? 0),
  )
  if (reached > n.commit && n.log.termAt(reached) === n.term) n.commit = reached
}

/**
 * A leader that hears no quorum for an election timeout steps down (thesis 6.2), and one that was removed when that is committed (section 6). Nobody else does in
 * its term.
 */
export function stepDown(n: ModelNode, now: number, around: Surroundings): void {
  const { membership } = n.log
  const removed = !isVoter(membership, n.id) && membership.index <= n.commit
  const heardAt = reachedByQuorum(around.electorate(n), (id) =>
    id === n.id ? now : (n.answeredAt.get(id) ?? n.ledFrom),
  )
  require(removed || now - heardAt > around.electionTimeoutMs, () =>
    `a leader to lead on, that a quorum answered ${now - heardAt} ms ago`, () => 'it stepped down')
  adopt(n, n.term)
}

/** "If command received from client: append entry to local log" (figure 2), in the term of whoever leads. */
export function appendAsLeader(n: ModelNode, entry: Entry, now: number): void {
  require(n.role === 'leader' && entry.term === n.term, () =>
    `entries of a leader and its term, not of a ${n.role} in term ${n.term}`, () =>
    `it has one of term ${entry.term} at ${n.log.last + 1}`)
  if (n.elected !== undefined) requireFounding(n, entry)
  else if (entry.kind === 'configuration') changeMembers(n, entry, now)
  n.log.push(entry)
}

/** The first entry of all says who founded the group, and with which data they did: that of their votes. */
function requireFounding(n: ModelNode, entry: Entry): void {
  const votes = [...(n.elected ?? [])]
  const written = entry.kind === 'configuration' ? membershipOf(entry, 1).incarnations : undefined
  const isWritten = votes.every(([id, incarnation]) => written?.get(id) === incarnation)
  require(isWritten && written?.size === votes.length, () =>
    `the first entry to name the data that voted: ${JSON.stringify(votes)}`, () => `it is a ${entry.kind}`)
  n.elected = undefined
}

function changeMembers(n: ModelNode, entry: Entry, now: number): void {
  const next = membershipOf(entry, n.log.last + 1)
  requireAllowedChange(n, next)
  n.changed = true
  // Who loses its voice is a new node from now on.
  for (const [id, incarnation] of n.log.membership.incarnations ?? []) {
    if (next.incarnations?.has(id) === true || !isMember(next, id)) continue
    n.gone.add(incarnation)
    n.shown.delete(id)
    n.match.delete(id)
    n.rounds.delete(id)
    n.answeredAt.set(id, now)
  }
  for (const id of [...next.voters, ...next.learners]) {
    const isNew = !isMember(n.log.membership, id) && !n.answeredAt.has(id)
    if (isNew) n.answeredAt.set(id, now)
  }
}

export function onSendAppendRequest(n: ModelNode, m: AppendRequest, now: number): void {
  const { term, prevIndex, prevTerm, commit, entries, to } = m
  require(n.role === 'leader' && term === n.term, () =>
    `nothing to append from a ${n.role} in term ${n.term}`, () => `it sent some to ${to} in term ${term}`)
  // Whoever waits for a snapshot is told nothing about the log. A round that an answer brings about may go out before what the answer commits.
  const isNothing = prevIndex === 0 && prevTerm === 0 && entries.length === 0
  require((isNothing || n.log.termAt(prevIndex) === prevTerm) && commit <= n.commit, () =>
    `term ${n.log.termAt(prevIndex)} at ${prevIndex} and commit ${n.commit} at most`, () =>
    `it told ${to} of term ${prevTerm} and commit ${commit}`)
  for (let index = n.log.last + 1; index <= prevIndex + entries.length; index++) {
    const entry = entries[index - prevIndex - 1]
    if (entry !== undefined) appendAsLeader(n, entry, now)
  }
  const wrong = n.log.difference(prevIndex + 1, entries)
  if (wrong !== undefined) throw new NotAllowed('the entries of its log', `it sent ${to} another at ${wrong}`)
}

export function onSendAppendResponse(n: ModelNode, m: AppendResponse): void {
  const { term, to, success, index } = m
  require(n.disk.term >= term, () => `term ${term} to be on the disk before anybody is answered in it`, () =>
    `there it has term ${n.disk.term}`)
  if (!success) return onRefusal(n, m)
  const { leader, reach } = n.followed.get(term) ?? { leader: 'nobody', reach: 0 }
  require(to === leader && index <= reach, () =>
    `an answer to ${leader} for entries up to ${reach}, which are durable and the leader's`, () =>
    `it acknowledged ${index} of term ${term} to ${to}`)
}

function onRefusal(n: ModelNode, m: AppendResponse): void {
  const { to, index, hintIndex, hintTerm } = m
  require(takeOwed(n, m), () =>
    `a refusal only of what does not fit; owed are ${JSON.stringify(n.owed)}`, () =>
    `it refused ${index} to ${to}`)
  // Whoever was asked in an earlier term knows no better than to say nothing. Later the log may have been replaced there.
  if (m.term !== n.term) return
  require(hintIndex <= index && (n.log.termAt(hintIndex) ?? hintTerm) === hintTerm, () =>
    `a hint that is true: term ${n.log.termAt(hintIndex)} at ${hintIndex}`, () =>
    `it told ${to} of term ${hintTerm}`)
}
