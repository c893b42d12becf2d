import type { NodeId } from '@colony/host'
import { endLeases } from './lease.ts'
import type { Progress } from './progress.ts'
import type { Transfer } from './bookkeeping.ts'
import type { CoreState } from './state.ts'

/**
 * Why leadership can't be handed over. `not-leader`: this node has none. `not-a-voter`: the target does not vote, so it can't be elected.
 * `busy`: it is being handed to another. `no-target`: no other voter was heard within an election timeout.
 * @category Core
 */
export type TransferRefusal = 'not-leader' | 'not-a-voter' | 'busy' | 'no-target'

/** Why leadership can't be handed to `to`, or without it to anybody; `undefined` when it can, or is being already. */
export function transferRefusal(s: CoreState, to?: NodeId): TransferRefusal | undefined {
  if (s.role !== 'leader') return 'not-leader'
  if (s.transfer !== undefined) return to === undefined || to === s.transfer.to ? undefined : 'busy'
  if (to === undefined) return bestTarget(s) === undefined ? 'no-target' : undefined
  const isKnown = s.configuration.isVoter(to) && s.progress.has(to)
  return isKnown && !s.incarnations.heard.has(to) ? undefined : 'not-a-voter'
}

/**
 * Begins to hand leadership over (thesis 3.10): from now on nothing is appended and no read confirmed, so that the target catches up for certain. After
 * one election timeout that is taken back. Does nothing when {@link transferRefusal} has a reason. Without `to`, whoever is fittest is to lead.
 */
export function beginTransfer(s: CoreState, to: NodeId | undefined = bestTarget(s)): void {
  if (to === undefined || s.transfer !== undefined || transferRefusal(s, to) !== undefined) return
  s.transfer = { to, deadline: s.now + s.options.electionTimeoutMs, told: false }
  endLeases(s)
  const progress = s.progress.get(to)
  if (progress !== undefined) onTargetHeard(s, to, progress)
}

/** A follower answered: if it is to lead and now holds everything durably, it is told to campaign at once. */
export function onTargetHeard(s: CoreState, from: NodeId, progress: Progress): void {
  const { transfer } = s
  if (transfer === undefined || transfer.to !== from || transfer.told) return
  tellTarget(s, transfer, progress)
}

/** With every heartbeat: gives up what took too long, and says again what may have been lost. */
export function continueTransfer(s: CoreState): void {
  const { transfer } = s
  if (transfer === undefined) return
  const progress = s.progress.get(transfer.to)
  if (s.now >= transfer.deadline || progress === undefined) s.transfer = undefined
  else tellTarget(s, transfer, progress)
}

/** Not before it holds everything: whoever has an entry more would refuse it the vote (section 5.4.1), and there would be no leader at all for a while. */
function tellTarget(s: CoreState, transfer: Transfer, progress: Progress): void {
  if (progress.match !== s.log.lastIndex) return
  transfer.told = true
  s.send.push({ type: 'timeout-now', from: s.id, to: transfer.to, term: s.term })
}

/** The voter that can take over soonest: most caught up, then heard most recently, then of the highest priority. */
function bestTarget(s: CoreState): NodeId | undefined {
  let best: NodeId | undefined
  let bestProgress: Progress | undefined
  for (const voter of s.configuration.voters) {
    const progress = s.progress.get(voter)
    if (progress === undefined || s.now - progress.heardAt >= s.options.electionTimeoutMs) continue
    if (bestProgress !== undefined && !isFitter(s, progress, bestProgress)) continue
    if (s.incarnations.heard.has(voter)) continue
    best = voter
    bestProgress = progress
  }
  return best
}

function isFitter(s: CoreState, a: Progress, b: Progress): boolean {
  if (a.match !== b.match) return a.match > b.match
  // By whole intervals: answers to one round come one after the other, which says nothing about who is healthier.
  const intervalMs = s.options.heartbeatIntervalMs
  const silentA = Math.floor((s.now - a.heardAt) / intervalMs)
  const silentB = Math.floor((s.now - b.heardAt) / intervalMs)
  return silentA === silentB ? a.priority > b.priority : silentA < silentB
}
