import type { NodeId } from '@colony/host'
import type { QuietAnswer, QuietOffer, WakeRequest } from './message.ts'
import type { CoreState } from './state.ts'
import type { Input } from './step.ts'

/*
 * A group in which nothing happens needs no heartbeats, as long as somebody else watches over its nodes: whoever drives many groups on the same few nodes does that once for all
 * of them. The leader of a group that has been idle for a while, and whose members all hold everything, offers to be quiet. A member that agrees stops its election
 * timer and says so; when all have, the leader stops its heartbeats. Any input but the passing of time ends it, at each node for itself: a proposal, a read, a change, any
 * message, and what is told of the other nodes (`peer-closed`, `peer-silent`, `wake`).
 *
 * Nothing that safety rests on is touched. Terms, votes and logs are what they are; a read needs its round as ever, and a lease ends by the clock. What a follower knows to be fresh, and
 * a leader to be confirmed, are moments in the past, and stay so. Only two things wait: the election of somebody else, until a node is told that the leader's node is
 * gone; and check-quorum, which begins anew when the leader wakes.
 */

/** A leader that woke: no round since. */
const NO_ROUND = -1

/** On a new leader. */
export function beginQuiet(s: CoreState): void {
  s.quiet.idleSince = s.now
  s.quiet.offer = 0
  s.quiet.followersMayBe = false
}

/** On a leader that leads no more: wakes whoever it left quiet. What is lost on the way is made up for by others, who are told so. */
export function leaveQuiet(s: CoreState): void {
  if (s.quiet.followersMayBe) {
    s.quiet.abandoned++
    for (const to of s.progress.keys()) s.send.push({ type: 'wake', from: s.id, to, term: s.term })
  }
  s.quiet.followersMayBe = false
  s.quiet.offer = 0
}

/** On a leader whose heartbeat is due: offers to be quiet, in place of it, once the group was idle for long enough. */
export function offersQuiet(s: CoreState): boolean {
  const { quietAfterMs } = s.options
  if (quietAfterMs === undefined) return false
  const q = s.quiet
  const wasOffered = q.offer > 0
  q.offer = 0
  if (!isIdle(s) || wasOffered) {
    // Somebody did not agree: heartbeats show why, and wake those that did. But that there was no round yet since it woke does not mean that something happened.
    if (wasOffered || q.round !== NO_ROUND) q.idleSince = s.now
    return false
  }
  // All have answered a round that began after the last offer.
  q.followersMayBe = false
  if (s.now - q.idleSince < quietAfterMs) return false
  if (s.progress.size === 0) q.on = true
  else offer(s)
  return true
}

/** Takes note of the round that was just begun: another one in between is a sign of life. */
export function noteHeartbeat(s: CoreState): void {
  s.quiet.round = s.round
  s.quiet.lastIndex = s.log.lastIndex
}

function offer(s: CoreState): void {
  const q = s.quiet
  q.offer = ++q.lastOffer
  q.followersMayBe = true
  q.accepted.clear()
  s.heartbeatAt = s.now + s.options.heartbeatIntervalMs
  for (const to of s.progress.keys()) {
    const index = s.log.lastIndex
    s.send.push({ type: 'quiet-offer', from: s.id, to, term: s.term, index, offer: q.offer })
  }
}

/** Whether nothing has happened since the last heartbeat, and nothing is left to do: everybody holds everything, and has said so. */
function isIdle(s: CoreState): boolean {
  const { lastIndex } = s.log
  if (s.round !== s.quiet.round || lastIndex !== s.quiet.lastIndex) return false
  if (!s.commitIsCurrent || s.commit !== lastIndex || s.stable !== lastIndex || !s.hardStateDurable)
    return false
  if (s.changing || s.transfer !== undefined || s.reading.length > 0 || s.readsQueued.length > 0) return false
  const { priority = 0 } = s.options
  for (const progress of s.progress.values()) {
    if (progress.state !== 'replicate' || progress.match !== lastIndex || progress.round !== s.round)
      return false
    // It is to lead instead.
    if (progress.priority > priority) return false
  }
  return s.configuration.isVoter(s.id)
}

/** On a follower: is quiet from now on, if it holds all that the leader has. */
export function onQuietOffer(s: CoreState, m: QuietOffer): void {
  const q = s.quiet
  const isRepeated = q.tookTerm === m.term && q.tookOffer >= m.offer
  if (s.options.quietAfterMs === undefined || m.term !== s.term || s.leader !== m.from || isRepeated) return
  if (s.role !== 'follower' || s.commit !== m.index || s.log.lastIndex !== m.index) return
  if (s.stable !== m.index || s.verified !== m.index || s.ackDue || !s.hardStateDurable) return
  q.on = true
  q.tookTerm = m.term
  q.tookOffer = m.offer
  s.send.push({ type: 'quiet-answer', from: s.id, to: m.from, term: s.term, offer: m.offer })
}

/** On the leader: when all agree, and nothing has happened since it asked, no heartbeat is sent any more. */
export function onQuietAnswer(s: CoreState, m: QuietAnswer): void {
  const q = s.quiet
  if (s.role !== 'leader' || m.term !== s.term || m.offer !== q.offer || q.offer === 0) return
  const progress = s.progress.get(m.from)
  if (progress === undefined) return
  progress.heardAt = s.now
  q.accepted.add(m.from)
  for (const id of s.progress.keys()) if (!q.accepted.has(id)) return
  if (!isIdle(s)) return
  q.offer = 0
  q.on = true
}

/** A follower was told that something is wrong, and would like to hear its leader. */
export function onWakeRequest(s: CoreState, m: WakeRequest): void {
  // One that was quiet is awake by now; its heartbeat is due at once. One that is not sends it soon anyway.
  if (s.role === 'leader' && m.term <= s.term && s.options.quietAfterMs !== undefined) s.heartbeatAt = s.now
}

/** A quiet node gets an input: most end that. */
export function wakeFor(s: CoreState, input: Input): void {
  switch (input.type) {
    case 'propose':
    case 'read':
    case 'transfer':
    case 'change-members':
      return wake(s)
    case 'wake':
      return rouse(s)
    case 'message':
      return wakeForMessage(s, input.message.type)
    case 'peer-closed':
    case 'peer-silent':
      if (s.role === 'leader' ? s.progress.has(input.peer) : s.leader === input.peer) wake(s)
      return
    default:
  }
}

function wakeForMessage(s: CoreState, type: string): void {
  // What is said about being quiet may come late, and twice.
  if (type === 'quiet-offer' || type === 'quiet-answer') return
  if (type === 'wake') rouse(s)
  else wake(s)
  // Its node was alive until now, or it would have been told.
  if (s.role === 'follower' && s.leader !== undefined) s.leaderHeardAt = s.now
}

function wake(s: CoreState): void {
  if (s.role === 'leader') s.quiet.idleSince = s.now
  rouse(s)
}

/** Only to see that all are there: nothing happened that could go on, so it may be quiet again as soon as they are. */
function rouse(s: CoreState): void {
  const q = s.quiet
  q.on = false
  if (s.role === 'leader') {
    q.awakeSince = s.now
    // Whoever answered a round before it was quiet may be quiet still.
    q.round = NO_ROUND
    s.heartbeatAt = s.now
  } else s.resetElectionDeadline()
}

/** The driver asks for a sign of life, quiet or not: a leader gives one, a follower asks for one. */
export function onWake(s: CoreState): void {
  if (s.role === 'leader') s.heartbeatAt = s.now
  else if (s.role === 'follower' && s.leader !== undefined && s.leader !== s.id) {
    s.send.push({ type: 'wake', from: s.id, to: s.leader, term: s.term })
  }
}

/**
 * Nothing was heard of a node for an election timeout, or its process is another one. Whoever was quiet because its leader's node was there asks for an election within another one, as it would have had it
 * waited for heartbeats; whoever was not has its own timer.
 */
export function onPeerSilent(s: CoreState, peer: NodeId, wasQuiet: boolean): void {
  if (!wasQuiet || s.role !== 'follower' || s.leader !== peer) return
  const { electionTimeoutMs, random } = s.options
  const patientUntil = Math.max(s.now, s.leaderHeardAt + electionTimeoutMs)
  s.electionDeadline = patientUntil + electionTimeoutMs * random.float()
}
