import type { Checksum, Disk } from '@colony/host'
import { PackedEntries } from '../../core/packed-entries.ts'
import { lastIndexAfter, discontinuity, replay, type ReplayedState } from '../replay.ts'
import { damaged, unreadable } from './damage.ts'
import { FORMAT_VERSION, MAX_SEGMENT_BYTES, SEGMENT_HEADER_BYTES, segmentName } from './format.ts'
import { type RecordHeader, RecordReader } from './record-reader.ts'
import { segmentSalt, type SegmentHeader } from './segment-header.ts'

/** Where to go on writing. */
export interface Tail {
  readonly sequence: number
  /** Size of the segment. */
  readonly bytes: number
  /** Where the next record goes; 0 when the segment has no header yet. */
  position: number
  /** First byte of the write that brought the last record; equal to `position` when there is no record in the segment. */
  lastWrite: number
}

/** A segment with records in it. */
export interface UsedSegment {
  readonly sequence: number
  /** No entry in it has a higher index; 0 when it has none. */
  lastIndex: number
}

/** What an interrupted write left behind, to be overwritten with zeros. */
export interface TornWrite {
  readonly sequence: number
  readonly from: number
  readonly to: number
}

/** Everything that reading a log from its beginning brings to light. */
export interface Recovered {
  readonly state: ReplayedState<PackedEntries>
  readonly lastIndex: number
  /** Number that the next record gets. */
  readonly nextRecord: number
  readonly tail: Tail
  readonly torn: TornWrite | undefined
  /** Segments that were written to, in their order, and the last index that any record in each has touched. */
  readonly used: readonly UsedSegment[]
  /** Segments that were made but never written to. */
  readonly unused: readonly { readonly sequence: number; readonly bytes: number }[]
}

/** Where a log is, and what its CRCs are salted with. */
export interface LogPlace {
  readonly disk: Disk
  readonly directory: string
  readonly incarnation: string
  readonly checksum: Checksum
}

/**
 * Reads a whole log and changes nothing. It may begin in the middle, where a snapshot stands for everything before; what is before the snapshot's end need
 * not be there, and how far back it goes is no matter.
 *
 * Where it stops being readable, one of three things has happened. Only zeros follow: the log ends there. Or there is a write
 * that a crash interrupted: it was the only one under way, since each begins after the one before was durable, so nothing
 * can have been written after it. Anything that only a later write can have left (the header of a record or of a segment, any byte behind
 * the end that the unreadable record states, any byte of a later segment) therefore proves the third: the unreadable
 * record had been acknowledged, and is damaged.
 */
export async function recover(
  place: LogPlace,
  sequences: readonly number[],
  snapshotIndex: number = 0,
): Promise<Recovered> {
  // Without a snapshot nothing was ever removed.
  const first = snapshotIndex === 0 ? 1 : (sequences[0] ?? 1)
  const recovery = new Recovery(place, first, snapshotIndex)
  for (const [at, sequence] of sequences.entries()) {
    if (sequence !== first + at) throw recovery.missing(first + at)
    recovery.add(sequence, await readSegment(place, sequence))
  }
  return recovery.finish()
}

/** Reads a whole segment. */
export async function readSegment(place: LogPlace, sequence: number): Promise<RecordReader> {
  const path = `${place.directory}/${segmentName(sequence)}`
  const file = await place.disk.open(path)
  try {
    const size = await file.size()
    if (size > MAX_SEGMENT_BYTES) throw unreadable(path, `${size} bytes are more than any segment has`)
    const salt = segmentSalt(place.checksum, place.incarnation, sequence)
    return new RecordReader(await file.read(0, size), salt, place.checksum)
  } finally {
    await file.close()
  }
}

class Recovery {
  readonly #place: LogPlace
  readonly #state: ReplayedState<PackedEntries> = {
    ...{ term: 0, vote: '', firstIndex: 1 },
    entries: new PackedEntries(),
  }
  readonly #firstSequence: number
  readonly #snapshotIndex: number
  readonly #used: UsedSegment[] = []
  readonly #unused: { sequence: number; bytes: number }[] = []
  /** Index of the last entry; `undefined` before the first entry of a log that begins in the middle. */
  #lastIndex: number | undefined = 0
  /** 0: whatever the first segment says. */
  #nextRecord = 1
  #tail: Tail | undefined
  #torn: TornWrite | undefined
  // The header of the torn record, when that much of it is intact: it tells which entries would be lost.
  #tornHeader: RecordHeader | undefined

  constructor(place: LogPlace, firstSequence: number, snapshotIndex: number) {
    this.#place = place
    this.#firstSequence = firstSequence
    this.#snapshotIndex = snapshotIndex
    if (firstSequence === 1) return
    this.#lastIndex = undefined
    this.#nextRecord = 0
    this.#state.firstIndex = Number.POSITIVE_INFINITY
  }

  /** Takes the next segment in the row. */
  add(sequence: number, reader: RecordReader): void {
    const header = reader.segmentHeader()
    const used = reader.lastUsed(0)
    if (used > 0 && this.#torn !== undefined) throw this.#notTorn(this.#torn, segmentName(sequence))
    if (header !== undefined && this.#unused.length === 0) this.#read(sequence, header, reader)
    else if (header !== undefined) throw this.missing(sequence - 1)
    else this.#addUnused(sequence, reader, used)
  }

  finish(): Recovered {
    const tail = this.#tail ?? this.#firstTail()
    // Nothing but terms and votes is left: every entry was in what the snapshot stands for.
    if (this.#lastIndex === undefined) this.#state.firstIndex = this.#snapshotIndex + 1
    const { firstIndex } = this.#state
    if (firstIndex > this.#snapshotIndex + 1) {
      const stands =
        this.#snapshotIndex === 0
          ? 'there is no snapshot'
          : `the snapshot ends at index ${this.#snapshotIndex}`
      throw this.#damagedBefore(firstIndex, `the log begins at index ${firstIndex}, and ${stands}`)
    }
    return {
      state: this.#state,
      lastIndex: this.#lastIndex ?? this.#snapshotIndex,
      used: this.#used,
      nextRecord: this.#nextRecord,
      tail,
      torn: this.#torn,
      unused: this.#unused.filter(({ sequence }) => sequence !== tail.sequence),
    }
  }

  /** A segment that must be there is not. */
  missing(sequence: number): Error {
    return this.#damaged(sequence, 0, 'this segment is missing, or nothing is left of it')
  }

  /** Reads a segment that has a header, so that at least its first write was begun. */
  #read(sequence: number, header: SegmentHeader, reader: RecordReader): void {
    this.#checkSegment(sequence, header, reader.bytes.byteLength)
    this.#used.push({ sequence, lastIndex: 0 })
    const tail = {
      sequence,
      bytes: header.bytes,
      position: SEGMENT_HEADER_BYTES,
      lastWrite: SEGMENT_HEADER_BYTES,
    }
    this.#tail = tail
    let record = reader.header(tail.position)
    while (record !== undefined && this.#replay(sequence, record, reader)) {
      // The first record of a segment came in one write with the header.
      tail.lastWrite = record.position === SEGMENT_HEADER_BYTES ? 0 : record.position
      tail.position = record.end
      record = reader.header(tail.position)
    }
    this.#endOfRecords(sequence, reader, tail.position, record)
  }

  #checkSegment(sequence: number, header: SegmentHeader, size: number): void {
    const name = this.#path(sequence)
    if (header.version !== FORMAT_VERSION) throw unreadable(name, `its format version is ${header.version}`)
    if (size < header.bytes) {
      const problem = `the file has ${size} bytes, but was made with ${header.bytes}`
      throw this.#damaged(sequence, size, problem)
    }
    if (this.#nextRecord === 0) this.#nextRecord = header.firstRecord
    if (header.sequence !== sequence || header.firstRecord !== this.#nextRecord) {
      const problem = `the segment begins with record ${header.firstRecord}, not with record ${this.#nextRecord}`
      throw this.#damaged(sequence, 0, problem)
    }
  }

  /** Applies an intact record; `false` when the record is not intact. */
  #replay(sequence: number, header: RecordHeader, reader: RecordReader): boolean {
    if (header.number !== this.#nextRecord) {
      const problem = `record ${header.number} stands where record ${this.#nextRecord} belongs`
      throw this.#damaged(sequence, header.position, problem)
    }
    if (!reader.intact(header)) return false
    const decoded = reader.decode(header)
    if ('problem' in decoded) {
      if (decoded.unknownCode) throw unreadable(this.#path(sequence), decoded.problem)
      throw this.#damaged(sequence, header.position, decoded.problem)
    }
    const gap = discontinuity(decoded.record, this.#lastIndex ?? Number.POSITIVE_INFINITY)
    if (gap !== undefined) throw this.#damaged(sequence, header.position, gap)
    replay(this.#state, decoded.record)
    this.#nextRecord++
    if (decoded.record.firstIndex === 0) return true
    this.#lastIndex = lastIndexAfter(decoded.record, 0)
    const used = this.#used.at(-1)
    if (used !== undefined) used.lastIndex = Math.max(used.lastIndex, this.#lastIndex)
    return true
  }

  /** Decides what it means that the records end at `position`, where `bad` is a header whose payload is not intact. */
  #endOfRecords(
    sequence: number,
    reader: RecordReader,
    position: number,
    bad: RecordHeader | undefined,
  ): void {
    const end = reader.lastUsed(position)
    if (end === position) return
    this.#tornHeader = bad
    this.#torn = { sequence, from: position, to: end }
    const later = reader.nextHeader(position + 8, end)
    if (later !== undefined) {
      throw this.#notTorn(this.#torn, `record ${later.number} at byte ${later.position}`, later)
    }
    if (bad !== undefined && end > bad.end) throw this.#notTorn(this.#torn, `byte ${end - 1}`)
  }

  /** A segment without an intact header: nothing was written to it, or its first write was interrupted. */
  #addUnused(sequence: number, reader: RecordReader, used: number): void {
    if (used > 0) {
      this.#tornHeader = undefined
      this.#torn = { sequence, from: 0, to: used }
      if (this.#unused.length > 0) throw this.missing(sequence - 1)
      const record = reader.nextHeader(0, used)
      if (record !== undefined) {
        throw this.#notTorn(this.#torn, `record ${record.number} at byte ${record.position}`, record)
      }
    }
    this.#unused.push({ sequence, bytes: reader.bytes.byteLength })
  }

  /** The log is empty: its first segment, which was made before the identity was written, has never been used. */
  #firstTail(): Tail {
    const first = this.#unused[0]
    if (this.#firstSequence !== 1) throw this.missing(this.#firstSequence - 1)
    if (first === undefined || first.bytes < SEGMENT_HEADER_BYTES) throw this.missing(1)
    return { sequence: first.sequence, bytes: first.bytes, position: 0, lastWrite: 0 }
  }

  /** What looked like an interrupted write is not: something was written after it. */
  #notTorn(torn: TornWrite, proof: string, later?: RecordHeader): Error {
    const what = torn.from === 0 ? 'the segment header' : `record ${this.#nextRecord}`
    const known = this.#tornHeader
    return damaged({
      file: this.#path(torn.sequence),
      position: torn.from,
      problem: `${what} is unreadable, but ${proof} was written after it`,
      fromIndex: known?.firstIndex || this.#nextIndex,
      toIndex: known === undefined ? (later?.firstIndex ?? 0) - 1 : known.firstIndex + known.entryCount - 1,
    })
  }

  #damaged(sequence: number, position: number, problem: string): Error {
    return damaged({ file: this.#path(sequence), position, problem, fromIndex: this.#nextIndex })
  }

  #damagedBefore(index: number, problem: string): Error {
    const file = this.#path(this.#firstSequence)
    return damaged({ file, position: 0, problem, fromIndex: this.#snapshotIndex + 1, toIndex: index - 1 })
  }

  get #nextIndex(): number {
    return (this.#lastIndex ?? this.#snapshotIndex) + 1
  }

  #path(sequence: number): string {
    return `${this.#place.directory}/${segmentName(sequence)}`
  }
}
