import { sendEntries } from './append.ts'
import { followMembers, foundingEntry } from './change-members.ts'
import { beginLeases } from './lease.ts'
import { YIELD_PATIENCE } from './priority.ts'
import { beginQuiet } from './quiet.ts'
import { broadcastHeartbeat } from './rounds.ts'
import type { CoreState } from './state.ts'

const NOTHING = new Uint8Array(0)

/** Leads the current term: opens it with a no-op, whose commit also commits everything before it (sections 5.4.2 and 8); the first leader of all with the membership. */
export function becomeLeader(s: CoreState): void {
  const opening = foundingEntry(s) ?? { term: s.term, kind: 'noop', data: NOTHING }
  s.role = 'leader'
  s.leader = s.id
  s.votes.clear()
  const next = s.log.lastIndex + 1
  s.termStart = s.append(opening)
  followMembers(s, next)
  s.changing = true
  s.handedOver = false
  s.transfer = undefined
  s.yieldAfterMs = YIELD_PATIENCE * s.options.electionTimeoutMs
  s.round = 0
  s.confirmedRound = 0
  s.rounds.length = 0
  // The votes were given after they were asked for, so that moment is when a quorum is known to have had no later leader.
  s.quorumAt = s.campaignedAt
  beginLeases(s)
  beginQuiet(s)
  broadcastHeartbeat(s)
  for (const [peer, progress] of s.progress) sendEntries(s, peer, progress)
}
