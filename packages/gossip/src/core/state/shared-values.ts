import type { CoreContext } from '../component.ts'
import type { Fingerprint } from '../sync/fingerprint.ts'
import { hashNumber, hashText, sharedPlace } from '../sync/item-hash.ts'
import { compareStamps, HybridClock, NEVER, nextStamp, type Stamp } from './hybrid-clock.ts'
import { checkKeyAndValue } from './own-state.ts'
import { entryBytes } from './owner-state.ts'
import { compareMarks, type SharedRecord } from './shared-record.ts'
import type { StateLimits, StateRefusal } from './state-limits.ts'

/** What {@link SharedValues} is made with. */
export interface SharedOptions {
  readonly limits: StateLimits
  /** Added to the core's clock it gives milliseconds since 1970. */
  readonly wallOffsetMs: number
  /** How far ahead of this node's time of day a stamp may be and still move this node's clock. */
  readonly maxDriftMs: number
}

/** How far clocks of healthy machines are apart at the very most. */
export const DEFAULT_MAX_DRIFT_MS = 60_000

/** Clocks of nodes do not run alike: what is younger than this part of a tombstone's time is younger than any that was forgotten. */
const YOUNG_PART = 2

interface Kept extends SharedRecord {
  /** When this node learned of it, on its own clock. */
  readonly at: number
  /** When this process wrote it itself; absent where it learned of it, also of what it wrote in a former life. */
  readonly wroteAt?: number
}

/**
 * Values that everybody may write: of each key the latest write wins, by hybrid logical clocks, everywhere the same one (see {@link compareMarks}). For configuration that
 * may be eventually consistent: of two writes that do not know of each other one is lost.
 *
 * Deleted keys are kept as tombstones, counted from their own moment where that is still to come. When they are dropped, the greatest stamp among them becomes the floor: a value below it that is unknown here was deleted, or never came here while this
 * node was in agreement with others. Whoever still brings one is told of a deletion just above it, so that nothing deleted comes back, however long somebody was away.
 */
export class SharedValues {
  readonly #context: CoreContext
  readonly #fingerprint: Fingerprint
  readonly #options: SharedOptions
  /** Called with every write that is news. */
  readonly #spread: (record: SharedRecord) => void
  readonly #clock: HybridClock
  readonly #records = new Map<string, Kept>()
  #bytes = 0
  #tombstones = 0
  #floor: Stamp = NEVER
  /** When this node and another knew the same, last. */
  #agreedAt = Number.NEGATIVE_INFINITY

  constructor(
    context: CoreContext,
    fingerprint: Fingerprint,
    options: SharedOptions,
    spread: (record: SharedRecord) => void,
  ) {
    this.#context = context
    this.#fingerprint = fingerprint
    this.#options = options
    this.#spread = spread
    this.#clock = new HybridClock(options.maxDriftMs)
  }

  /** Keys that are remembered as deleted. */
  get tombstones(): number {
    return this.#tombstones
  }

  /** Keys that are known, deletions too. */
  get size(): number {
    return this.#records.size
  }

  /** Below it nothing unknown is believed. */
  get floor(): Stamp {
    return this.#floor
  }

  /** The value of a key; `undefined` when there is none. */
  value(key: string): Uint8Array | undefined {
    return this.#records.get(key)?.value
  }

  /** Keys that have a value, in no particular order. */
  *keys(): IterableIterator<string> {
    for (const { key, value } of this.#records.values()) if (value !== undefined) yield key
  }

  /** The last write of a key, deletions too. */
  record(key: string): SharedRecord | undefined {
    return this.#records.get(key)
  }

  /** The last writes of all keys, deletions too. */
  records(): Iterable<SharedRecord> {
    return this.#records.values()
  }

  /** Writes a value, or deletes it; why it was refused, if it was. */
  share(key: string, value: Uint8Array | undefined): StateRefusal | undefined {
    const refusal = checkKeyAndValue(key, value)
    if (refusal !== undefined) return refusal
    const previous = this.#records.get(key)
    if (value === undefined && previous?.value === undefined) return undefined
    const lack = value === undefined ? undefined : this.#lacksRoom(key, value)
    if (lack !== undefined) return lack
    const told = this.#clock.tell(this.#wall())
    // A write follows the one that it replaces, even where that one's clock was too far ahead to be adopted.
    const stamp =
      previous !== undefined && compareStamps(previous.stamp, told) >= 0 ? nextStamp(previous.stamp) : told
    this.#put(
      { key, value: value?.slice(), stamp, by: this.#context.self, life: this.#life },
      this.#context.now,
    )
    return undefined
  }

  /** Takes in what somebody wrote: whether it was news, which is passed on. */
  merge(record: SharedRecord): boolean {
    if (!this.#clock.hear(record.stamp, this.#wall())) this.#context.drop('shared-clock-ahead')
    const known = this.#records.get(record.key)
    if (known !== undefined && compareMarks(record, known) <= 0) return false
    if (known === undefined && compareStamps(record.stamp, this.#floor) <= 0) return this.#buryAgain(record)
    if (record.value !== undefined && this.#lacksRoom(record.key, record.value) !== undefined) {
      this.#context.drop('shared-limit')
      return false
    }
    if (known !== undefined && this.#isMistaken(record, known)) {
      this.#context.drop('shared-buried-young')
      this.#put({ ...known, stamp: nextStamp(record.stamp) }, known.wroteAt)
      return true
    }
    this.#put(record)
    return true
  }

  /** Another node knows the same as this one: what was deleted before is known to whoever takes part. */
  agreed(): void {
    this.#agreedAt = this.#context.now
  }

  /** Drops tombstones that were made and learned before `learnedBefore`, if others were found to agree since; alone, a node agrees with everybody. */
  dropTombstones(learnedBefore: number): void {
    if (this.#tombstones === 0) return
    const agreedAt = this.#context.members.size <= 1 ? this.#context.now : this.#agreedAt
    for (const kept of this.#records.values()) {
      const isOld = kept.at <= learnedBefore && this.#isPast(kept.stamp, learnedBefore)
      if (kept.value === undefined && isOld && kept.at < agreedAt) this.#drop(kept)
    }
  }

  /** A value that was deleted so long ago that the deletion is forgotten: whoever has it must hear of it once more. */
  #buryAgain({ key, value, stamp, by, life }: SharedRecord): boolean {
    if (value === undefined) return false
    this.#context.drop('shared-below-floor')
    this.#put({ key, value: undefined, stamp: nextStamp(stamp), by, life })
    return false
  }

  /**
   * Whether a deletion is the burial of what this node wrote itself, too short a time ago for anybody to have forgotten a deletion of it: then only a clock that is far behind, or one far ahead, put
   * it below a floor. Written again above the burial it is known there, and stays.
   */
  #isMistaken({ value, stamp, by, life }: SharedRecord, known: Kept): boolean {
    if (known.wroteAt === undefined || known.value === undefined || value !== undefined) return false
    if (by !== known.by || life !== known.life || compareStamps(stamp, nextStamp(known.stamp)) !== 0)
      return false
    return this.#context.now - known.wroteAt < this.#context.timing.tombstoneMs / YOUNG_PART
  }

  #put(record: SharedRecord, wroteAt?: number): void {
    const previous = this.#records.get(record.key)
    if (previous !== undefined) this.#forget(previous)
    const { now } = this.#context
    const kept: Kept = { ...record, at: now, ...(wroteAt !== undefined && { wroteAt }) }
    this.#records.set(record.key, kept)
    this.#bytes += entryBytes(record.key, record.value)
    if (record.value === undefined) this.#tombstones++
    this.#toggle(kept)
    if (this.#records.size > this.#options.limits.sharedKeys) this.#dropOldestTombstone()
    if (record.value !== previous?.value) this.#emit(record)
    this.#spread(kept)
  }

  #lacksRoom(key: string, value: Uint8Array): 'too-many-keys' | 'too-many-bytes' | undefined {
    const { sharedKeys, sharedBytes } = this.#options.limits
    const previous = this.#records.get(key)
    const keys = this.#records.size - this.#tombstones + (previous?.value === undefined ? 1 : 0)
    if (keys > sharedKeys) return 'too-many-keys'
    const freed = previous === undefined ? 0 : entryBytes(key, previous.value)
    return this.#bytes - freed + entryBytes(key, value) > sharedBytes ? 'too-many-bytes' : undefined
  }

  #dropOldestTombstone(): void {
    for (const kept of this.#records.values()) {
      if (kept.value !== undefined) continue
      this.#drop(kept)
      return
    }
  }

  #drop(tombstone: Kept): void {
    this.#forget(tombstone)
    this.#records.delete(tombstone.key)
    const { stamp } = tombstone
    if (compareStamps(stamp, this.#floor) > 0 && this.#isPast(stamp, this.#context.now)) this.#floor = stamp
  }

  /** Whether a moment was before `then` of this node's clock. As the floor one that is still to come would bury whatever anybody writes until then: a mistaken clock's deletion must not. */
  #isPast(stamp: Stamp, then: number): boolean {
    return stamp.wall <= then + this.#options.wallOffsetMs
  }

  #forget(kept: Kept): void {
    this.#bytes -= entryBytes(kept.key, kept.value)
    if (kept.value === undefined) this.#tombstones--
    this.#toggle(kept)
    // Deleted first, so that the order of the map is that of the last writes learned.
    this.#records.delete(kept.key)
  }

  /** Values are in the fingerprint, deletions are not: they are forgotten at different times. */
  #toggle({ key, value, stamp, by, life }: Kept): void {
    if (value === undefined) return
    const place = sharedPlace(key)
    const moment = hashNumber(hashNumber(place, stamp.wall), stamp.logical)
    this.#fingerprint.toggle('contents', place, hashNumber(hashText(moment, by), life))
  }

  #emit({ key, value, by }: SharedRecord): void {
    this.#context.emit({ type: 'shared', key, value, by })
  }

  get #life(): number {
    return this.#context.members.get(this.#context.self)?.incarnation.epoch ?? 0
  }

  #wall(): number {
    return this.#context.now + this.#options.wallOffsetMs
  }
}
