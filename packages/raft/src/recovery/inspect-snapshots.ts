import type { LogIndex, Term } from '../core/entry.ts'
import type { Membership } from '../core/membership.ts'
import { RaftError } from '../errors.ts'
import { SnapshotParser } from '../runtime/snapshots/snapshot-parser.ts'
import { snapshotIndex, snapshotName } from '../storage/log/format.ts'
import type { LogPlace } from '../storage/log/recovery.ts'
import { openSnapshotFile, readNewestSnapshot, type SnapshotHeader } from '../storage/log/snapshot-file.ts'

/** How much of a snapshot is read at a time. */
const READ_BYTES = 1024 * 1024

/**
 * What is in one snapshot file.
 * @category Recovery
 */
export interface SnapshotReport {
  /** Name of the file in its directory. */
  readonly file: string
  /** Length of its content; 0 when its header can't be read. */
  readonly bytes: number
  /** Last index that it stands for. */
  readonly index: LogIndex
  /** Term of that entry; 0 when the header can't be read. */
  readonly term: Term
  /** Who was a member as of that entry. */
  readonly membership: Membership | undefined
  /** What is wrong with it, as a sentence without its end. */
  readonly problem: string | undefined
}

/** Reads every snapshot of a directory to its end. */
export async function inspectSnapshots(
  place: LogPlace,
  names: readonly string[],
): Promise<readonly SnapshotReport[]> {
  const reports: SnapshotReport[] = []
  for (const name of names) {
    const index = snapshotIndex(name)
    if (index !== undefined) reports.push(await inspectSnapshot(place, name, index))
  }
  return reports
}

async function inspectSnapshot(place: LogPlace, file: string, index: LogIndex): Promise<SnapshotReport> {
  let header: SnapshotHeader | undefined
  try {
    header = await readNewestSnapshot(place, [snapshotName(index)])
  } catch (error) {
    if (!(error instanceof RaftError)) throw error
    const problem = 'its header is unreadable, or that of another log'
    return { file, bytes: 0, index, term: 0, membership: undefined, problem }
  }
  if (header === undefined) throw new Error(`${file} is gone`)
  const { term, membership } = header.meta
  const { bytes, problem } = await readContent(place, header)
  return { file, bytes, index, term, membership, problem }
}

async function readContent(
  place: LogPlace,
  header: SnapshotHeader,
): Promise<{ readonly bytes: number; readonly problem: string | undefined }> {
  const stored = await openSnapshotFile(place, header)
  const parser = new SnapshotParser()
  try {
    for (let offset = 0; offset < stored.bytes && parser.problem === undefined;) {
      const bytes = await stored.read(offset, READ_BYTES)
      if (bytes.length === 0) break
      parser.push(bytes)
      offset += bytes.length
    }
  } finally {
    await stored.close()
  }
  const problem = parser.problem ?? parser.end()
  const { about } = parser
  const isOther = about?.index !== header.meta.index || about.term !== header.meta.term
  return {
    bytes: stored.bytes,
    problem: problem ?? (isOther ? 'its content is of another index' : undefined),
  }
}
