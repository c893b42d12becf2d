import type { Checksum, Disk } from '@colony/host'
import type { LogEnd, LogIndex, SnapshotMeta, Term } from '../core/entry.ts'
import { decodeMembership, foundingMembership, type Membership } from '../core/membership.ts'
import { RaftError } from '../errors.ts'
import { readIdentity } from '../storage/log/identity-file.ts'
import { segmentsIn } from '../storage/log/open-log.ts'
import { type ReadLog, readLog } from '../storage/log/read-log.ts'
import { type LogPlace, readSegment } from '../storage/log/recovery.ts'
import { readRetirement } from '../storage/log/retirement.ts'
import { readNewestSnapshot } from '../storage/log/snapshot-file.ts'
import type { StorageIdentity } from '../storage/storage.ts'
import { inspectSegment, type LogDamage, type SegmentReport } from './inspect-segment.ts'
import { inspectSnapshots, type SnapshotReport } from './inspect-snapshots.ts'

/**
 * What a start of the node would make of its log. `empty`: there is no log, a start founds one. `sound`: all is as it was written. `torn`: behind the last record are the
 * remains of an interrupted write, which was never acknowledged; a start removes them. `damaged`: acknowledged data can't be read, and a start is safe all the same: what is lost
 * comes from the other nodes. `refused`: a start would not be safe and is refused. `retired`: the log was given up.
 * @category Recovery
 */
export type LogVerdict = 'empty' | 'sound' | 'torn' | 'damaged' | 'refused' | 'retired'

/**
 * What was found in the directory of a log.
 * @category Recovery
 */
export interface LogInspection {
  /** Where. */
  readonly directory: string
  /** What a start would make of it. */
  readonly verdict: LogVerdict
  /** Why the verdict is `damaged`, `refused` or `retired`. */
  readonly reason: string | undefined
  /** Whose log it is; `undefined` when there is none or that can't be read. */
  readonly identity: StorageIdentity | undefined
  /** Random at founding, and part of every checksum. */
  readonly incarnation: string | undefined
  /** The segments, in their order. */
  readonly segments: readonly SegmentReport[]
  /** The snapshots, by index. */
  readonly snapshots: readonly SnapshotReport[]
  /** Everything that is not what was written. */
  readonly damage: readonly LogDamage[]
  /** What a start would begin with; `undefined` when it would be refused, or there is no log. */
  readonly state: LogSummary | undefined
}

/**
 * What a node would start with.
 * @category Recovery
 */
export interface LogSummary {
  /** Last durable term. */
  readonly term: Term
  /** Whom the node voted for in it; empty for nobody. */
  readonly vote: string
  /** Index of the first entry. */
  readonly firstIndex: LogIndex
  /** Index and term of the last entry, or of the snapshot when it is ahead of the log. */
  readonly end: LogEnd
  /** Last index of the newest snapshot, which is committed for certain; 0 for none. */
  readonly snapshotIndex: LogIndex
  /** Where the log ended before damage took entries from it; `undefined` when nothing is missing. */
  readonly lost: LogEnd | undefined
  /** The last membership in the log, committed or not; without one, that of the snapshot or the founding. */
  readonly membership: Membership
}

/** A log with all that is known of it, for tools that go on from there. */
export interface InspectedLog {
  readonly inspection: LogInspection
  readonly place: LogPlace | undefined
  readonly log: ReadLog | undefined
  /** The snapshot takes the place of all of the log, which ends before it or holds another entry there; the node notes that when it starts. */
  readonly isReplaced?: boolean
}

/**
 * Reads a whole log, damaged or not, and changes nothing. Nobody may use the directory meanwhile.
 * @throws What the disk rejects with; a {@link RaftError} `RAFT_STORAGE_FAILED` when a newer version wrote the log.
 */
export async function inspectLog(disk: Disk, directory: string, checksum: Checksum): Promise<InspectedLog> {
  const names = await disk.list(directory)
  const retired = await readRetirement(disk, directory, checksum)
  const { found, problem } = await identityOf(disk, directory, checksum)
  const place = found && { disk, directory, checksum, incarnation: found.incarnation }
  const sequences = segmentsIn(names)
  const segments: SegmentReport[] = []
  for (const sequence of place === undefined ? [] : sequences)
    segments.push(inspectSegment(sequence, await readSegment(place as LogPlace, sequence)))
  const snapshots = place === undefined ? [] : await inspectSnapshots(place, names)
  const known = {
    ...{ directory, identity: found?.identity, incarnation: found?.incarnation, segments, snapshots },
    damage: segments.flatMap(({ damage }) => damage),
  }
  if (retired !== undefined) {
    const reason = `the log of node "${retired.nodeId}" was given up here: ${retired.reason}`
    return ended({ ...known, verdict: 'retired', reason, state: undefined })
  }
  if (place === undefined) {
    const isEmpty = problem === undefined && sequences.length === 0
    const reason = problem ?? (isEmpty ? undefined : 'there are segments, but no identity')
    return ended({ ...known, verdict: isEmpty ? 'empty' : 'refused', reason, state: undefined })
  }
  return await judge(known, place, sequences, names)
}

function ended(inspection: LogInspection): InspectedLog {
  return { inspection, place: undefined, log: undefined }
}

async function judge(
  known: Omit<LogInspection, 'verdict' | 'reason' | 'state'>,
  place: LogPlace,
  sequences: readonly number[],
  names: readonly string[],
): Promise<InspectedLog> {
  try {
    const snapshot = (await readNewestSnapshot(place, names))?.meta
    const content = known.snapshots.find(({ index }) => index === snapshot?.index)?.problem
    if (content !== undefined)
      return refused(known, place, `the content of the snapshot is damaged: ${content}`)
    const log = await readLog(place, sequences, snapshot)
    const snapshotIndex = snapshot?.index ?? 0
    const { term, vote, firstIndex, entries } = log.state
    const isReplaced = isReplacedBy(log, snapshot)
    const last = { index: log.lastIndex, term: entries.length === 0 ? 0 : entries.termAt(entries.length - 1) }
    const end =
      snapshot !== undefined && (isReplaced || log.lastIndex === snapshot.index)
        ? { index: snapshot.index, term: snapshot.term }
        : last
    const membership =
      (isReplaced ? undefined : lastMembership(log)) ??
      snapshot?.membership ??
      foundingMembership(known.identity?.voters ?? [])
    const verdict = log.damage !== undefined ? 'damaged' : log.torn !== undefined ? 'torn' : 'sound'
    const state = { term, vote, firstIndex, end, snapshotIndex, lost: log.lost, membership }
    const damage = verdict === 'torn' ? known.damage.map(asTorn) : known.damage
    return {
      inspection: { ...known, damage, verdict, reason: log.damage?.message, state },
      place,
      log,
      isReplaced,
    }
  } catch (error) {
    if (!(error instanceof RaftError) || error.code !== 'RAFT_STORAGE_DAMAGED') throw error
    return refused(known, place, error.message)
  }
}

function isReplacedBy({ state }: ReadLog, snapshot: SnapshotMeta | undefined): boolean {
  if (snapshot === undefined || snapshot.index === state.firstIndex - 1) return false
  const place = snapshot.index - state.firstIndex
  return place >= state.entries.length || state.entries.termAt(place) !== snapshot.term
}

function lastMembership({ state: { entries } }: ReadLog): Membership | undefined {
  for (let place = entries.length - 1; place >= 0; place--) {
    if (entries.kindAt(place) !== 'configuration') continue
    return decodeMembership(entries.at(place)?.data ?? new Uint8Array(0))
  }
  return undefined
}

function refused(
  known: Omit<LogInspection, 'verdict' | 'reason' | 'state'>,
  place: LogPlace,
  reason: string,
): InspectedLog {
  return {
    inspection: { ...known, verdict: 'refused', reason, state: undefined },
    place,
    log: undefined,
  }
}

function asTorn(damage: LogDamage): LogDamage {
  const problem = `${damage.problem}: the remains of an interrupted write, which nobody was told of`
  return { ...damage, problem }
}

async function identityOf(
  disk: Disk,
  directory: string,
  checksum: Checksum,
): Promise<{
  readonly found?: Awaited<ReturnType<typeof readIdentity>>
  readonly problem?: string
}> {
  try {
    return { found: await readIdentity(disk, directory, checksum) }
  } catch (error) {
    if (!(error instanceof RaftError) || error.code !== 'RAFT_STORAGE_DAMAGED') throw error
    return { problem: error.message }
  }
}
