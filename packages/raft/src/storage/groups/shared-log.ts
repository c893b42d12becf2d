import type { Random } from '@colony/host'
import type { PersistRecord } from '../../core/entry.ts'
import type { RaftError } from '../../errors.ts'
import { damaged } from '../log/damage.ts'
import type { CompleteLogOptions } from '../log/log-options.ts'
import type { LogWriter } from '../log/log-writer.ts'
import { openLog } from '../log/open-log.ts'
import type { LogPlace } from '../log/recovery.ts'
import { SnapshotFiles } from '../log/snapshot-files.ts'
import type { StorageIdentity } from '../storage.ts'
import { readCheckpoint, type CheckpointGroup } from './checkpoint.ts'
import { GroupHistory, GroupReading } from './group-history.ts'
import {
  decodeGroupRecord,
  encodeFounding,
  encodeGroupRecord,
  GROUP_RECORD_OVERHEAD,
} from './group-record.ts'
import type { GroupStorageOwner } from './group-storage.ts'
import { LogTrimmer } from './log-trimmer.ts'
import { readSharedLog } from './read-shared-log.ts'
import { scanLog } from './scan-log.ts'
import { recordTooLarge, SharedWriter } from './shared-writer.ts'

/** A segment holds so many stretches, the unit in which records are given up. */
const STRETCHES_PER_SEGMENT = 4

/** The log of all groups of a node, open. Its entries are the groups' records. */
export class SharedLog {
  readonly owner: GroupStorageOwner
  readonly options: CompleteLogOptions
  readonly place: LogPlace
  readonly writer: SharedWriter
  /** By number. */
  readonly groups: ReadonlyMap<number, GroupHistory>
  readonly #groups: Map<number, GroupHistory>
  readonly #byName = new Map<string, GroupHistory>()
  readonly #founding = new Map<string, Promise<GroupHistory>>()
  readonly #log: LogWriter
  readonly #trimmer: LogTrimmer
  #lastNumber = 0

  private constructor(
    owner: GroupStorageOwner,
    options: CompleteLogOptions,
    place: LogPlace,
    log: LogWriter,
    checkpoints: SnapshotFiles,
    read: ReturnType<typeof readSharedLog>,
  ) {
    this.owner = owner
    this.options = options
    this.place = place
    this.#log = log
    this.groups = this.#groups = read.groups
    for (const group of read.groups.values()) {
      this.#byName.set(group.founding.name, group)
      this.#lastNumber = Math.max(this.#lastNumber, group.number)
    }
    this.writer = new SharedWriter(log, {
      nextPlace: read.nextPlace,
      maxRecordBytes: options.maxRecordBytes,
      stretchBytes: stretchBytesOf(options),
      written: () => this.#trimmer.onWritten(),
    })
    this.#trimmer = new LogTrimmer(this, log, checkpoints, read.bytes)
  }

  /** Opens the log in a directory, or founds it. */
  static async open(options: CompleteLogOptions, owner: GroupStorageOwner): Promise<SharedLog> {
    const { directory, checksum } = options
    const { state, writer, place, snapshot } = await openLog(options, sharedIdentity(owner))
    try {
      if (state.lost !== undefined) throw lostRecords(directory, state.firstIndex + state.entries.length)
      const checkpoints = new SnapshotFiles(place, snapshot)
      const read = readSharedLog({
        directory,
        firstPlace: state.firstIndex,
        entries: state.entries,
        checkpoint: snapshot?.meta.index ?? 0,
        checkpointGroups: await checkpointGroups(checkpoints, directory, checksum),
        stretchBytes: stretchBytesOf(options),
      })
      return new SharedLog(owner, options, place, writer, checkpoints, read)
    } catch (error) {
      await writer.close().catch(() => undefined)
      throw error
    }
  }

  /** Largest record of a group that it takes. */
  static maxRecordBytes({ maxRecordBytes }: CompleteLogOptions): number {
    return maxRecordBytes - GROUP_RECORD_OVERHEAD
  }

  /** The group of a name, founded with `founders` if there is none yet. */
  async group(name: string, founders: readonly string[]): Promise<GroupHistory> {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    let founding = this.#founding.get(name)
    if (founding === undefined) {
      founding = this.#found(name, founders)
      this.#founding.set(name, founding)
      founding.catch(() => undefined).finally(() => this.#founding.delete(name))
    }
    return await founding
  }

  async #found(name: string, founders: readonly string[]): Promise<GroupHistory> {
    const incarnation = drawIncarnation(this.options.random)
    const founding = { name, founders: [...founders].sort(), incarnation }
    const group = new GroupHistory(++this.#lastNumber, founding, new GroupReading(false))
    await this.writer.write(group, encodeFounding(group.number, founding))
    this.#groups.set(group.number, group)
    this.#byName.set(name, group)
    return group
  }

  /** Makes a record of a group durable. `restates`: it says everything that those before say. */
  async persist(group: GroupHistory, record: PersistRecord, restates = false): Promise<void> {
    const bytes = encodeGroupRecord(group.number, record)
    const maxBytes = SharedLog.maxRecordBytes(this.options)
    if (bytes.length > maxBytes) throw recordTooLarge(bytes.length, maxBytes)
    group.writing++
    try {
      await this.writer.write(group, bytes, record, restates)
    } finally {
      group.writing--
    }
  }

  /** What the records of some groups make, read back from the disk. None of them may be written meanwhile by whoever wants to rely on it. */
  async read(groups: readonly GroupHistory[]): Promise<ReadonlyMap<number, GroupReading>> {
    const wanted = new Map(groups.map((group) => [group.number, group]))
    const readings = new Map(groups.map(({ number }) => [number, new GroupReading(true)]))
    const upTo = this.writer.lastPlace
    await scanLog(this.place, ({ data }, place) => {
      const decoded = place > upTo ? undefined : decodeGroupRecord(data)
      if (decoded === undefined || 'problem' in decoded || decoded.type === 'founded') return
      const group = wanted.get(decoded.group)
      // What came before is not needed, and a part of it may be gone.
      if (group !== undefined && place >= group.neededFrom) readings.get(group.number)?.read(decoded.record)
    })
    return readings
  }

  /** Waits for what is under way, and closes the files. */
  async close(): Promise<void> {
    await this.#trimmer.stop()
    await this.writer.settled()
    await this.#log.close().catch(() => undefined)
  }
}

/** Under what identity the shared log is kept: no group has an empty name, so it is taken for no group's own log. */
export function sharedIdentity({ clusterId, nodeId }: GroupStorageOwner): StorageIdentity {
  return { clusterId, group: '', nodeId, voters: [] }
}

function stretchBytesOf({ segmentBytes }: CompleteLogOptions): number {
  return Math.floor(segmentBytes / STRETCHES_PER_SEGMENT)
}

async function checkpointGroups(
  checkpoints: SnapshotFiles,
  directory: string,
  checksum: CompleteLogOptions['checksum'],
): Promise<readonly CheckpointGroup[]> {
  const checkpoint = await checkpoints.open()
  if (checkpoint === undefined) return []
  try {
    const groups = await readCheckpoint(checkpoint, checksum)
    if (groups !== undefined) return groups
    throw damaged({ file: directory, position: 0, problem: 'the checkpoint is unreadable', fromIndex: 1 })
  } finally {
    await checkpoint.close()
  }
}

function lostRecords(directory: string, place: number): RaftError {
  return damaged({
    file: directory,
    position: 0,
    problem: `records of several groups, from number ${place} of their common log on, are unreadable`,
    fromIndex: place,
  })
}

function drawIncarnation(random: Random | undefined): string {
  const words =
    random === undefined
      ? crypto.getRandomValues(new Uint32Array(4))
      : [1, 2, 3, 4].map(() => random.integer(0, 0xffff_ffff))
  return [...words].map((word) => word.toString(16).padStart(8, '0')).join('')
}
