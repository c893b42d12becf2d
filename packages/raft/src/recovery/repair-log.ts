import type { Checksum, Disk } from '@colony/host'
import { RaftError } from '../errors.ts'
import { segmentName, segmentSequence, snapshotIndex } from '../storage/log/format.ts'
import { IDENTITY_NAME } from '../storage/log/identity-file.ts'
import type { TornWrite } from '../storage/log/recovery.ts'
import { writeRetirement } from '../storage/log/retirement.ts'
import { eraseDurably } from '../storage/log/segment-file.ts'
import { inspectLog, type LogInspection } from './inspect-log.ts'

/**
 * How {@link repairLogFiles} goes about it.
 * @category Recovery
 */
export interface RepairOptions {
  /**
   * Give up a log that a node can't safely start with: what only this node held is lost, and it can't come back under its id. Default: false, such a log is left as
   * it is and the repair refused.
   */
  readonly retire?: boolean
}

/**
 * What {@link repairLogFiles} did. `nothing`: there was nothing to do, see the verdict of the inspection. `cut`: the remains of an interrupted write were removed. `retired`: the log was put aside.
 * @category Recovery
 */
export interface LogRepair {
  /** What was found before. */
  readonly inspection: LogInspection
  /** What was done. */
  readonly done: 'nothing' | 'cut' | 'retired'
  /** Names of the files in which everything that was taken out of the log is kept. */
  readonly kept: readonly string[]
}

/** Ending of the names under which a log that was given up is kept. */
const RETIRED_SUFFIX = '.retired'

/**
 * Brings a log into a state in which its node can only come back safely. A torn tail is cut off, and kept in a file beside it. Damage that other nodes can make good is left alone: a start
 * does that. A log that no start would be safe with is left alone too, unless `retire` is set: then its files get other names, and a mark stays that
 * refuses the node's id in this directory. Whatever moment it is interrupted at, doing it again goes on from there.
 * @throws A {@link RaftError} `RAFT_STORAGE_DAMAGED` when only `retire` would help and is not set, and what the inspection throws.
 */
export async function repairLog(
  disk: Disk,
  directory: string,
  checksum: Checksum,
  { retire = false }: RepairOptions = {},
): Promise<LogRepair> {
  const { inspection, log } = await inspectLog(disk, directory, checksum)
  switch (inspection.verdict) {
    case 'torn':
      if (log?.torn === undefined) break
      return { inspection, done: 'cut', kept: [await cutTail(disk, directory, log.torn)] }
    case 'refused':
      if (!retire) throw needsRetirement(inspection)
      return { inspection, done: 'retired', kept: await retireLog(disk, inspection, checksum) }
    case 'retired':
      return { inspection, done: 'nothing', kept: await putAside(disk, directory) }
    default:
  }
  return { inspection, done: 'nothing', kept: [] }
}

/** First the copy, durably, then the cut: a crash in between leaves both. */
async function cutTail(disk: Disk, directory: string, { sequence, from, to }: TornWrite): Promise<string> {
  const name = segmentName(sequence)
  const copy = `${name}.torn-${from}`
  const segment = await disk.open(`${directory}/${name}`)
  try {
    const bytes = await segment.read(from, to - from)
    const file = await disk.open(`${directory}/${copy}`, { create: true })
    try {
      await file.truncate(0)
      await file.write(0, bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await disk.syncDirectory(directory)
    await eraseDurably(segment, from, to)
  } finally {
    await segment.close()
  }
  return copy
}

/** The mark comes first: from then on no start takes the directory for one in which nothing was promised. */
async function retireLog(disk: Disk, inspection: LogInspection, checksum: Checksum): Promise<string[]> {
  const { directory, identity, reason = '' } = inspection
  const { nodeId = '', clusterId = '', group = '' } = identity ?? {}
  await writeRetirement(disk, directory, { nodeId, clusterId, group, reason }, checksum)
  return await putAside(disk, directory)
}

async function putAside(disk: Disk, directory: string): Promise<string[]> {
  const kept: string[] = []
  for (const name of await disk.list(directory)) {
    const isPart =
      name === IDENTITY_NAME || segmentSequence(name) !== undefined || snapshotIndex(name) !== undefined
    if (!isPart) continue
    await disk.rename(`${directory}/${name}`, `${directory}/${name}${RETIRED_SUFFIX}`)
    kept.push(`${name}${RETIRED_SUFFIX}`)
  }
  await disk.syncDirectory(directory)
  return kept
}

function needsRetirement({ directory, reason }: LogInspection): RaftError {
  return new RaftError(
    'RAFT_STORAGE_DAMAGED',
    `The log in ${directory} can't be repaired: ${reason} Nothing was changed. To give it up, ask for that (--retire): its files are kept under other names, ` +
      'what only this node held is lost, and its id is refused from then on; a new node with a new id takes its place.',
  )
}
