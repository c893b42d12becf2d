import { crc32, type Checksum, type Disk, type NodeId } from '@colony/host'
import type { Entry, SnapshotMeta } from '../core/entry.ts'
import { decodeMembership, encodeMembership, type Membership } from '../core/membership.ts'
import { SnapshotParser } from '../runtime/snapshots/snapshot-parser.ts'
import { readIdentity, writeIdentity } from '../storage/log/identity-file.ts'
import { logStorage } from '../storage/log/log-storage.ts'
import { type BackupHeader, decodeBackupEntries } from './backup-format.ts'
import { BackupReader } from './backup-reader.ts'
import { refusal } from './recovery-plan.ts'

/**
 * Whom a backup is restored to.
 * @category Recovery
 */
export interface RestoreOptions {
  /** Id of the new cluster, another one than that of the backup. */
  readonly clusterId: string
  /** The node that begins it. */
  readonly nodeId: NodeId
  /** Size of the segments that are made, in bytes, from 1024 to 1 GiB, a multiple of 8; default 16 MiB. */
  readonly segmentBytes?: number
}

/**
 * What a backup was restored to.
 * @category Recovery
 */
export interface RestoredBackup {
  /** The cluster that the backup is of. */
  readonly from: string
  /** The group. */
  readonly group: string
  /** Last index of what it holds. */
  readonly index: number
}

/** So many entries are written at once. */
const RECORD_ENTRIES = 64

/** Behind the cluster id of a directory whose restoration is not finished: no node has such an id. */
const UNFINISHED = '\n'

/**
 * Founds a new cluster on an empty directory, with the state of a backup and one node, its only voter. Until everything is durable the directory is refused to every node; an interrupted restoration is begun anew on
 * another empty directory.
 * @throws A {@link RaftError} `RAFT_RECOVERY_REFUSED` when the directory is not empty, the backup is damaged, or the cluster id is that of the backup; and what the disk or the backup rejects with.
 */
export async function restoreBackup(
  disk: Disk,
  directory: string,
  checksum: Checksum,
  backup: AsyncIterable<Uint8Array>,
  { clusterId, nodeId, segmentBytes }: RestoreOptions,
): Promise<RestoredBackup> {
  if ((await readIdentity(disk, directory, checksum)) !== undefined)
    throw refusal(`${directory} holds a log already; name an empty directory`)
  const reader = new BackupReader(backup)
  const header = await reader.header()
  if (header.clusterId === clusterId) throw refusal(`the cluster id must be another one than "${clusterId}"`)
  const { group, snapshot } = header
  const identity = { clusterId: `${clusterId}${UNFINISHED}`, group, nodeId, voters: [nodeId] }
  const storage = logStorage({
    disk,
    directory,
    checksum,
    ...(segmentBytes !== undefined && { segmentBytes }),
  })
  let last: number
  try {
    const { incarnation } = await storage.open(identity)
    if (snapshot !== undefined) await storage.saveSnapshot(snapshot, checked(reader.content(), header))
    const entries = await entriesOf(reader, header)
    const membership = membershipOf(snapshot, entries, nodeId, incarnation)
    const firstIndex = (snapshot?.index ?? 0) + 1
    last = firstIndex - 1 + entries.length
    const term = (entries.at(-1)?.term ?? snapshot?.term ?? 0) + 1
    const founding: Entry = { term, kind: 'configuration', data: encodeMembership(membership) }
    if (snapshot !== undefined)
      await storage.persist({ term, vote: '', firstIndex, entries: [], replacesLog: true })
    for (let at = 0; at < entries.length; at += RECORD_ENTRIES) {
      const part = entries.slice(at, at + RECORD_ENTRIES)
      await storage.persist({ term, vote: '', firstIndex: firstIndex + at, entries: part })
    }
    await storage.persist({ term, vote: '', firstIndex: last + 1, entries: [founding] })
  } finally {
    await storage.close()
  }
  const written = await readIdentity(disk, directory, checksum)
  if (written === undefined) throw refusal(`${directory} has no identity any more`)
  await writeIdentity(disk, directory, { ...written, identity: { ...written.identity, clusterId } }, checksum)
  return { from: header.clusterId, group, index: last }
}

/** The same bytes; fails at their end when they are not what was backed up. */
async function* checked(
  content: AsyncIterable<Uint8Array>,
  { snapshot }: BackupHeader,
): AsyncGenerator<Uint8Array, void> {
  const parser = new SnapshotParser()
  for await (const bytes of content) {
    parser.push(bytes)
    if (parser.problem !== undefined) break
    yield bytes
  }
  const problem = parser.end()
  const isOther = parser.about?.index !== snapshot?.index || parser.about?.term !== snapshot?.term
  if (problem !== undefined || isOther)
    throw refusal(`the backup is damaged: ${problem ?? 'it is of another index'}`)
}

async function entriesOf(
  reader: BackupReader,
  { entryBytes, entryChecksum }: BackupHeader,
): Promise<Entry[]> {
  const bytes = await reader.rest()
  const entries = decodeBackupEntries(bytes)
  if (bytes.length !== entryBytes || crc32(bytes) !== entryChecksum || entries === undefined)
    throw refusal('the backup is damaged: the entries at its end are not what was backed up')
  return entries
}

function membershipOf(
  snapshot: SnapshotMeta | undefined,
  entries: readonly Entry[],
  nodeId: NodeId,
  incarnation: number | undefined,
): Membership {
  const last = entries.findLast(({ kind }) => kind === 'configuration')
  const before = last === undefined ? snapshot?.membership : decodeMembership(last.data)
  const isRecorded = before?.incarnations !== undefined && incarnation !== undefined
  return {
    ...{ voters: [nodeId], outgoing: [], learners: [], goal: undefined, addresses: new Map() },
    ...(isRecorded && { incarnations: new Map([[nodeId, incarnation]]), removed: [] }),
  }
}
