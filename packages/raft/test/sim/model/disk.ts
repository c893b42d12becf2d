import type { PersistRecord, StoredState } from '../../../src/index.ts'
import { require } from './disallow.ts'
import { appendAsLeader } from './replication.ts'
import { type ModelDisk, type ModelNode, noteReach, rebirth } from './node.ts'

/** A write begins. It brings the disk to what the node holds: all that changed, and nothing else (figure 2, persistent state). */
export function onPersist(n: ModelNode, record: PersistRecord): void {
  const { firstIndex, entries, term, vote } = record
  require(n.writing === undefined, () => 'one write at a time', () => 'it began another')
  require(term === n.term && vote === n.vote, () => `term ${n.term} and vote '${n.vote}' to be written`, () =>
    `it writes term ${term} and vote '${vote}'`)
  const end = firstIndex === 0 ? n.disk.log.last : firstIndex - 1 + entries.length
  for (let index = n.log.last + 1; index <= end; index++) {
    const entry = entries[index - firstIndex]
    if (entry !== undefined) appendAsLeader(n, entry)
  }
  const kept = firstIndex === 0 ? end : firstIndex - 1
  require(kept <= n.stable && end === n.log.last && n.log.difference(firstIndex, entries) === undefined, () =>
    `the log up to ${n.log.last}, of which ${n.stable} are on the disk`, () =>
    `it writes ${entries.length} from ${firstIndex} on`)
  n.writing = { record, covers: firstIndex === 0 ? 0 : end }
}

/** The write is done. */
export function onPersisted(n: ModelNode): void {
  const { writing } = n
  if (writing === undefined) return
  n.writing = undefined
  write(n.disk, writing.record)
  n.stable = Math.max(n.stable, writing.covers)
  noteReach(n)
}

/** A node starts: its disk gives back what was durable, and of what was being written all or nothing. */
export function onRecovery(n: ModelNode, recovered: StoredState, now: number): void {
  const { disk, writing } = n
  if (writing !== undefined && !isOnDisk(disk, recovered)) write(disk, writing.record)
  require(isOnDisk(disk, recovered), () => `${described(disk)} on its disk`, () =>
    `it found term ${recovered.term}, vote '${recovered.vote}' and ${recovered.entries.length} entries`)
  rebirth(n, recovered, now)
}

function write(disk: ModelDisk, { term, vote, firstIndex, entries }: PersistRecord): void {
  disk.term = term
  disk.vote = vote
  if (firstIndex === 0) return
  disk.log.cutFrom(firstIndex)
  for (const entry of entries) disk.log.push(entry)
}

function isOnDisk({ term, vote, log }: ModelDisk, recovered: StoredState): boolean {
  const { firstIndex, entries } = recovered
  if (term !== recovered.term || vote !== recovered.vote) return false
  return log.last === firstIndex - 1 + entries.length && log.difference(firstIndex, entries) === undefined
}

function described({ term, vote, log }: ModelDisk): string {
  return `term ${term}, vote '${vote}' and a log up to ${log.last}`
}
