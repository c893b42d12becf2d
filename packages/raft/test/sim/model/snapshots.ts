import type { SnapshotMeta, StoredState } from '../../../src/core/entry.ts'
import { require } from './disallow.ts'
import { type LogBase, ModelLog } from './log.ts'
import { type ModelNode, noteReach, noteRegained } from './node.ts'

/** A node begins to save a snapshot: of its own machine, which has applied so much and no more, or one that it was sent. */
export function onSaving(n: ModelNode, meta: SnapshotMeta): void {
  const own = meta.index <= n.commit ? n.log.termAt(meta.index) : undefined
  require(own === undefined || own === meta.term, () => `term ${own} at ${meta.index} in a snapshot`, () =>
    `it saves one of term ${meta.term}`)
  n.saving.push(baseOf(meta))
}

/** The snapshot that was begun last is durable, and takes the place of the one before. */
export function onSaved(n: ModelNode): void {
  n.disk.snapshot = n.saving.pop()
  n.saving = n.saving.filter(({ index }) => index > (n.disk.snapshot?.index ?? 0))
}

/**
 * A snapshot tells a node what it had not committed yet (figure 13, steps 5 to 8): entries behind it that agree are kept, or else it takes the place of the whole log.
 * Returns whether there is such a snapshot, with `index` as its last.
 */
export function install(n: ModelNode, index: number): boolean {
  const { snapshot } = n.disk
  if (snapshot?.index !== index || index <= n.commit) return false
  if (n.log.termAt(index) !== snapshot.term) {
    n.took = 'the log'
    n.log = new ModelLog(snapshot)
    n.stable = index
    if (n.writing !== undefined) n.writing.covers = Math.min(n.writing.covers, index)
  }
  n.commit = n.applied = index
  n.verified = Math.max(n.verified, index)
  n.stable = Math.max(n.stable, index)
  noteRegained(n)
  noteReach(n)
  return true
}

/** Which snapshot the disk gave back: the one that was durable, or one that was being saved, also if the disk has said that it could not. */
export function onSnapshotRecovered(n: ModelNode, { snapshot }: StoredState): void {
  const { disk, saving } = n
  const found = snapshot?.index ?? 0
  const survived = saving.find(({ index }) => index === found)
  if (survived !== undefined) disk.snapshot = survived
  n.took = saving.length > 0 && survived === undefined ? 'nothing' : undefined
  n.saving = []
  require(found === (disk.snapshot?.index ?? 0), () =>
    `the snapshot at ${disk.snapshot?.index ?? 0} on its disk`, () => `it found that at ${found}`)
}

/** A log that ends before its snapshot, or has another entry there, gives way to it. */
export function openLog(n: ModelNode): ModelLog {
  const { log, snapshot } = n.disk
  return snapshot === undefined || log.termAt(snapshot.index) === snapshot.term
    ? log.copy()
    : new ModelLog(snapshot)
}

function baseOf({ index, term, membership }: SnapshotMeta): LogBase {
  const { voters, outgoing, learners, goal, incarnations } = membership
  // Where its entry stood nobody knows any more; at the snapshot at the latest.
  const known = { voters, outgoing, learners, goal: goal?.voters ?? [], incarnations }
  return { index, term, membership: { ...known, index } }
}
