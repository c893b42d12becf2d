import type { ByteReader, ByteWriter } from '@colony/host'
import type { Component, CoreContext, Section } from '../component.ts'
import { RetransmitQueue } from '../dissemination/retransmit-queue.ts'
import { spreadLimit } from '../dissemination/spread-limit.ts'
import type { Fingerprint } from '../sync/fingerprint.ts'
import { SCRATCH } from '../wire/scratch.ts'
import { TAGS } from '../wire/tags.ts'
import { readShared, type SharedRecord, writeShared } from './shared-record.ts'
import { DEFAULT_MAX_DRIFT_MS, SharedValues } from './shared-values.ts'
import { DEFAULT_STATE_LIMITS, type StateLimits } from './state-limits.ts'

/** What {@link SharedState} may be told. */
export interface SharedStateOptions {
  readonly limits?: Partial<StateLimits>
  /** Added to the core's clock it gives milliseconds since 1970. Default 0. */
  readonly wallOffsetMs?: number
  /** Default one minute. */
  readonly maxDriftMs?: number
}

/** Tombstones are dropped in sweeps, so many in the time that one is kept. */
const SWEEPS_PER_LIFE = 8
/** Tag and length of the section, and the head of the packet, around a value that is alone in a packet. */
const FRAME_BYTES = 8
/** Most bytes of writes that wait to be piggybacked. */
const MAX_QUEUE_BYTES = 256 * 1024

/** Shared values, and how their writes are spread: one piece of news a key, since the newest one says all. */
export class SharedState implements Component, Section {
  readonly tag: number = TAGS.shared
  readonly values: SharedValues
  readonly #context: CoreContext
  readonly #queue = new RetransmitQueue(MAX_QUEUE_BYTES)
  #nextSweep = Number.POSITIVE_INFINITY

  constructor(context: CoreContext, fingerprint: Fingerprint, options: SharedStateOptions = {}) {
    this.#context = context
    this.values = new SharedValues(
      context,
      fingerprint,
      {
        limits: { ...DEFAULT_STATE_LIMITS, ...options.limits },
        wallOffsetMs: options.wallOffsetMs ?? 0,
        maxDriftMs: options.maxDriftMs ?? DEFAULT_MAX_DRIFT_MS,
      },
      (record) => this.#spread(record),
    )
  }

  get deadline(): number {
    if (this.values.tombstones === 0) return Number.POSITIVE_INFINITY
    // Planned when the first tombstone came: one that waits for agreement is looked at again at the next sweep.
    return this.#nextSweep
  }

  tick(): void {
    const { now, timing } = this.#context
    this.values.dropTombstones(now - timing.tombstoneMs)
    this.#nextSweep = Number.POSITIVE_INFINITY
    this.#planSweep()
  }

  get backlog(): number {
    return this.#queue.bytes
  }

  write(writer: ByteWriter, budget: number): number {
    this.#queue.begin()
    return this.#queue.write(writer, budget, spreadLimit(this.#context))
  }

  read(reader: ByteReader): void {
    while (reader.remaining > 0) {
      const record = readShared(reader)
      if (record === undefined) {
        this.#context.drop('malformed-shared')
        return
      }
      this.take(record)
    }
  }

  /** Takes in a write, from a packet or by anti-entropy; both are passed on, since each is small. */
  take(record: SharedRecord): boolean {
    const news = this.values.merge(record)
    this.#planSweep()
    return news
  }

  #planSweep(): void {
    if (this.values.tombstones === 0 || this.#nextSweep !== Number.POSITIVE_INFINITY) return
    this.#nextSweep = this.#context.now + this.#context.timing.tombstoneMs / SWEEPS_PER_LIFE
  }

  /** What fits no packet travels by anti-entropy alone. */
  #spread(record: SharedRecord): void {
    writeShared(SCRATCH, record)
    this.#planSweep()
    const bytes = SCRATCH.finish()
    if (bytes.length + FRAME_BYTES > this.#context.packetBytes) this.#queue.delete(record.key)
    else this.#queue.put(record.key, bytes)
  }
}
