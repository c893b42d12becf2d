import { observe } from '@colony/host'
import type { PersistRecord } from '../../core/entry.ts'
import type { CompleteLogOptions } from '../log/log-options.ts'
import type { LogWriter } from '../log/log-writer.ts'
import type { SnapshotFiles } from '../log/snapshot-files.ts'
import { checkpointContent, checkpointMeta } from './checkpoint.ts'
import type { GroupHistory, GroupReading } from './group-history.ts'
import type { GroupStorageOwner } from './group-storage.ts'
import type { SharedWriter } from './shared-writer.ts'

/** The log that is trimmed. */
export interface TrimmedLog {
  readonly owner: GroupStorageOwner
  readonly options: CompleteLogOptions
  readonly writer: SharedWriter
  readonly groups: ReadonlyMap<number, GroupHistory>
  /** What the records of some groups make, read back from the disk. */
  read(groups: readonly GroupHistory[]): Promise<ReadonlyMap<number, GroupReading>>
  /** Makes a record durable; `restates`: it says everything that those before say. */
  persist(group: GroupHistory, record: PersistRecord, restates: boolean): Promise<void>
}

/** The log may take so many segments before groups that are idle are asked to let go of the oldest ones. */
const KEPT_SEGMENTS = 4
/** Beyond those it may take so many times as much as is needed of it. */
const MOST_LOG_PER_NEED = 2
/** Most bytes of idle groups that are written anew at a time. */
const MOST_RESTATED_BYTES = 16 * 1024 * 1024

/**
 * Removes segments from the front of the shared log once no group needs anything in them. A group that is idle would keep its few records there, and with them everything that came
 * after: where that has become much, they are written once more at the end.
 */
export class LogTrimmer {
  readonly #shared: TrimmedLog
  readonly #log: LogWriter
  readonly #checkpoints: SnapshotFiles
  /** Bytes of the log, at most, when this life began. */
  readonly #bytesBefore: number
  #lookAtBytes: number
  #trimming: Promise<void> | undefined
  #stopped = false
  /** Bytes that were there, of those before and those of this life, where the log was cut last. */
  #cutBytes = 0

  constructor(shared: TrimmedLog, log: LogWriter, checkpoints: SnapshotFiles, bytes: number) {
    this.#shared = shared
    this.#log = log
    this.#checkpoints = checkpoints
    this.#bytesBefore = bytes
    this.#lookAtBytes = shared.options.segmentBytes / 2
  }

  /** After every write: looks when another half of a segment was written. */
  onWritten(): void {
    if (this.#shared.writer.bytes >= this.#lookAtBytes) this.#look()
  }

  /** Waits for what is under way; nothing begins any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#trimming
  }

  get #logBytes(): number {
    return this.#bytesBefore + this.#shared.writer.bytes - this.#cutBytes
  }

  #look(): void {
    if (this.#trimming !== undefined || this.#stopped) return
    this.#lookAtBytes = this.#shared.writer.bytes + this.#shared.options.segmentBytes / 2
    this.#trimming = this.#trim()
      // It is only space that is lost; the next look tries again.
      .catch((error: unknown) => this.#observe('raft.storage-trim-failed', 'warn', { error }))
      .finally(() => {
        this.#trimming = undefined
      })
  }

  async #trim(): Promise<void> {
    const needed = this.#neededBytes()
    const kept = Math.max(KEPT_SEGMENTS * this.#shared.options.segmentBytes, MOST_LOG_PER_NEED * needed)
    if (this.#logBytes > kept) await this.#restateIdle()
    const place = this.#neededFrom() - 1
    if (this.#stopped || place <= this.#checkpoints.newestIndex) return
    await this.#cut(place)
    this.#cutBytes = Math.max(0, this.#bytesBefore + this.#shared.writer.bytes - this.#neededBytes())
  }

  #neededBytes(): number {
    let bytes = 0
    for (const group of this.#shared.groups.values()) bytes += group.bytes
    return bytes
  }

  /** The first place that any group needs. */
  #neededFrom(): number {
    let from = this.#shared.writer.lastPlace + 1
    for (const group of this.#shared.groups.values()) from = Math.min(from, group.neededFrom)
    return from
  }

  /** Everything up to `place` is needed by nobody: says so durably, and then removes it, as far as whole segments go. */
  async #cut(place: number): Promise<void> {
    const { owner, options, groups } = this.#shared
    const table = Array.from(groups.values(), ({ number, founding }) => ({ number, ...founding }))
    await this.#checkpoints.save(
      checkpointMeta(place, owner.nodeId),
      checkpointContent(table, options.checksum),
    )
    await this.#log.removeBefore(place + 1)
    this.#observe('raft.storage-trimmed', 'debug', { before: place + 1 })
  }

  /** Writes once more what the groups that need the older half of the log have in it. */
  async #restateIdle(): Promise<void> {
    const idle = this.#longestIdle()
    const readings = await this.#shared.read(idle.map(({ group }) => group))
    const restating: Promise<void>[] = []
    for (const { group, lastPlace } of idle) {
      const reading = readings.get(group.number)
      // What it wrote meanwhile, or is writing, was not read: to restate the rest would undo it.
      const isIdle = group.writing === 0 && group.lastPlace === lastPlace
      if (reading === undefined || !isIdle || this.#stopped) continue
      restating.push(this.#shared.persist(group, restatement(reading), true))
    }
    await Promise.all(restating)
  }

  /** Groups whose first needed record is in the older half of the log, as many as may be written anew at a time. */
  #longestIdle(): readonly { readonly group: GroupHistory; readonly lastPlace: number }[] {
    const last = this.#shared.writer.lastPlace
    const first = this.#neededFrom()
    const half = first + (last - first) / 2
    const idle: { readonly group: GroupHistory; readonly lastPlace: number }[] = []
    let bytes = 0
    for (const group of this.#shared.groups.values()) {
      if (group.neededFrom > half || group.writing > 0) continue
      bytes += group.bytes
      if (bytes > MOST_RESTATED_BYTES && idle.length > 0) break
      idle.push({ group, lastPlace: group.lastPlace })
    }
    return idle
  }

  #observe(type: string, level: 'debug' | 'warn', fields: Record<string, unknown>): void {
    const { observer, directory } = this.#shared.options
    observe(observer, { type, level, directory, ...fields })
  }
}

/** One record that says everything that a group's log holds. */
function restatement({ state }: GroupReading): PersistRecord {
  const { term, vote, firstIndex, entries } = state
  if (entries.length === 0) return { term, vote, firstIndex: 0, entries }
  return { term, vote, firstIndex, entries, replacesLog: true }
}
