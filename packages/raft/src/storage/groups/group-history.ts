import type { LogIndex, PersistRecord } from '../../core/entry.ts'
import { discontinuity, emptyState, lastIndexAfter, replay, type ReplayedState } from '../replay.ts'
import type { GroupFounding } from './group-record.ts'

/** What the records of one group make, while they are read back. */
export class GroupReading {
  readonly state: ReplayedState = emptyState()
  /** Index of the last entry; `undefined` before the first entry of a log that begins in the middle. */
  lastIndex: LogIndex | undefined = 0

  /** `inTheMiddle`: a snapshot may stand for what came before the first record that is read. */
  constructor(inTheMiddle: boolean) {
    if (!inTheMiddle) return
    this.lastIndex = undefined
    this.state.firstIndex = Number.POSITIVE_INFINITY
  }

  /** Applies the next record. Returns why it can't be, if so. */
  read(record: PersistRecord): string | undefined {
    const gap = discontinuity(record, this.lastIndex ?? Number.POSITIVE_INFINITY)
    if (gap !== undefined) return gap
    replay(this.state, record)
    if (record.firstIndex > 0) this.lastIndex = lastIndexAfter(record, 0)
    return undefined
  }
}

/** Where a record of a group stands. */
export interface RecordPlace {
  /** Its place in the shared log. */
  readonly place: number
  /** Where the stretch of the shared log begins that it is in. */
  readonly from: number
  readonly bytes: number
}

/** What a group has in one stretch of the shared log. */
interface Part {
  /** Place in the shared log where the stretch begins. */
  readonly from: number
  /** No entry of the group in it has a higher index. */
  lastIndex: LogIndex
  bytes: number
}

/**
 * One group as the shared log holds it: which of its records are still needed, and what they make, until somebody takes that over.
 * Invariant: the last of its records is always needed, for it holds the group's term and vote.
 */
export class GroupHistory {
  readonly number: number
  readonly founding: GroupFounding
  /** What reading the whole log has made; `undefined` once it was taken. */
  reading: GroupReading | undefined
  /** Place of its last record in the shared log; 0 for none. */
  lastPlace = 0
  /** Index of its last durable entry, once somebody has it open. */
  lastIndex: LogIndex = 0
  /** Somebody has it open. */
  isOpen = false
  /** Records of it that are being written. */
  writing = 0
  #parts: Part[] = []

  constructor(number: number, founding: GroupFounding, reading: GroupReading) {
    this.number = number
    this.founding = founding
    this.reading = reading
  }

  /** Bytes of the shared log that it needs, at most. */
  get bytes(): number {
    let sum = 0
    for (const { bytes } of this.#parts) sum += bytes
    return sum
  }

  /** The first place in the shared log that it needs; none for a group without records. */
  get neededFrom(): number {
    return this.#parts[0]?.from ?? Number.POSITIVE_INFINITY
  }

  /** Takes note of a record that is durable at `place`, in the stretch that begins at `from`. `restates`: it says everything that those before say. */
  note(record: PersistRecord, { place, from, bytes }: RecordPlace, restates = false): void {
    this.lastPlace = place
    if (record.firstIndex > 0) this.lastIndex = lastIndexAfter(record, 0)
    if (restates || record.replacesLog === true) this.#parts = []
    const touched = record.firstIndex === 0 ? 0 : this.lastIndex
    const last = this.#parts.at(-1)
    if (last?.from === from) {
      last.lastIndex = Math.max(last.lastIndex, touched)
      last.bytes += bytes
    } else this.#parts.push({ from, lastIndex: touched, bytes })
  }

  /** A snapshot stands for every entry before `index`. */
  forgetBefore(index: LogIndex): void {
    let gone = 0
    while (gone < this.#parts.length - 1 && (this.#parts[gone]?.lastIndex ?? index) < index) gone++
    if (gone > 0) this.#parts.splice(0, gone)
  }
}
