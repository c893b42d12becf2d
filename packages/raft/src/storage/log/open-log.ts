import { type Disk, type DiskFile, observe, type Random } from '@colony/host'
import type { StoredState } from '../../core/entry.ts'
import { packedState } from '../../core/stored-log.ts'
import { canonicalIdentity, requireSameIdentity } from '../identity.ts'
import { incarnationNumber } from '../incarnation.ts'
import type { StorageIdentity } from '../storage.ts'
import { damaged } from './damage.ts'
import { segmentName, segmentSequence, snapshotIndex, TEMPORARY_SUFFIX } from './format.ts'
import { IDENTITY_NAME, readIdentity, writeIdentity } from './identity-file.ts'
import type { CompleteLogOptions } from './log-options.ts'
import { LogWriter } from './log-writer.ts'
import { type ReadLog, readLog } from './read-log.ts'
import type { LogPlace, Recovered } from './recovery.ts'
import { readRetirement, requireNotRetired } from './retirement.ts'
import { eraseDurably, makeSegment, type SegmentFile } from './segment-file.ts'
import { readNewestSnapshot, removeOlderSnapshots, type SnapshotHeader } from './snapshot-file.ts'

/** A log that is open: what it held, and its end. */
export interface OpenedLog {
  readonly state: StoredState
  readonly writer: LogWriter
  readonly place: LogPlace
  /** The newest snapshot beside it. */
  readonly snapshot: SnapshotHeader | undefined
}

/** Opens the log of a directory, or founds it. Until everything has been read and judged, nothing is changed. */
export async function openLog(options: CompleteLogOptions, asked: StorageIdentity): Promise<OpenedLog> {
  const { disk, directory, checksum } = options
  const identity = canonicalIdentity(asked)
  requireNotRetired(await readRetirement(disk, directory, checksum), identity, directory)
  const stored = await readIdentity(disk, directory, checksum)
  if (stored !== undefined) requireSameIdentity(stored.identity, identity, directory)
  const incarnation = stored?.incarnation ?? (await found(options, identity))
  const place: LogPlace = { disk, directory, incarnation, checksum }
  const names = await disk.list(directory)
  const snapshot = await readNewestSnapshot(place, names)
  const recovered = await readLog(place, segmentsIn(names), snapshot?.meta)
  await removeTemporaries(disk, directory)
  // A process that was killed may have left names and bytes that are in the cache only. What is returned from here must last.
  await disk.syncDirectory(directory)
  if (snapshot !== undefined) await removeOlderSnapshots(place, snapshot.meta.index)
  await makeEndSafe(place, recovered)
  reportTorn(options, recovered)
  reportLost(options, recovered)
  const current = await openSegment(place, recovered.tail)
  try {
    const prepared = recovered.unused.find((segment) => segment.sequence === current.sequence + 1)
    const next = prepared && (await openSegment(place, prepared))
    const founders = (stored?.identity ?? identity).voters
    const { entries, ...hardState } = recovered.state
    const known = { founders, incarnation: incarnationNumber(incarnation) }
    const state = packedState(
      { ...hardState, ...known, snapshot: snapshot?.meta, lost: recovered.lost },
      entries,
    )
    const writer = new LogWriter(place, options, recovered, current, next)
    return { state, writer, place, snapshot }
  } catch (error) {
    await current.file.close()
    throw error
  }
}

/** Makes a new log. The identity comes last: where it is, the first segment must be, so that a log whose files were lost is not taken for a new one. */
async function found(options: CompleteLogOptions, identity: StorageIdentity): Promise<string> {
  const { disk, directory, checksum } = options
  await requireNoLog(disk, directory)
  const incarnation = drawIncarnation(options.random)
  await disk.makeDirectory(directory)
  const plan = { disk, directory, sequence: 1, bytes: options.segmentBytes, cancelled: () => false }
  const first = await makeSegment(plan)
  await first?.file.close()
  await writeIdentity(disk, directory, { identity, incarnation }, checksum)
  return incarnation
}

/** Segments without an identity: founding was interrupted if there is one and it was never used. Anything else is not ours to overwrite. */
async function requireNoLog(disk: Disk, directory: string): Promise<void> {
  const sequences = segmentsIn(await disk.list(directory))
  for (const sequence of sequences) {
    const name = `${directory}/${segmentName(sequence)}`
    const file = await disk.open(name)
    const bytes = await file.size().then((size) => file.read(0, size))
    await file.close()
    if (sequence === 1 && bytes.every((byte) => byte === 0)) continue
    throw damaged({
      file: `${directory}/${IDENTITY_NAME}`,
      position: 0,
      problem: `the identity of this log is missing, but ${name} is there`,
      fromIndex: 1,
    })
  }
}

/**
 * What an interrupted write left is overwritten, so that it can never be taken for a record. The last record is written once
 * more, because it may have been read from a cache that a killed or failed write left ahead of the disk.
 */
async function makeEndSafe(place: LogPlace, { tail, torn }: Recovered): Promise<void> {
  if (torn !== undefined) {
    await withFile(place, torn.sequence, async (file) => await eraseDurably(file, torn.from, torn.to))
  }
  if (tail.lastWrite === tail.position) return
  await withFile(place, tail.sequence, async (file) => {
    const bytes = await file.read(tail.lastWrite, tail.position - tail.lastWrite)
    await file.writeDurable(tail.lastWrite, bytes)
  })
}

async function withFile(
  place: LogPlace,
  sequence: number,
  use: (file: DiskFile) => Promise<void>,
): Promise<void> {
  const file = await place.disk.open(`${place.directory}/${segmentName(sequence)}`)
  try {
    await use(file)
  } finally {
    await file.close()
  }
}

async function openSegment(
  place: LogPlace,
  segment: { readonly sequence: number; readonly bytes: number },
): Promise<SegmentFile> {
  const file = await place.disk.open(`${place.directory}/${segmentName(segment.sequence)}`)
  return { sequence: segment.sequence, bytes: segment.bytes, file }
}

async function removeTemporaries(disk: Disk, directory: string): Promise<void> {
  for (const name of await disk.list(directory)) {
    const isOurs = name.endsWith(TEMPORARY_SUFFIX)
    const made = isOurs ? name.slice(0, -TEMPORARY_SUFFIX.length) : ''
    const isSnapshot = snapshotIndex(made) !== undefined
    if (made === IDENTITY_NAME || isSnapshot || segmentSequence(made) !== undefined)
      await disk.remove(`${directory}/${name}`)
  }
}

function reportTorn(options: CompleteLogOptions, { torn, nextRecord, lastIndex }: Recovered): void {
  if (torn === undefined) return
  observe(options.observer, {
    type: 'raft.storage-tail-cut',
    level: 'warn',
    file: `${options.directory}/${segmentName(torn.sequence)}`,
    position: torn.from,
    bytes: torn.to - torn.from,
    record: nextRecord,
    lastIndex,
  })
}

function reportLost(options: CompleteLogOptions, { damage, lost, lastIndex }: ReadLog): void {
  if (damage === undefined) return
  observe(options.observer, {
    type: 'raft.storage-entries-lost',
    level: 'error',
    directory: options.directory,
    fromIndex: lastIndex + 1,
    toIndex: lost?.index ?? lastIndex,
    reason: damage.message,
  })
}

/** Sequence numbers of the segments among the names of a directory, in their order. */
export function segmentsIn(names: readonly string[]): number[] {
  return names
    .map(segmentSequence)
    .filter((sequence) => sequence !== undefined)
    .sort((a, b) => a - b)
}

function drawIncarnation(random: Random | undefined): string {
  const words =
    random === undefined
      ? crypto.getRandomValues(new Uint32Array(4))
      : [1, 2, 3, 4].map(() => random.integer(0, 0xffff_ffff))
  return [...words].map((word) => word.toString(16).padStart(8, '0')).join('')
}
