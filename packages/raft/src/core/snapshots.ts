import type { NodeId } from '@colony/host'
import { sendEntries } from './append.ts'
import type { LogIndex, SnapshotMeta } from './entry.ts'
import { noteRegained } from './lost-entries.ts'
import type { CoreState } from './state.ts'

/**
 * A snapshot of our own is durable, and the log before `firstIndex` is not needed any more. A follower that needs it all the same is sent the
 * snapshot (section 7).
 */
export function onCompacted(s: CoreState, snapshot: SnapshotMeta, firstIndex: LogIndex): void {
  s.noteSnapshot(snapshot)
  s.log.forgetUpTo(Math.min(firstIndex - 1, snapshot.index, s.emitted))
  for (const [peer, progress] of s.progress) {
    if (progress.next < s.log.firstIndex) sendEntries(s, peer, progress)
  }
}

/**
 * A snapshot that another node sent is durable, and the machine holds it. One that tells nothing new is ignored. Entries behind it that agree with
 * it are kept; where the logs differ, or ours ends before it, the whole log gives way to it (figure 13, steps 6 to 8).
 */
export function onSnapshotInstalled(s: CoreState, snapshot: SnapshotMeta): void {
  if (snapshot.index <= s.commit) return
  if (s.log.termAt(snapshot.index) !== snapshot.term) s.replaceLog(snapshot)
  s.noteSnapshot(snapshot)
  // What the snapshot stands for is committed, applied, durable, and the same at every leader there will ever be.
  s.commit = s.emitted = snapshot.index
  s.verified = Math.max(s.verified, snapshot.index)
  s.stable = Math.max(s.stable, snapshot.index)
  noteRegained(s)
}

/** A follower says that it holds our snapshot: it is asked for what comes next, and its answer tells what is durable there. */
export function onSnapshotSent(s: CoreState, to: NodeId, index: LogIndex): void {
  const progress = s.progress.get(to)
  if (progress?.state !== 'snapshot') return
  progress.probeFrom(Math.min(index, s.log.lastIndex) + 1)
  sendEntries(s, to, progress)
}

/** Sending a snapshot was given up: it is asked for again as soon as the follower is heard. */
export function onSnapshotFailed(s: CoreState, to: NodeId): void {
  const progress = s.progress.get(to)
  if (progress?.state === 'snapshot') progress.snapshotAsked = false
}
