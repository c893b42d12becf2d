import type { Entry } from '../../core/entry.ts'
import { ENTRY_OVERHEAD_BYTES } from '../../core/log.ts'
import { damaged, unreadable } from '../log/damage.ts'
import { GroupHistory, GroupReading, type RecordPlace } from './group-history.ts'
import type { CheckpointGroup } from './checkpoint.ts'
import { decodeGroupRecord } from './group-record.ts'

/** A shared log as it was read back. */
export interface ReadSharedLog {
  /** By number. */
  readonly groups: Map<number, GroupHistory>
  /** Place of the next record. */
  readonly nextPlace: number
  /** Bytes of the records that were read. */
  readonly bytes: number
}

/** What to read. */
export interface SharedLogContent {
  readonly directory: string
  /** Place of the first of `entries`. */
  readonly firstPlace: number
  readonly entries: Iterable<Entry>
  /** Place up to which a checkpoint stands for the log; 0 for none. */
  readonly checkpoint: number
  readonly checkpointGroups: readonly CheckpointGroup[]
  readonly stretchBytes: number
}

/**
 * Hands every group what is its own.
 * @throws A {@link RaftError}: `RAFT_STORAGE_DAMAGED` when a record can't be where it is, `RAFT_STORAGE_FAILED` when a later version wrote it.
 */
export function readSharedLog(content: SharedLogContent): ReadSharedLog {
  const groups = new Map<number, GroupHistory>()
  for (const { number, ...founding } of content.checkpointGroups) {
    groups.set(number, new GroupHistory(number, founding, new GroupReading(true)))
  }
  let place = content.firstPlace
  let stretchFrom = place
  let stretchBytes = 0
  let bytes = 0
  for (const { data } of content.entries) {
    if (place > content.checkpoint) {
      const size = data.length + ENTRY_OVERHEAD_BYTES
      take(groups, content, data, { place, from: stretchFrom, bytes: size })
      bytes += size
      stretchBytes += size
    }
    place++
    if (stretchBytes < content.stretchBytes) continue
    stretchFrom = place
    stretchBytes = 0
  }
  return { groups, nextPlace: place, bytes }
}

function take(
  groups: Map<number, GroupHistory>,
  { directory }: SharedLogContent,
  bytes: Uint8Array,
  at: RecordPlace,
): void {
  const refuse = (problem: string): Error =>
    damaged({
      file: directory,
      position: 0,
      problem: `record ${at.place} of its groups: ${problem}`,
      fromIndex: at.place,
    })
  const decoded = decodeGroupRecord(bytes)
  if ('problem' in decoded) {
    throw decoded.newer ? unreadable(directory, decoded.problem) : refuse(decoded.problem)
  }
  const known = groups.get(decoded.group)
  if (decoded.type === 'founded') {
    // One that a checkpoint has already says the same.
    if (known === undefined) {
      groups.set(decoded.group, new GroupHistory(decoded.group, decoded.founding, new GroupReading(false)))
    }
    return
  }
  if (known?.reading === undefined) throw refuse(`group ${decoded.group} was never founded`)
  const gap = known.reading.read(decoded.record)
  if (gap !== undefined) throw refuse(`in group "${known.founding.name}", ${gap}`)
  known.note(decoded.record, at)
}
