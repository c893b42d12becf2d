import type { Entry, PersistRecord } from '../../core/entry.ts'
import { ENTRY_OVERHEAD_BYTES } from '../../core/log.ts'
import { RaftError } from '../../errors.ts'
import type { LogWriter } from '../log/log-writer.ts'
import { storageFailed } from '../log/damage.ts'
import type { GroupHistory } from './group-history.ts'

/** Most bytes of records that go into one write, unless a single one has more. */
const MAX_WRITE_BYTES = 16 * 1024 * 1024
/** What a record of the shared log takes beside its entries, at most. */
const WRITE_OVERHEAD_BYTES = 1024

/** A record of a group that waits for its turn. */
interface Waiting {
  readonly group: GroupHistory
  /** What it is, unless it is the group's founding. */
  readonly record: PersistRecord | undefined
  readonly restates: boolean
  readonly bytes: Uint8Array
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** How the shared log is written. */
export interface SharedWriterOptions {
  /** Place of the next record. */
  readonly nextPlace: number
  readonly maxRecordBytes: number
  /** A stretch, the unit in which records are given up, has at least so many bytes. */
  readonly stretchBytes: number
  /** Called after every write. */
  readonly written: () => void
}

/**
 * Writes what all groups have to write, one write at a time: everything that came in the same turn of the event loop, or while the write before was under way, goes out as
 * one record with one sync of the disk.
 */
export class SharedWriter {
  readonly #log: LogWriter
  readonly #options: SharedWriterOptions
  readonly #maxBytes: number
  #nextPlace: number
  #stretchFrom: number
  #stretchBytes = 0
  #queue: Waiting[] = []
  #writing: Promise<void> | undefined
  #failure: Error | undefined
  /** Bytes written in this life. */
  bytes = 0
  /** Writes, each one sync of the disk, and the groups' records in them. */
  writes = 0
  records = 0

  constructor(log: LogWriter, options: SharedWriterOptions) {
    this.#log = log
    this.#options = options
    this.#maxBytes = Math.min(MAX_WRITE_BYTES, options.maxRecordBytes - WRITE_OVERHEAD_BYTES)
    this.#nextPlace = this.#stretchFrom = options.nextPlace
  }

  /** Place of the last record that is durable. */
  get lastPlace(): number {
    return this.#nextPlace - 1
  }

  /** Makes a record of a group durable; without `record`, its founding. `restates`: it says everything that those before say. */
  write(group: GroupHistory, bytes: Uint8Array, record?: PersistRecord, restates = false): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ group, record, restates, bytes, resolve, reject })
      this.#writing ??= this.#run()
    })
  }

  /** Resolves when nothing is written any more. */
  async settled(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
  }

  async #run(): Promise<void> {
    // The groups that are still to have their turn in this round of the event loop write with this one.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const batch = this.#takeBatch()
      try {
        if (this.#failure !== undefined) throw this.#failure
        await this.#write(batch)
        for (const { resolve } of batch) resolve()
        this.#options.written()
      } catch (error) {
        if (!isFull(error)) this.#failure ??= storageFailed('Writing', error)
        for (const { reject } of batch) reject(error)
      }
    }
    this.#writing = undefined
  }

  #takeBatch(): readonly Waiting[] {
    let bytes = 0
    let count = 0
    for (const waiting of this.#queue) {
      bytes += waiting.bytes.length + ENTRY_OVERHEAD_BYTES
      if (bytes > this.#maxBytes && count > 0) break
      count++
    }
    return this.#queue.splice(0, count)
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const first = this.#nextPlace
    const entries: readonly Entry[] = batch.map(({ bytes }) => ({ term: 1, kind: 'command', data: bytes }))
    await this.#log.append({ term: 1, vote: '', firstIndex: first, entries })
    this.writes++
    for (const { group, record, bytes, restates } of batch) {
      const place = this.#nextPlace++
      const size = bytes.length + ENTRY_OVERHEAD_BYTES
      this.records++
      this.bytes += size
      this.#stretchBytes += size
      if (record !== undefined) group.note(record, { place, from: this.#stretchFrom, bytes: size }, restates)
    }
    if (this.#stretchBytes < this.#options.stretchBytes) return
    this.#stretchFrom = this.#nextPlace
    this.#stretchBytes = 0
  }
}

/** Nothing was written, and it may be tried again once there is room. */
export function isFull(error: unknown): boolean {
  return error instanceof RaftError && error.code === 'RAFT_STORAGE_FULL'
}

/** What a record that the shared log can't take is refused with. */
export function recordTooLarge(bytes: number, maxBytes: number): RaftError {
  const problem = `A record of ${bytes} bytes is above maxRecordBytes (${maxBytes}).`
  return new RaftError('RAFT_STORAGE_FAILED', `${problem} Persist fewer or smaller entries at once.`)
}
