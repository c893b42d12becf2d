import type { NodeId } from '@colony/host'
import type { PriorityNotice } from './message.ts'
import type { Progress } from './progress.ts'
import type { CoreState } from './state.ts'
import { beginTransfer } from './transfer.ts'

/** Election timeouts that a node of higher priority must have been fit for before it is given the lead. */
export const YIELD_PATIENCE = 3
/** A node that never takes the lead is offered it less and less often: each offer keeps writes waiting for up to an election timeout. */
const MOST_PATIENCE = 256

/** With the answer to a heartbeat: tells the leader how much this node would like to lead. Lost ones are made up for by the next. */
export function announcePriority(s: CoreState, leader: NodeId): void {
  const { priority = 0 } = s.options
  if (priority === 0) return
  s.send.push({
    type: 'priority',
    from: s.id,
    to: leader,
    term: s.term,
    priority: s.mayCampaign ? priority : 0,
  })
}

/** Takes a follower's priority. */
export function onPriority(s: CoreState, m: PriorityNotice): void {
  if (s.role !== 'leader' || m.term !== s.term) return
  const progress = s.progress.get(m.from)
  if (progress !== undefined) progress.priority = m.priority
}

/**
 * With every heartbeat of a leader: hands over to a voter of higher priority that has kept up for a while. Priorities only ever yield a lead that there
 * is; elections know nothing of them, so they keep nobody from leading.
 */
export function yieldToPriority(s: CoreState): void {
  let best: NodeId | undefined
  let highest = s.options.priority ?? 0
  for (const [peer, progress] of s.progress) {
    if (!keepsUp(s, progress)) progress.fitSince = s.now
    if (progress.priority <= highest || !s.configuration.isVoter(peer)) continue
    if (s.now - progress.fitSince < s.yieldAfterMs) continue
    best = peer
    highest = progress.priority
  }
  s.commitAtHeartbeat = s.commit
  if (best === undefined || !s.commitIsCurrent || s.transfer !== undefined) return
  s.yieldAfterMs = Math.min(2 * s.yieldAfterMs, MOST_PATIENCE * s.options.electionTimeoutMs)
  beginTransfer(s, best)
}

/** Answers heartbeats, and holds what was committed when the last one was sent. */
function keepsUp(s: CoreState, progress: Progress): boolean {
  return (
    s.now - progress.heardAt <= 2 * s.options.heartbeatIntervalMs && progress.match >= s.commitAtHeartbeat
  )
}
