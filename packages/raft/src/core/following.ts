import { promiseLease } from './lease.ts'
import { noteRegained } from './lost-entries.ts'
import { decodeMembership } from './membership.ts'
import type { AppendRequest } from './message.ts'
import { announcePriority } from './priority.ts'
import { becomeFollower } from './roles.ts'
import type { CoreState } from './state.ts'

/** Follows a leader: takes its entries, learns what is committed, answers (section 5.3). */
export function onAppendRequest(s: CoreState, m: AppendRequest): void {
  if (m.term < s.term) {
    // Not silently: a leader that was left behind by a failed candidacy must learn our term, or it would lead a majority of deaf nodes.
    refuse(s, m, 0, 0)
    return
  }
  if (m.term > s.term || s.role === 'candidate' || s.role === 'pre-candidate' || s.leader === undefined) {
    if (m.term === s.term && s.role === 'leader') return impossible(s)
    becomeFollower(s, m.term, m.from)
  }
  if (s.leader !== m.from) return impossible(s)
  s.incarnations.asked = m.incarnation !== undefined && m.incarnation > 0
  s.leaderHeardAt = s.now
  s.resetElectionDeadline()
  if (m.round > s.roundSeen) s.roundSeen = m.round
  promiseLease(s, m.leaseMs)
  // What is before our first entry is committed, and so the same at every leader, although nobody can compare it any more.
  if (m.prevIndex >= s.log.firstIndex - 1 && s.log.termAt(m.prevIndex) !== m.prevTerm) {
    if (m.prevIndex <= s.commit) return impossible(s)
    const hintIndex = s.log.lastIndexWithTermAtMost(m.prevIndex, m.prevTerm)
    refuse(s, m, hintIndex, s.log.termAt(hintIndex))
    return
  }
  if (!takeEntries(s, m)) return impossible(s)
  learnCommit(s, m)
  if (s.lost !== undefined) noteRegained(s)
  // What must become durable first is acknowledged when it is; heartbeats never wait for the disk.
  const durable = s.verified <= s.stable
  if (!durable) s.ackDue = true
  if (durable || m.entries.length === 0) acknowledge(s)
  if (m.entries.length === 0) announcePriority(s, m.from)
}

/** Answers with what is both durable here and equal to the leader's log: acknowledging earlier is impossible to write. */
export function acknowledge(s: CoreState): void {
  if (s.role !== 'follower' || s.leader === undefined) return
  s.ackDue = s.verified > s.stable
  // Until the term itself is durable a crash would undo our following it.
  const queue = s.hardStateDurable ? s.send : s.sendAfterPersist
  queue.push({
    type: 'append-response',
    from: s.id,
    to: s.leader,
    term: s.term,
    incarnation: s.incarnations.asked ? s.incarnations.own : 0,
    success: true,
    index: Math.min(s.stable, s.verified),
    hintIndex: 0,
    hintTerm: 0,
    round: s.roundSeen,
    sentAt: s.sentAt,
    lease: s.leasePromised,
  })
}

function refuse(s: CoreState, m: AppendRequest, hintIndex: number, hintTerm: number): void {
  const queue = s.hardStateDurable ? s.send : s.sendAfterPersist
  queue.push({
    type: 'append-response',
    from: s.id,
    to: m.from,
    term: s.term,
    incarnation: s.incarnations.answering(m.incarnation),
    success: false,
    index: m.prevIndex,
    hintIndex,
    hintTerm,
    round: s.roundSeen,
    sentAt: s.sentAt,
    lease: s.leasePromised,
  })
}

/** Adds what is new and replaces what contradicts; an old or repeated message changes nothing. False if it contradicts committed entries. */
function takeEntries(s: CoreState, m: AppendRequest): boolean {
  let index = m.prevIndex
  for (const entry of m.entries) {
    index++
    if (index < s.log.firstIndex) continue
    const known = s.log.termAt(index)
    if (known === entry.term) continue
    if (entry.kind === 'configuration' && decodeMembership(entry.data) === undefined) return false
    if (known !== -1) {
      if (index <= s.commit) return false
      s.truncateFrom(index)
    }
    s.append(entry)
  }
  if (index > s.verified) s.verified = index
  return true
}

function learnCommit(s: CoreState, m: AppendRequest): void {
  s.leaderCommit = m.commit
  const commit = Math.min(m.commit, s.verified)
  if (commit > s.commit) s.commit = commit
  // The message was sent after we sent what it echoes, by a node that had led at most `quorumAgeMs` earlier; so everything that
  // completed before that moment is within `m.commit`. Readings of another life of this node fall outside [0, now].
  const echoed = m.echo - s.sentAtOrigin
  if (m.quorumAgeMs < 0 || echoed < 0 || echoed > s.now || s.commit < m.commit) return
  s.freshAt = Math.max(s.freshAt, echoed - m.quorumAgeMs)
}

function impossible(s: CoreState): void {
  s.drops.impossible++
}
