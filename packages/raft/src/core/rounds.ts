import type { NodeId } from '@colony/host'
import { sendAppend } from './append.ts'
import type { Entry } from './entry.ts'
import { extendLease } from './lease.ts'
import { yieldToPriority } from './priority.ts'
import type { Progress } from './progress.ts'
import { noteHeartbeat, offersQuiet } from './quiet.ts'
import { answerReads, attachReads, readsMayStart } from './reads.ts'
import { becomeFollower } from './roles.ts'
import type { CoreState } from './state.ts'
import { continueTransfer } from './transfer.ts'

const NO_ENTRIES: readonly Entry[] = []
/** How often members that have not shown an incarnation are asked for it. */
const ROUNDS_BETWEEN_QUESTIONS = 8

/**
 * Begins a new round: an empty append to every follower. It keeps followers from campaigning, confirms reads, and repairs loss: it
 * names the entry that the follower should have by now, and one that lacks it says so.
 */
export function broadcastHeartbeat(s: CoreState): void {
  s.round++
  s.rounds.push({ round: s.round, at: s.now })
  s.heartbeatAt = nextHeartbeat(s)
  attachReads(s)
  for (const [peer, progress] of s.progress) sendAppend(s, peer, progress, NO_ENTRIES)
  if (s.incarnations.own > 0) for (const [peer, progress] of s.progress) askForIncarnation(s, peer, progress)
  confirmRounds(s)
}

/** Whoever has not shown an incarnation may be of a version without, which drops the question: so it comes beside the heartbeat, and once that was answered, seldom. */
function askForIncarnation(s: CoreState, peer: NodeId, progress: Progress): void {
  if (progress.incarnation > 0) return
  if (progress.round === 0 || s.round % ROUNDS_BETWEEN_QUESTIONS === 0)
    sendAppend(s, peer, progress, NO_ENTRIES, s.incarnations.own)
}

/** Groups that may be quiet share their nodes with others: all of them speak at the same moments, so that what they say travels together. */
function nextHeartbeat({ now, options: { heartbeatIntervalMs, quietAfterMs } }: CoreState): number {
  if (quietAfterMs === undefined) return now + heartbeatIntervalMs
  return (Math.floor(now / heartbeatIntervalMs) + 1) * heartbeatIntervalMs
}

/**
 * A leader that no quorum has answered for an election timeout steps down: it may have been replaced (check-quorum, thesis 6.2). Nobody fails to answer who was not asked: a leader
 * that was stalled itself asks first. Whether it was replaced meanwhile is in the answers; and if the others have waited for it, it goes on.
 */
export function onHeartbeatDue(s: CoreState): void {
  const heardAt = s.configuration.reachedByQuorum((voter) =>
    voter === s.id ? s.now : (s.progress.get(voter)?.heardAt ?? Number.NEGATIVE_INFINITY),
  )
  const askedAt = s.rounds[0]?.at ?? s.now
  if (s.now - Math.max(heardAt, askedAt, s.quiet.awakeSince) > s.options.electionTimeoutMs) {
    becomeFollower(s, s.term, undefined)
    return
  }
  continueTransfer(s)
  if (offersQuiet(s)) return
  broadcastHeartbeat(s)
  noteHeartbeat(s)
  yieldToPriority(s)
}

/**
 * ReadIndex (thesis 6.4): a read is linearizable once a quorum has answered a round that began after the read arrived, and the
 * machine has applied what was committed then. All reads that wait share one round.
 */
export function requestRead(s: CoreState, id: number): void {
  if (s.role !== 'leader') {
    s.readAnswers.push({ id, index: -1 })
    return
  }
  s.readsQueued.push(id)
  // While one round is out, the next collects: under load a round serves all that came during the one before.
  if (s.reading.length === 0 && readsMayStart(s)) broadcastHeartbeat(s)
}

/** Notes which rounds a quorum has answered, and with them that this node led when the last of them was sent. */
export function confirmRounds(s: CoreState): void {
  const confirmed = s.configuration.reachedByQuorum((voter) =>
    voter === s.id ? s.round : (s.progress.get(voter)?.round ?? 0),
  )
  if (confirmed <= s.confirmedRound) return
  s.confirmedRound = confirmed
  let done = 0
  for (const sent of s.rounds) {
    if (sent.round > confirmed) break
    s.quorumAt = sent.at
    done++
  }
  s.rounds.splice(0, done)
  extendLease(s)
  answerReads(s)
  if (s.reading.length === 0 && s.readsQueued.length > 0 && readsMayStart(s)) broadcastHeartbeat(s)
}
