import type { PersistRecord } from '../core/entry.ts'
import type { Message } from '../core/message.ts'
import { mergeRecords } from '../core/step.ts'
import type { RaftStorage } from '../storage/storage.ts'

/**
 * Writes records to storage, one write at a time: everything that queues while one is under way becomes the next. There is no timer, so a
 * lone proposal waits for nobody, and a busy node pays one fsync for all that came meanwhile. Also holds back the messages that
 * promise what is not durable yet.
 */
export class GroupCommit {
  readonly #storage: RaftStorage
  readonly #durable: (sequence: number) => void
  readonly #failed: (error: unknown) => void
  #records: PersistRecord[] = []
  #queuedSequence = 0
  #durableSequence = 0
  #writing: Promise<void> | undefined
  #held: { readonly sequence: number; readonly messages: readonly Message[] }[] = []

  /** `durable` is told up to which sequence number everything survives a crash, `failed` that nothing more will. */
  constructor(storage: RaftStorage, durable: (sequence: number) => void, failed: (error: unknown) => void) {
    this.#storage = storage
    this.#durable = durable
    this.#failed = failed
  }

  /** Queues a record. */
  add(record: PersistRecord, sequence: number): void {
    this.#records.push(record)
    this.#queuedSequence = sequence
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
    const [first, ...rest] = this.#records
    if (this.#writing !== undefined || first === undefined) return
    const sequence = this.#queuedSequence
    this.#records = []
    this.#writing = this.#write(mergeRecords([first, ...rest]), sequence)
  }

  /** Resolves when no write is under way any more. */
  async settled(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
  }

  async #write(record: PersistRecord, sequence: number): Promise<void> {
    try {
      await this.#storage.persist(record)
    } catch (error) {
      this.#writing = undefined
      this.#failed(error)
      return
    }
    this.#writing = undefined
    this.#durableSequence = sequence
    this.#durable(sequence)
  }
}
