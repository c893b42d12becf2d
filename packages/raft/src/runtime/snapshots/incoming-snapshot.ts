import type { NodeId } from '@colony/host'
import type { SnapshotMeta } from '../../core/entry.ts'
import { SnapshotParser } from './snapshot-parser.ts'
import type { SnapshotChunk, SnapshotId } from './snapshot-wire.ts'

/** Most bytes that wait to be written: more than any sender has under way. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024

/** A snapshot that is arriving: takes its chunks in their order, checks them, and gives them to whoever writes them. */
export class IncomingSnapshot {
  readonly id: SnapshotId
  readonly meta: SnapshotMeta
  /** Who sends it just now: another node may go on with the same one. */
  from: NodeId
  /** When the last chunk came. */
  heardAt: number
  readonly #parser = new SnapshotParser()
  readonly #written: () => void
  #waiting: Uint8Array[] = []
  /** Every byte before is here. */
  #arrived = 0
  /** Every byte before is written. */
  #taken = 0
  #problem: string | undefined
  #wake: (() => void) | undefined

  /** `written` is called whenever {@link IncomingSnapshot.written} has grown. */
  constructor(id: SnapshotId, meta: SnapshotMeta, from: NodeId, now: number, written: () => void) {
    this.id = id
    this.meta = meta
    this.from = from
    this.heardAt = now
    this.#written = written
  }

  /** Every byte before is written. */
  get written(): number {
    return this.#taken
  }

  /** Every byte before is here, written or not. */
  get arrived(): number {
    return this.#arrived
  }

  /** Takes a chunk, or leaves it: what is behind a gap comes again. */
  take({ offset, data }: SnapshotChunk, now: number): void {
    this.heardAt = now
    const known = this.#arrived - offset
    if (known < 0 || known >= data.length || this.#arrived - this.#taken > MAX_WAITING_BYTES) return
    const news = data.subarray(known)
    this.#arrived += news.length
    this.#waiting.push(news)
    this.#parser.push(news)
    if (this.#parser.problem !== undefined)
      this.abandon(`what arrived is not what was sent: ${this.#parser.problem}`)
    this.#wake?.()
  }

  /** Gives it up: whoever reads the chunks is told with an error. */
  abandon(problem: string): void {
    this.#problem ??= problem
    this.#wake?.()
  }

  /** Its bytes as they come. Throws when it was given up, or when all are there and are not right. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    while (this.#taken < this.id.bytes) {
      await this.#more()
      if (this.#problem !== undefined) throw new Error(this.#problem)
      for (const piece of this.#waiting.splice(0)) {
        yield piece
        // Asked for the next, so that one is written.
        this.#taken += piece.length
        if (this.#problem === undefined) this.#written()
      }
    }
    const problem = this.#problem ?? this.#parser.end() ?? this.#mismatch()
    if (problem !== undefined) throw new Error(problem)
  }

  async #more(): Promise<void> {
    while (this.#waiting.length === 0 && this.#problem === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    this.#wake = undefined
  }

  #mismatch(): string | undefined {
    const { about, sum } = this.#parser
    const isRight = about?.index === this.meta.index && about.term === this.meta.term
    if (isRight && sum.bytes === this.id.bytes && sum.checksum === this.id.checksum) return undefined
    return 'what arrived is another snapshot than was offered'
  }
}
