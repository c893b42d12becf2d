import type { LogIndex } from './entry.ts'
import type { CoreState } from './state.ts'

/*
 * Leases (thesis 6.4.1). Every append asks its follower to elect nobody else for `leaseMs` of its own clock, and an answer that says so is a
 * promise. Once a quorum has answered a round in this way, no other leader can be elected before `leaseMs` have passed since the round was *sent*:
 * any quorum of votes shares a member with it, and that member heard of the round after it was sent. The leader counts those milliseconds
 * on its own clock, which may be slower than the follower's by `maxClockDrift`, so it takes as much off.
 *
 * A promise is a moment in time, and not the memory of a leader: a later term, a lost connection or a failed candidacy does not end it. After a restart it is
 * forgotten, so a node elects nobody for its own election timeout after every start, and never promises longer than that.
 */

/** On a follower: promises what the leader asks for, if it could be kept across a restart. */
export function promiseLease(s: CoreState, leaseMs: number): void {
  s.leasePromised = leaseMs > 0 && leaseMs <= s.options.electionTimeoutMs
  if (s.leasePromised) s.promisedUntil = Math.max(s.promisedUntil, s.now + leaseMs)
}

/** On a new leader: nobody has promised anything yet. */
export function beginLeases(s: CoreState): void {
  const { maxClockDrift, electionTimeoutMs } = s.options
  s.leaseMs = maxClockDrift === undefined ? 0 : Math.floor(electionTimeoutMs)
  s.leaseFrom = Number.NEGATIVE_INFINITY
}

/**
 * On a leader that hands over: holds no lease any more in this term. Whoever is told to campaign is elected in spite of all promises, and the message that
 * tells it may arrive at any later time, even after the transfer was given up.
 */
export function endLeases(s: CoreState): void {
  s.leaseMs = 0
  s.leaseFrom = Number.NEGATIVE_INFINITY
}

/** On a leader, when a quorum has answered a round: if all of it promised, the lease runs from when that round was sent. */
export function extendLease(s: CoreState): void {
  if (s.leaseMs === 0) return
  const promised = s.configuration.reachedByQuorum((voter) =>
    voter === s.id ? s.round : (s.progress.get(voter)?.leaseRound ?? 0),
  )
  if (promised < s.confirmedRound) return
  s.leaseFrom = s.quorumAt
  s.leaseConfiguration = s.configuration
}

/** While a lease holds at `now`: what a linearizable read has to see; else -1. */
export function leaseIndex(s: CoreState, now: number): LogIndex {
  const { maxClockDrift = 1 } = s.options
  const holds = s.commitIsCurrent && now < s.leaseFrom + s.leaseMs * (1 - maxClockDrift)
  // Who promised must be a quorum of those who elect now; and whoever leads only until its own removal is committed may leave a group of one, which needs no votes.
  const counts = s.leaseConfiguration === s.configuration && s.configuration.isVoter(s.id)
  return holds && counts ? s.commit : -1
}
