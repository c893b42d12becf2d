import type { LogEnd, SnapshotMeta } from '../../core/entry.ts'
import { PackedEntries } from '../../core/packed-entries.ts'
import { FORMAT_VERSION, RECORD_ALIGNMENT, SEGMENT_HEADER_BYTES } from './format.ts'
import { GappedReplay } from './gapped-replay.ts'
import type { RecordHeader, RecordReader } from './record-reader.ts'
import { type FoundRecord, walkRecords } from './record-walk.ts'
import {
  type LogPlace,
  readSegment,
  type Recovered,
  type Tail,
  type TornWrite,
  type UsedSegment,
} from './recovery.ts'

/** A log of which entries are lost, and that a node can start with all the same. */
export interface Salvaged extends Recovered {
  /** Where it ended before; `undefined` when everything that is missing is in the snapshot, or was cut off later. */
  readonly lost: LogEnd | undefined
}

/** What is unreadable, and nothing was found behind it yet. */
interface Ending {
  readonly torn: TornWrite
  /** The segment, when nothing is left of any record in it: its first write, then. */
  readonly segment?: { readonly sequence: number; readonly bytes: number }
  /** Something was written after it, so it is damage. Returns whether that makes sense. */
  lose(): boolean
}

/**
 * Reads a log past its damage and changes nothing. `undefined` when a node that started with what is there could break a promise: the last record must be whole, since it alone
 * says the last term and vote, and something must say how far the log reached.
 *
 * What is unreadable at the very end is taken for an interrupted write, as in a log without damage, if its segment is sound otherwise: whoever starts with a damaged log goes on in a new one,
 * so what is damaged there has nothing to do with what was lost before.
 */
export async function salvage(
  place: LogPlace,
  sequences: readonly number[],
  snapshot: SnapshotMeta | undefined,
): Promise<Salvaged | undefined> {
  // Without a snapshot nothing was ever removed.
  const first = snapshot === undefined ? 1 : (sequences[0] ?? 1)
  const reading = new Salvage(snapshot, first !== 1)
  for (const [at, sequence] of sequences.entries()) {
    if (sequence !== first + at) return undefined
    if (!reading.add(sequence, await readSegment(place, sequence))) return undefined
  }
  return reading.finish()
}

class Salvage {
  readonly #replay: GappedReplay
  readonly #used: UsedSegment[] = []
  readonly #unused: { sequence: number; bytes: number }[] = []
  /** 0: whatever the first record says. */
  #nextRecord: number
  #tail: Tail | undefined
  #ending: Ending | undefined
  /** Nothing in the last segment is damaged, but for what may be at its end. */
  #isSegmentSound = true
  /** A record was put where it does not belong. */
  #strayRecord = 0

  constructor(snapshot: SnapshotMeta | undefined, fromMiddle: boolean) {
    this.#replay = new GappedReplay(snapshot, fromMiddle)
    this.#nextRecord = fromMiddle ? 0 : 1
  }

  /** Takes the next segment in the row; `false` when it makes no sense. */
  add(sequence: number, reader: RecordReader): boolean {
    const bytes = reader.bytes.byteLength
    const used = reader.lastUsed(0)
    if (used === 0) {
      this.#unused.push({ sequence, bytes })
      return true
    }
    const header = reader.segmentHeader()
    if (header !== undefined && (header.version !== FORMAT_VERSION || bytes < header.bytes)) return false
    // Written to behind one that was never written to: what was in that is lost, and nothing says how much that was.
    if (this.#unused.length > 0 || !this.#loseEnding()) return false
    if (header === undefined && reader.nextHeader(0, used) === undefined) {
      this.#endWithSegment({ sequence, bytes }, used, reader)
      return true
    }
    this.#begin(sequence, header?.bytes ?? bytes)
    this.#isSegmentSound = header !== undefined
    for (const found of walkRecords(reader))
      if (!this.#loseEnding() || !this.#take(found, reader)) return false
    return true
  }

  #begin(sequence: number, bytes: number): void {
    this.#used.push({ sequence, lastIndex: 0 })
    this.#tail = { sequence, bytes, position: SEGMENT_HEADER_BYTES, lastWrite: SEGMENT_HEADER_BYTES }
  }

  finish(): Salvaged | undefined {
    const ending = this.#ending
    if (ending !== undefined && ending.segment === undefined && !this.#isSegmentSound) return undefined
    const replayed = this.#replay.finish()
    const tail = this.#tail
    if (replayed === undefined || tail === undefined || this.#strayRecord >= this.#nextRecord)
      return undefined
    const { state, lastIndex, lost } = replayed
    const begun = ending?.segment === undefined ? [] : [ending.segment]
    const unused = [...begun, ...this.#unused].filter((segment) => segment.sequence !== tail.sequence)
    return {
      ...{ lastIndex, lost, tail, unused },
      state: { ...state, entries: PackedEntries.of(state.entries) },
      nextRecord: this.#nextRecord,
      torn: ending?.torn,
      used: this.#used,
    }
  }

  #take(found: FoundRecord, reader: RecordReader): boolean {
    switch (found.kind) {
      case 'record': {
        if (!this.#follows(found.header)) return false
        this.#noteIndexes(found.header)
        this.#noteTail(found.header)
        return this.#replay.apply(found.record)
      }
      case 'payload': {
        const { header } = found
        this.#endAt(header.position, Math.max(header.end, reader.lastUsed(header.position)), () => {
          if (!this.#follows(header)) return false
          this.#noteIndexes(header)
          this.#noteTail(header)
          this.#replay.lose(header)
          return true
        })
        return true
      }
      case 'unreadable':
        this.#noteStrays(reader, found.from, found.to)
        this.#endAt(found.from, found.to, () => {
          this.#replay.loseUnknown()
          return true
        })
        return true
      case 'senseless':
        return false
    }
  }

  /** In the last segment there is something unreadable. */
  #endAt(from: number, to: number, lose: () => boolean): void {
    this.#ending = { torn: { sequence: this.#tail?.sequence ?? 0, from, to }, lose }
  }

  /** All of a segment is unreadable. */
  #endWithSegment(segment: { sequence: number; bytes: number }, used: number, reader: RecordReader): void {
    const { sequence, bytes } = segment
    this.#noteStrays(reader, 0, used)
    const lose = (): boolean => {
      this.#begin(sequence, bytes)
      this.#replay.loseUnknown()
      return true
    }
    this.#ending = { torn: { sequence, from: 0, to: used }, segment, lose }
  }

  /** Something stands behind what was unreadable. */
  #loseEnding(): boolean {
    const ending = this.#ending
    if (ending === undefined) return true
    this.#ending = undefined
    this.#isSegmentSound = false
    return ending.lose()
  }

  /** Records are numbered without a gap: where numbers are missing, so are records. */
  #follows({ number }: RecordHeader): boolean {
    if (number < this.#nextRecord) return false
    if (number > this.#nextRecord && this.#nextRecord !== 0) {
      this.#replay.loseUnknown()
      this.#isSegmentSound = false
    }
    this.#nextRecord = number + 1
    return true
  }

  /** What is in a record whose payload is lost still has to be in the snapshot before its segment may go. */
  #noteIndexes({ firstIndex, entryCount }: RecordHeader): void {
    const used = this.#used.at(-1)
    if (used !== undefined && firstIndex !== 0)
      used.lastIndex = Math.max(used.lastIndex, firstIndex - 1 + entryCount)
  }

  #noteTail({ position, end }: RecordHeader): void {
    const tail = this.#tail
    if (tail === undefined) return
    // The first record of a segment came in one write with the header.
    tail.lastWrite = position === SEGMENT_HEADER_BYTES ? 0 : position
    tail.position = end
  }

  #noteStrays(reader: RecordReader, from: number, to: number): void {
    for (let at = from; at < to; at += RECORD_ALIGNMENT)
      this.#strayRecord = Math.max(this.#strayRecord, reader.strayNumber(at) ?? 0)
  }
}
