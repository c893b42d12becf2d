import type { NodeId } from '@colony/host'
import type { Entry } from './entry.ts'
import type { Progress } from './progress.ts'
import type { CoreState } from './state.ts'

/** Sends a follower what it lacks, batch after batch, as far as its window allows. */
export function sendEntries(s: CoreState, to: NodeId, progress: Progress): void {
  if (progress.next < s.log.firstIndex || progress.state === 'snapshot') awaitSnapshot(s, to, progress)
  const { maxBatchEntries, maxInflightBytes = Number.POSITIVE_INFINITY } = s.options
  const maxBatchBytes = Math.min(s.options.maxBatchBytes, maxInflightBytes)
  while (progress.ready && progress.next <= s.log.lastIndex) {
    const last = s.log.endOfBatch(progress.next, maxBatchBytes, maxBatchEntries)
    const bytes = s.log.batchBytes
    if (!progress.admits(bytes)) return
    sendAppend(s, to, progress, s.batch(progress.next, last))
    progress.sent(last, bytes)
  }
}

/**
 * The follower needs entries for which only a snapshot stands any more (section 7). Until it has them it gets nothing but heartbeats; should it come by
 * them in another way, the log is good enough again.
 */
function awaitSnapshot(s: CoreState, to: NodeId, progress: Progress): void {
  if (progress.next >= s.log.firstIndex) {
    progress.probeFrom(progress.next)
    return
  }
  progress.needSnapshot()
  if (progress.snapshotAsked) return
  progress.snapshotAsked = true
  s.askForSnapshot(to)
}

/** Sends one AppendEntries (figure 2), empty or not. It shows our incarnation, and so asks for that of the follower, where that is known to understand it. */
export function sendAppend(
  s: CoreState,
  to: NodeId,
  progress: Progress,
  entries: readonly Entry[],
  incarnation: number = progress.incarnation > 0 ? s.incarnations.own : 0,
): void {
  // Who waits for a snapshot is asked for nothing: all logs agree at 0, and the answer tells how far it is.
  const prevIndex = progress.state === 'snapshot' ? 0 : progress.next - 1
  s.send.push({
    type: 'append-request',
    from: s.id,
    to,
    term: s.term,
    incarnation,
    prevIndex,
    prevTerm: s.log.termAt(prevIndex),
    commit: s.commit,
    round: s.round,
    echo: progress.echo,
    quorumAgeMs: s.commitIsCurrent ? Math.ceil(s.now - s.quorumAt) : -1,
    leaseMs: s.leaseMs,
    entries,
  })
}
