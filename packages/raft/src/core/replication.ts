import { sendEntries } from './append.ts'
import type { Entry, LogIndex } from './entry.ts'
import { takeIncarnation } from './incarnations.ts'
import type { AppendResponse } from './message.ts'
import type { Progress } from './progress.ts'
import { becomeFollower } from './roles.ts'
import { broadcastHeartbeat, confirmRounds } from './rounds.ts'
import type { CoreState } from './state.ts'
import { onTargetHeard } from './transfer.ts'

/** Appends entries to the leader's log and sends them on at once, while its own disk writes them. */
export function appendAsLeader(s: CoreState, entries: readonly Entry[]): void {
  for (const entry of entries) {
    const index = s.append(entry)
    if (s.appendedAt === 0) s.appendedAt = index
  }
  for (const [peer, progress] of s.progress) sendEntries(s, peer, progress)
}

/** Learns from a follower's answer what it holds, and whether it still follows. */
export function onAppendResponse(s: CoreState, m: AppendResponse): void {
  if (m.term > s.term) {
    // A node that was removed while it campaigned may be ahead for ever, and must not depose those that work.
    if (s.configuration.isMember(m.from)) becomeFollower(s, m.term, undefined)
    else s.drops.stranger++
    return
  }
  const progress = s.progress.get(m.from)
  if (s.role !== 'leader' || m.term < s.term || progress === undefined) return
  const { incarnation = 0 } = m
  if (incarnation !== progress.incarnation && !takeIncarnation(s, m.from, incarnation, progress)) return
  if (m.round > s.round || (m.success && m.index > s.log.lastIndex)) {
    s.drops.impossible++
    return
  }
  // The latest to arrive, not the largest: after a restart the follower counts from another origin, which may be lower. Each is true.
  progress.echo = m.sentAt
  progress.heardAt = s.now
  const isNews = m.round > progress.round
  if (isNews) {
    progress.round = m.round
    if (m.lease) progress.leaseRound = m.round
    confirmRounds(s)
  }
  if (!m.success && isNews) noteLoss(s, progress, m)
  if (!m.success) retryFrom(s, progress, m)
  else if (progress.acknowledge(m.index)) advanceCommit(s)
  if (s.transfer !== undefined) onTargetHeard(s, m.from, progress)
  sendEntries(s, m.from, progress)
}

/**
 * A follower whose disk lost entries that it had acknowledged in this term: the round was begun after it had, so it had them then, and it says that it has not now. They are sent again, and it
 * does not count for them meanwhile; what was committed with its help stays so, because it elects nobody who lacks it.
 */
function noteLoss(s: CoreState, progress: Progress, m: AppendResponse): void {
  if (m.index < progress.match || m.hintIndex >= progress.match) return
  progress.forgetFrom(s.log.lastIndexWithTermAtMost(m.hintIndex, m.hintTerm) + 1)
}

/** Goes back to where the logs may agree, skipping whole terms (section 5.3). Answers to what is no longer in question are ignored. */
function retryFrom(s: CoreState, progress: Progress, m: AppendResponse): void {
  if (progress.state === 'snapshot') return
  const refused = m.index
  const current =
    progress.state === 'probe'
      ? refused === progress.next - 1
      : refused > progress.match && refused < progress.next
  if (!current) return
  const agreed = s.log.lastIndexWithTermAtMost(m.hintIndex, m.hintTerm)
  progress.probeFrom(Math.min(refused, agreed + 1))
}

/**
 * Commits what a quorum holds durably, but only through an entry of this term: an older one may still be overwritten although a
 * quorum holds it (section 5.4.2, figure 8). The leader counts itself by `stable`, so its own disk may be the last or not needed at all.
 */
export function advanceCommit(s: CoreState): void {
  const reached: LogIndex = s.configuration.reachedByQuorum((voter) =>
    voter === s.id ? s.stable : (s.progress.get(voter)?.match ?? 0),
  )
  if (reached <= s.commit || s.log.termAt(reached) !== s.term) return
  const wasCurrent = s.commitIsCurrent
  s.commit = reached
  // Reads that came before the term's first commit had to wait for it (section 8).
  if (!wasCurrent && s.commitIsCurrent && s.readsQueued.length > 0) broadcastHeartbeat(s)
}
