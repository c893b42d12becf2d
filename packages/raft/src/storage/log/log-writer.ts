import { observe } from '@colony/host'
import type { PersistRecord } from '../../core/entry.ts'
import { RaftError } from '../../errors.ts'
import { lastIndexAfter, requireContinuity } from '../replay.ts'
import { isDiskFull, storageFailed, storageFull } from './damage.ts'
import { FORMAT_VERSION, SEGMENT_HEADER_BYTES, segmentName } from './format.ts'
import type { CompleteLogOptions } from './log-options.ts'
import { RecordEncoder } from './record-encoder.ts'
import type { LogPlace, UsedSegment } from './recovery.ts'
import type { ReadLog } from './read-log.ts'
import { makeSegment, type SegmentFile } from './segment-file.ts'
import { segmentSalt } from './segment-header.ts'

/** Oversized segments are multiples of this: a page. */
const SEGMENT_GRANULARITY = 4096

/** So much of each segment is kept for records that change term and vote alone, as far as that is no more than an eighth of it: a full disk must not keep a node from voting. */
const RESERVED_BYTES = 4096

/** Bytes of a segment that entries may not take. */
function reservedOf(bytes: number): number {
  return Math.min(RESERVED_BYTES, Math.floor(bytes / 64) * 8)
}

/** The end of the log: appends one record after the other, and keeps the next segment ready. */
export class LogWriter {
  readonly #place: LogPlace
  readonly #options: CompleteLogOptions
  readonly #encoder: RecordEncoder
  #current: SegmentFile
  #salt: number
  #position: number
  #lastIndex: number
  #nextRecord: number
  #next: Promise<SegmentFile | undefined>
  #inFlight: Promise<void> | undefined
  /** Segments with records in them, in their order. Invariant: the last one is the last that was written to. */
  readonly #used: UsedSegment[]
  #removing: Promise<void> = Promise.resolve()
  #failure: RaftError | undefined
  /** Goes on in a new segment, as soon as there is something to write. */
  #beginsAnew: boolean
  #closing = false

  /** Goes on where `recovered` ends, in a new segment if something was damaged; owns `current` and `next` from now on. */
  constructor(
    place: LogPlace,
    options: CompleteLogOptions,
    recovered: ReadLog,
    current: SegmentFile,
    next?: SegmentFile,
  ) {
    this.#place = place
    this.#options = options
    this.#encoder = new RecordEncoder(place.checksum)
    this.#current = current
    this.#salt = this.#saltOf(current.sequence)
    this.#position = recovered.tail.position
    this.#lastIndex = recovered.lastIndex
    this.#nextRecord = recovered.nextRecord
    this.#used = [...recovered.used]
    this.#beginsAnew = recovered.damage !== undefined
    this.#next = next === undefined ? this.#prepareNext() : Promise.resolve(next)
  }

  /** Makes a record durable. One call at a time. */
  append(record: PersistRecord): Promise<void> {
    const appended = this.#append(record, this.#inFlight !== undefined)
    this.#inFlight ??= appended
    return appended
  }

  /**
   * Removes the segments in front in which every entry is before `index`. What a durable snapshot stands for may go; the last segment with records in it stays,
   * for it holds the term and the vote.
   */
  removeBefore(index: number): Promise<void> {
    const removed = this.#removing.then(() => this.#removeBefore(index))
    this.#removing = removed.catch(() => undefined)
    return removed
  }

  async #removeBefore(index: number): Promise<void> {
    const { disk, directory } = this.#place
    while (!this.#closing) {
      const [first, second] = this.#used
      if (first === undefined || second === undefined || first.lastIndex >= index) return
      await disk.remove(`${directory}/${segmentName(first.sequence)}`)
      // One after the other, durably: should a later one go first, a crash would leave a gap, and gaps mean damage.
      await disk.syncDirectory(directory)
      this.#used.shift()
    }
  }

  /** Waits for what is under way, then closes the files. Idempotent through its owner. */
  async close(): Promise<void> {
    this.#closing = true
    // Whoever called `append` hears of its failure; here it only matters that it is over.
    await this.#inFlight?.catch(() => undefined)
    await this.#removing
    const next = await this.#next
    await next?.file.close()
    await this.#current.file.close()
  }

  async #append(record: PersistRecord, busy: boolean): Promise<void> {
    if (busy)
      throw new RaftError('RAFT_INVARIANT_BROKEN', 'A record was persisted before the last one settled.')
    let isWriting = false
    try {
      if (this.#failure !== undefined) throw this.#refusal(this.#failure)
      requireContinuity(record, this.#lastIndex)
      const size = this.#encoder.encode(record, this.#options.maxRecordBytes)
      const reserved = record.firstIndex === 0 ? 0 : reservedOf(this.#current.bytes)
      const end = Math.max(this.#position, SEGMENT_HEADER_BYTES) + size
      if (end > this.#current.bytes - reserved) await this.#roll(size)
      else if (this.#beginsAnew && this.#position > 0) await this.#rollIfRoom(size)
      this.#beginsAnew = false
      isWriting = true
      await this.#write(record)
      this.#lastIndex = lastIndexAfter(record, this.#lastIndex)
      this.#nextRecord++
      this.#noteUsed(record.firstIndex === 0 ? 0 : this.#lastIndex)
    } catch (error) {
      if (!isWriting && isDiskFull(error)) throw storageFull(this.#place.directory, error)
      this.#failure ??= storageFailed(`Writing to ${this.#place.directory}`, error)
      throw this.#failure
    } finally {
      this.#inFlight = undefined
    }
  }

  #noteUsed(lastIndex: number): void {
    const { sequence } = this.#current
    const used = this.#used.at(-1)
    if (used?.sequence === sequence) used.lastIndex = Math.max(used.lastIndex, lastIndex)
    else this.#used.push({ sequence, lastIndex })
  }

  /** One write: nothing else has to become durable with it, because the segment was made at its full size beforehand. */
  async #write(record: PersistRecord): Promise<void> {
    const isFirst = this.#position === 0
    const place = {
      salt: this.#salt,
      position: isFirst ? SEGMENT_HEADER_BYTES : this.#position,
      number: this.#nextRecord,
    }
    const bytes = isFirst
      ? this.#encoder.placeFirst(record, place, {
          version: FORMAT_VERSION,
          sequence: this.#current.sequence,
          firstRecord: this.#nextRecord,
          bytes: this.#current.bytes,
        })
      : this.#encoder.place(record, place)
    await this.#current.file.writeDurable(this.#position, bytes)
    this.#position += bytes.byteLength
    this.#encoder.release()
  }

  /** A damaged segment is not written to any more, unless the disk has no room for another one: a vote may have to be. */
  async #rollIfRoom(size: number): Promise<void> {
    try {
      await this.#roll(size)
    } catch (error) {
      if (!isDiskFull(error)) throw error
    }
  }

  /** Goes on in the next segment, one made to measure if need be. */
  async #roll(size: number): Promise<void> {
    const needed = SEGMENT_HEADER_BYTES + size
    const { sequence, file } = this.#current
    if (this.#position === 0) {
      // Never written to: made anew, larger. Passing over it would leave a gap in the row, and gaps mean damage.
      this.#current = await this.#makeToMeasure(sequence, needed)
      await file.close()
      return
    }
    let next = await this.#next
    if (next === undefined || next.bytes - reservedOf(next.bytes) < needed) {
      this.#next = Promise.resolve(undefined)
      await next?.file.close()
      next = await this.#makeToMeasure(sequence + 1, needed)
    }
    this.#current = next
    this.#salt = this.#saltOf(next.sequence)
    this.#position = 0
    this.#next = this.#prepareNext()
    await file.close()
  }

  async #makeToMeasure(sequence: number, needed: number): Promise<SegmentFile> {
    const { segmentBytes } = this.#options
    const bytes =
      segmentBytes - reservedOf(segmentBytes) < needed ? roundUp(needed + RESERVED_BYTES) : segmentBytes
    const made = await this.#make(sequence, bytes, () => false)
    if (made === undefined) throw new RaftError('RAFT_CLOSED', 'The storage was closed.')
    return made
  }

  /** In the background. A failure is not fatal yet: the attempt is repeated, on a new file, when the segment is needed. */
  async #prepareNext(): Promise<SegmentFile | undefined> {
    const sequence = this.#current.sequence + 1
    try {
      return await this.#make(sequence, this.#options.segmentBytes, () => this.#closing)
    } catch (error) {
      observe(this.#options.observer, {
        type: 'raft.storage-preparation-failed',
        level: 'warn',
        directory: this.#place.directory,
        sequence,
        error,
      })
      return undefined
    }
  }

  async #make(sequence: number, bytes: number, cancelled: () => boolean): Promise<SegmentFile | undefined> {
    const { disk, directory } = this.#place
    return await makeSegment({ disk, directory, sequence, bytes, cancelled })
  }

  #saltOf(sequence: number): number {
    return segmentSalt(this.#place.checksum, this.#place.incarnation, sequence)
  }

  #refusal(failure: RaftError): RaftError {
    return new RaftError(
      'RAFT_STORAGE_FAILED',
      `${this.#place.directory} takes nothing more, because an earlier write failed. Close the storage and open it anew.`,
      { cause: failure },
    )
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / SEGMENT_GRANULARITY) * SEGMENT_GRANULARITY
}
