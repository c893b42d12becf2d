import type { NodeId } from '@colony/host'
import type { Entry } from './entry.ts'
import type { Progress } from './progress.ts'
import type { CoreState } from './state.ts'

/** Sends a follower what it lacks, batch after batch, as far as its window allows. */
export function sendEntries(s: CoreState, to: NodeId, progress: Progress): void {
  const { maxBatchBytes, maxBatchEntries } = s.options
  while (progress.ready && progress.next <= s.log.lastIndex) {
    const last = s.log.endOfBatch(progress.next, maxBatchBytes, maxBatchEntries)
    sendAppend(s, to, progress, s.batch(progress.next, last))
    progress.sent(last)
  }
}

/** Sends one AppendEntries (figure 2), empty or not. */
export function sendAppend(s: CoreState, to: NodeId, progress: Progress, entries: readonly Entry[]): void {
  const prevIndex = progress.next - 1
  s.send.push({
    type: 'append-request',
    from: s.id,
    to,
    term: s.term,
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
