import type { Clock } from '@colony/host'
import type { Entry, LogIndex } from '../core/entry.ts'
import type { Applier } from './applier.ts'
import { AwaitedEntries } from './awaited-entries.ts'
import type { AnyMachine, ResultOf } from './machine.ts'

/** How many entries are applied between two looks at the clock, and how long before the inbox gets its turn again. */
const CHUNK = 16
const BUDGET_MS = 10

/** Committed entries in the order of the log, not yet applied. */
interface Batch {
  readonly entries: readonly Entry[]
  readonly from: LogIndex
  done: number
}

/** Brings the machine up to what is committed, and tells whoever awaits an entry what became of it. */
export class ApplyQueue<Machine extends AnyMachine> {
  /** Who waits for which entry. */
  readonly awaited: AwaitedEntries<ResultOf<Machine>> = new AwaitedEntries()
  readonly #applier: Applier<Machine>
  readonly #clock: Clock
  readonly #batches: Batch[] = []
  #applied: LogIndex
  #count = 0
  #bytes = 0

  constructor(applier: Applier<Machine>, clock: Clock, applied: LogIndex) {
    this.#applier = applier
    this.#clock = clock
    this.#applied = applied
  }

  /** Last index that the machine has applied. */
  get applied(): LogIndex {
    return this.#applied
  }

  /** How many entries it has applied in this life. */
  get count(): number {
    return this.#count
  }

  /** Bytes of the entries that it has applied in this life. */
  get bytes(): number {
    return this.#bytes
  }

  /** The machine now holds a snapshot of everything up to `index`, in place of whatever was queued or awaited before. */
  restored(index: LogIndex): void {
    this.#applied = index
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
      batch.done = Math.max(batch.done, Math.min(batch.entries.length, index + 1 - batch.from))
      if (batch.done < batch.entries.length) break
      this.#batches.shift()
    }
    this.awaited.loseUpTo(index)
  }

  /** Queues committed entries; they follow on those before. */
  push(entries: readonly Entry[], from: LogIndex): void {
    if (entries.length > 0) this.#batches.push({ entries, from, done: 0 })
  }

  /**
   * Applies what is queued; of a long backlog, as much as fits into a few milliseconds, so that heartbeats are answered in between.
   * @returns Whether everything is applied.
   * @throws A {@link RaftError} when the machine fails.
   */
  run(): boolean {
    const started = this.#clock.now()
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
      this.#applyChunk(batch)
      if (batch.done === batch.entries.length) this.#batches.shift()
      if (this.#batches.length > 0 && this.#clock.now() - started > BUDGET_MS) return false
    }
    return true
  }

  #applyChunk(batch: Batch): void {
    const end = Math.min(batch.entries.length, batch.done + CHUNK)
    for (; batch.done < end; batch.done++) {
      const entry = batch.entries[batch.done]
      if (entry === undefined) return
      const index = batch.from + batch.done
      const outcome = this.#applier.apply(entry, index)
      this.#applied = index
      this.#count++
      this.#bytes += entry.data.length
      this.awaited.settle(index, entry.term, outcome)
    }
  }
}
