import type { PersistRecord } from '../core/entry.ts'
import type { Message } from '../core/message.ts'
import { ENTRY_OVERHEAD_BYTES } from '../core/log.ts'
import { mergeRecords } from '../core/step.ts'
import type { RaftStorage } from '../storage/storage.ts'
import type { WriteMeter } from './metrics.ts'
import { RECORD_OVERHEAD_BYTES } from './options.ts'

/** Most bytes of entries that are merged into one write, unless the storage takes less. What is left goes with the next. */
const MAX_WRITE_BYTES = 16 * 1024 * 1024

/**
 * Writes records to storage, one write at a time: everything that queues while one is under way becomes the next. There is no timer, so a
 * lone proposal waits for nobody, and a busy node pays one fsync for all that came meanwhile. Also holds back the messages that
 * promise what is not durable yet.
 */
export class GroupCommit {
  readonly #storage: RaftStorage
  readonly #maxWriteBytes: number
  readonly #durable: (sequence: number) => void
  readonly #failed: (error: unknown) => void
  readonly #meter: WriteMeter | undefined
  #queued: { readonly record: PersistRecord; readonly sequence: number; readonly bytes: number }[] = []
  #durableSequence = 0
  /** A write failed: what the disk has of it can't be known, so nothing is written after it. */
  #broken = false
  #writing: Promise<void> | undefined
  /** Bytes of entries that are queued or being written. */
  #bytes = 0
  #held: { readonly sequence: number; readonly messages: readonly Message[] }[] = []

  /** `durable` is told up to which sequence number everything survives a crash, `failed` that nothing more will. */
  constructor(
    storage: RaftStorage,
    durable: (sequence: number) => void,
    failed: (error: unknown) => void,
    meter?: WriteMeter,
  ) {
    this.#meter = meter
    this.#storage = storage
    const { maxRecordBytes = MAX_WRITE_BYTES } = storage
    this.#maxWriteBytes = Math.min(MAX_WRITE_BYTES, maxRecordBytes - RECORD_OVERHEAD_BYTES)
    this.#durable = durable
    this.#failed = failed
  }

  /** Queues a record. */
  add(record: PersistRecord, sequence: number): void {
    let bytes = 0
    for (const { data } of record.entries) bytes += data.byteLength + ENTRY_OVERHEAD_BYTES
    this.#queued.push({ record, sequence, bytes })
    this.#bytes += bytes
  }

  /** Holds messages back until everything up to `sequence` is durable; false when it is already. */
  hold(messages: readonly Message[], sequence: number): boolean {
    if (sequence <= this.#durableSequence) return false
    this.#held.push({ sequence, messages })
    return true
  }

  /** Takes out the messages that need not wait any longer. */
  release(): readonly Message[] {
    const ready: Message[] = []
    let done = 0
    for (const { sequence, messages } of this.#held) {
      if (sequence > this.#durableSequence) break
      ready.push(...messages)
      done++
    }
    if (done > 0) this.#held.splice(0, done)
    return ready
  }

  /** Starts to write what is queued, unless a write is under way. */
  flush(): void {
    const [first] = this.#queued
    if (this.#writing !== undefined || first === undefined || this.#broken) return
    let { bytes, sequence } = first
    let count = 1
    for (let next = this.#queued[1]; next !== undefined && bytes + next.bytes <= this.#maxWriteBytes;) {
      bytes += next.bytes
      sequence = next.sequence
      next = this.#queued[++count]
    }
    const rest = this.#queued.splice(0, count).slice(1)
    const record = mergeRecords([first.record, ...rest.map((other) => other.record)])
    this.#writing = this.#write(record, sequence, bytes)
  }

  /** Bytes of the entries that wait for the disk. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether a write is under way. */
  get writing(): boolean {
    return this.#writing !== undefined
  }

  /** Resolves when no write is under way any more. */
  async settled(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
  }

  /** A storage that throws, against its contract, is one that rejects: `writing` must be set before it is taken back. */
  #persist(record: PersistRecord): Promise<void> {
    try {
      return this.#storage.persist(record)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async #write(record: PersistRecord, sequence: number, bytes: number): Promise<void> {
    try {
      this.#meter?.begin()
      await this.#persist(record)
    } catch (error) {
      this.#writing = undefined
      this.#broken = true
      this.#failed(error)
      return
    }
    this.#writing = undefined
    this.#meter?.end(record.entries.length)
    this.#bytes -= bytes
    this.#durableSequence = sequence
    this.#durable(sequence)
  }
}
