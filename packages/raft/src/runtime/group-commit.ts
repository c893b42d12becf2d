import type { PersistRecord } from '../core/entry.ts'
import type { Message } from '../core/message.ts'
import { ENTRY_OVERHEAD_BYTES } from '../core/log.ts'
import { mergeRecords } from '../core/step.ts'
import { RaftError } from '../errors.ts'
import type { RaftStorage } from '../storage/storage.ts'
import type { WriteMeter } from './metrics.ts'
import { RECORD_OVERHEAD_BYTES } from './options.ts'

/** Most bytes of entries that are merged into one write, unless the storage takes less. What is left goes with the next. */
const MAX_WRITE_BYTES = 16 * 1024 * 1024

/** What a group commit tells of beside what is durable. */
export interface FullDisk {
  /** The disk is full: what waits is written when {@link GroupCommit.retry} is called, terms and votes at once. */
  full(): void
  /** Terms and votes are durable although entries before them are not: messages may go out. */
  promised(): void
}

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
  readonly #fullDisk: FullDisk | undefined
  #queued: { readonly record: PersistRecord; readonly sequence: number; readonly bytes: number }[] = []
  /** Up to where everything that was held back may go out: all that such messages promise is a term and a vote. */
  #promisedSequence = 0
  /** The term and vote that were written last. */
  #promise: Pick<PersistRecord, 'term' | 'vote'> | undefined
  /** There was no room even for a term and a vote. */
  #noRoomAtAll = false
  /** The disk is full: of what is queued nothing but terms and votes is written. */
  #full = false
  /** A write failed: what the disk has of it can't be known, so nothing is written after it. */
  #broken = false
  #writing: Promise<void> | undefined
  /** Bytes of entries that are queued or being written. */
  #bytes = 0
  /** Those of them that are being written. */
  #writingBytes = 0
  #held: { readonly sequence: number; readonly messages: readonly Message[] }[] = []

  /** `durable` is told up to which sequence number everything survives a crash, `failed` that nothing more will. */
  constructor(
    storage: RaftStorage,
    durable: (sequence: number) => void,
    failed: (error: unknown) => void,
    meter?: WriteMeter,
    fullDisk?: FullDisk,
  ) {
    this.#meter = meter
    this.#fullDisk = fullDisk
    this.#storage = storage
    const { maxRecordBytes = MAX_WRITE_BYTES } = storage
    this.#maxWriteBytes = Math.min(MAX_WRITE_BYTES, maxRecordBytes - RECORD_OVERHEAD_BYTES)
    this.#durable = durable
    this.#failed = failed
  }

  /** Queues a record. */
  add(record: PersistRecord, sequence: number): void {
    const bytes = bytesOf(record)
    this.#queued.push({ record, sequence, bytes })
    this.#bytes += bytes
  }

  /** Holds messages back until everything up to `sequence` is durable; false when it is already. */
  hold(messages: readonly Message[], sequence: number): boolean {
    if (sequence <= this.#promisedSequence) return false
    this.#held.push({ sequence, messages })
    return true
  }

  /** Takes out the messages that need not wait any longer. */
  release(): readonly Message[] {
    const ready: Message[] = []
    let done = 0
    for (const { sequence, messages } of this.#held) {
      if (sequence > this.#promisedSequence) break
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
    if (this.#full) return this.#flushPromises()
    let { bytes, sequence } = first
    let count = 1
    for (let next = this.#queued[1]; next !== undefined && bytes + next.bytes <= this.#maxWriteBytes;) {
      bytes += next.bytes
      sequence = next.sequence
      next = this.#queued[++count]
    }
    const rest = this.#queued.splice(0, count).slice(1)
    const record = mergeRecords([first.record, ...rest.map((queued) => queued.record)])
    // A later term and vote went ahead of it, and must not be taken back.
    const isBehind = sequence < this.#promisedSequence
    this.#writingBytes = bytes
    this.#writing = this.#write(isBehind ? { ...record, ...this.#promise } : record, sequence)
  }

  /** Tries to write what the disk had no room for. */
  retry(): void {
    this.#full = false
    this.#noRoomAtAll = false
    this.flush()
  }

  /** On a full disk: the term and vote that are queued, for which there is room. The entries follow, under a term that is at least as high. */
  #flushPromises(): void {
    const last = this.#queued.at(-1)
    if (last === undefined || last.sequence <= this.#promisedSequence || this.#noRoomAtAll) return
    const { term, vote } = last.record
    if (this.#promise?.term === term && this.#promise.vote === vote) {
      this.#promisedSequence = last.sequence
      this.#fullDisk?.promised()
    } else this.#writing = this.#write({ term, vote, firstIndex: 0, entries: [] }, last.sequence, true)
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

  async #write(record: PersistRecord, sequence: number, promisesOnly = false): Promise<void> {
    try {
      this.#meter?.begin()
      await this.#persist(record)
    } catch (error) {
      this.#writing = undefined
      if (isFull(error) && this.#fullDisk !== undefined) return this.#keep(record, sequence, promisesOnly)
      this.#broken = true
      this.#failed(error)
      return
    }
    this.#writing = undefined
    this.#meter?.end(record.entries.length)
    this.#promise = { term: record.term, vote: record.vote }
    this.#promisedSequence = Math.max(this.#promisedSequence, sequence)
    if (promisesOnly) {
      this.#fullDisk?.promised()
      return
    }
    this.#bytes -= this.#writingBytes
    this.#durable(sequence)
  }

  /** Nothing of it was written: it goes first when there is room. */
  #keep(record: PersistRecord, sequence: number, promisesOnly: boolean): void {
    this.#full = true
    this.#meter?.refuse()
    if (promisesOnly) {
      this.#noRoomAtAll = true
      return
    }
    const bytes = bytesOf(record)
    this.#queued = [{ record, sequence, bytes }, ...this.#queued]
    this.#bytes += bytes - this.#writingBytes
    this.#fullDisk?.full()
    this.flush()
  }
}

function bytesOf({ entries }: PersistRecord): number {
  let bytes = 0
  for (const { data } of entries) bytes += data.byteLength + ENTRY_OVERHEAD_BYTES
  return bytes
}

function isFull(error: unknown): boolean {
  return error instanceof RaftError && error.code === 'RAFT_STORAGE_FULL'
}
