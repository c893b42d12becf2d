import type { PersistRecord, StoredState } from '../../../src/index.ts'
import { require } from './disallow.ts'
import { timeOut } from './elections.ts'
import { ModelLog } from './log.ts'
import { isQuorum } from './quorum.ts'
import { appendAsLeader } from './replication.ts'
import { install, onSnapshotRecovered, openLog } from './snapshots.ts'
import type { Surroundings } from './surroundings.ts'
import { isEarlier, type ModelDisk, type ModelNode, type ModelWrite, noteReach, rebirth } from './node.ts'

/** A write begins. It brings the disk to what the node holds: all that changed, and nothing else (figure 2, persistent state). */
export function onPersist(n: ModelNode, record: PersistRecord, now: number, around: Surroundings): void {
  const { firstIndex, entries, term, vote } = record
  require(n.writing === undefined, () => 'one write at a time', () => 'it began another')
  const alone = isQuorum(around.electorate(n), (id) => id === n.id)
  if (term === n.term + 1 && vote === n.id && alone) timeOut(n, now, around)
  require(term === n.term && vote === n.vote, () => `term ${n.term} and vote '${n.vote}' to be written`, () =>
    `it writes term ${term} and vote '${vote}'`)
  if (record.replacesLog === true) install(n, firstIndex - 1)
  const end = firstIndex === 0 ? n.disk.log.last : firstIndex - 1 + entries.length
  for (let index = n.log.last + 1; index <= end; index++) {
    const entry = entries[index - firstIndex]
    if (entry !== undefined) appendAsLeader(n, entry, now)
  }
  const kept = firstIndex === 0 ? end : firstIndex - 1
  const follows = record.replacesLog === true ? n.log.base.index === kept : kept <= n.stable
  const isWhole = follows && end === n.log.last && n.log.difference(firstIndex, entries) === undefined
  // On a full disk a term and a vote go ahead, and the log there stays what it was.
  require(isWhole || (n.full && firstIndex === 0), () =>
    `the log up to ${n.log.last}, of which ${n.stable} are on the disk`, () =>
    `it writes ${entries.length} from ${firstIndex} on${record.replacesLog === true ? ' in its place' : ''}`)
  if (firstIndex !== 0) n.full = false
  n.writing = { record, base: n.log.base, covers: firstIndex === 0 ? 0 : end }
}

/** The disk is full, and nothing was written. Until there is room, a term and a vote may go ahead of the entries. */
export function onRefused(n: ModelNode): void {
  n.full = true
  n.writing = undefined
}

/** The write is done. */
export function onPersisted(n: ModelNode): void {
  const { writing } = n
  if (writing === undefined) return
  n.writing = undefined
  write(n.disk, writing)
  n.stable = Math.max(n.stable, writing.covers)
  noteReach(n)
}

/** A node starts: its disk gives back what was durable, and of what was being written all or nothing. */
export function onRecovery(n: ModelNode, recovered: StoredState, now: number): void {
  const { disk, writing } = n
  onSnapshotRecovered(n, recovered)
  if (!find(disk, recovered) && writing !== undefined) {
    write(disk, writing)
    find(disk, recovered)
  }
  requireLossKnown(disk, recovered)
  require(isOnDisk(disk, recovered), () => `${described(disk)} on its disk`, () =>
    `it found term ${recovered.term}, vote '${recovered.vote}' and ${recovered.entries.length} entries from ${recovered.firstIndex} on`)
  rebirth(n, openLog(n), now)
}

/** Whether a disk gives this back: all that is on it, what was found again behind the damage of an earlier start, or what damage has left. */
function find(disk: ModelDisk, recovered: StoredState): boolean {
  if (isOnDisk(disk, recovered)) return true
  const { behind } = disk
  if (behind !== undefined && isOnDisk({ ...disk, log: behind }, recovered)) {
    disk.log = behind.copy()
    return true
  }
  return takeLoss(disk, recovered)
}

/** Damage took the end of the log, or something before it; the node knows at least how far it went, or a snapshot stands for all of it. Returns whether that is so. */
function takeLoss(disk: ModelDisk, recovered: StoredState): boolean {
  const { log, snapshot } = disk
  const { firstIndex, entries, lost, term, vote } = recovered
  if (term !== disk.term || vote !== disk.vote) return false
  const last = firstIndex - 1 + entries.length
  const end = { index: log.last, term: log.lastTerm }
  if (
    snapshot !== undefined &&
    end.index <= snapshot.index &&
    last === snapshot.index &&
    entries.length === 0
  ) {
    // The log ends before the snapshot, so none of it is needed, damaged or not.
    disk.log = new ModelLog(snapshot)
    return lost === undefined
  }
  const isKnown = lost === undefined ? end.index <= (snapshot?.index ?? 0) : !isEarlier(lost, end)
  const isPart = last < end.index && log.difference(firstIndex, entries) === undefined
  if (!isKnown || !isPart) return false
  if (lost !== undefined && (disk.lost === undefined || isEarlier(disk.lost, end))) disk.lost = end
  disk.behind ??= log.copy()
  log.cutFrom(last + 1)
  return true
}

/** Until a node has again what it lost, it knows at every start that it lacks it. It may take the loss for larger than it was. */
function requireLossKnown(disk: ModelDisk, { lost }: StoredState): void {
  const { log, snapshot } = disk
  const owed = disk.lost
  const end = { index: log.last, term: log.lastTerm }
  const isOwed = owed !== undefined && isEarlier(end, owed) && (snapshot?.index ?? 0) < owed.index
  require(!isOwed || (lost !== undefined && !isEarlier(lost, owed)), () =>
    `a start that knows of the log up to ${owed?.index} of term ${owed?.term}`, () =>
    `it knows of ${lost === undefined ? 'no loss' : `${lost.index} of term ${lost.term}`}`)
  disk.lost = lost
  if (lost === undefined) disk.behind = undefined
}

function write(disk: ModelDisk, { record, base }: ModelWrite): void {
  const { term, vote, firstIndex, entries, replacesLog } = record
  disk.term = term
  disk.vote = vote
  if (firstIndex === 0) return
  disk.behind = undefined
  if (replacesLog === true) disk.log = new ModelLog(base)
  disk.log.cutFrom(firstIndex)
  for (const entry of entries) disk.log.push(entry)
}

/** The entries before the snapshot may be gone, all or some. */
function isOnDisk({ term, vote, log, snapshot }: ModelDisk, recovered: StoredState): boolean {
  const { firstIndex, entries } = recovered
  if (term !== recovered.term || vote !== recovered.vote) return false
  const isEnough = firstIndex === 1 || firstIndex <= (snapshot?.index ?? 0) + 1
  const isAll = log.last === firstIndex - 1 + entries.length
  return isEnough && isAll && log.difference(firstIndex, entries) === undefined
}

function described({ term, vote, log }: ModelDisk): string {
  return `term ${term}, vote '${vote}' and a log up to ${log.last}`
}
