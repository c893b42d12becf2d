/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'
import type { RaftCore } from '../core/raft-core.ts'
import type { Input } from '../core/step.ts'
import type { RaftError } from '../errors.ts'

/** What {@link DiskTrouble} needs of its driver. */
export interface TroubleSurroundings {
  readonly clock: Clock
  readonly core: RaftCore
  /** How long a write may take, in milliseconds. */
  readonly stallMs: number
  /** When the write under way began; `undefined` when there is none. */
  writingSince(): number | undefined
  step(input: Input): void
  wake(): void
  /** Tries to write what a full disk had no room for. */
  retryWrite(): void
  /** The disk is full; the write is tried again after so many milliseconds. */
  full(retryMs: number): void
  /** A disk that was full has taken the write. */
  roomAgain(): void
  /** A write has taken so many milliseconds and goes on. */
  stalled(ms: number): void
  /** Stops the node for good. */
  stop(error: RaftError): void
}

/** How long after a disk was found full the write is tried again: at first, and at most. */
const FIRST_RETRY_MS = 100
const MOST_RETRY_MS = 5000

/**
 * What a node does about a disk that fails or hangs: a leader hands over, for which it needs no disk. After a failure the node then stops, since what a disk
 * has of a write that it reported as failed can't be known. One that merely hangs goes on when its disk does, and is no candidate before. Nor is one whose disk is full: it stays,
 * votes, acknowledges no entry, and tries the write again with growing pauses until it succeeds.
 */
export class DiskTrouble {
  readonly #surroundings: TroubleSurroundings
  #failure: RaftError | undefined
  #hasOffered = false
  #stalled = false
  /** The limit has passed again since the last turn: try again to hand over. */
  #due = false
  #timer: Disposable | undefined
  /** How long the pause before the next attempt to write is; 0 while the disk is not full. */
  #retryMs = 0
  #retryTimer: Disposable | undefined
  #stopped = false

  constructor(surroundings: TroubleSurroundings) {
    this.#surroundings = surroundings
  }

  /** A write failed: nothing more will be durable. */
  failed(error: RaftError): void {
    this.#failure ??= error
    this.#surroundings.wake()
  }

  /** A write found the disk full; nothing of it was written. */
  full(): void {
    const { clock, retryWrite, full, wake } = this.#surroundings
    if (this.#stopped) return
    this.#retryMs = Math.min(MOST_RETRY_MS, Math.max(FIRST_RETRY_MS, 2 * this.#retryMs))
    this.#due = true
    this.#retryTimer?.[Symbol.dispose]()
    this.#retryTimer = clock.after(this.#retryMs, () => retryWrite())
    full(this.#retryMs)
    wake()
  }

  /** A write has finished. */
  finished(): void {
    if (this.#retryMs > 0) this.#surroundings.roomAgain()
    if (!this.#stalled && this.#retryMs === 0) return
    this.#retryMs = 0
    this.#stalled = false
    this.#due = false
    this.#surroundings.step({ type: 'candidacy', allowed: true })
  }

  /** At the end of every turn. */
  turn(): void {
    const { core, step, stop } = this.#surroundings
    if (this.#due) {
      this.#due = false
      step({ type: 'candidacy', allowed: false })
      step({ type: 'transfer' })
    }
    if (this.#failure === undefined) return
    if (!this.#hasOffered) step({ type: 'transfer' })
    this.#hasOffered = true
    if (core.transferTarget === undefined) stop(this.#failure)
  }

  /** Looks after the write under way, if there is one and nobody does yet: one timer for all the writes of a while. */
  arm(): void {
    const { clock, stallMs, writingSince } = this.#surroundings
    const since = writingSince()
    if (this.#timer !== undefined || since === undefined || this.#stopped) return
    const ageMs = clock.now() - since
    // A write that was found stalled is looked at again after as long again.
    const leftMs = ageMs < stallMs ? stallMs - ageMs : stallMs
    this.#timer = clock.after(leftMs, () => {
      // A process that was stalled itself first hears of the writes that were done meanwhile.
      clock.afterInput(() => this.#look())
    })
  }

  /** Looks no more. */
  stop(): void {
    this.#stopped = true
    this.#timer?.[Symbol.dispose]()
    this.#retryTimer?.[Symbol.dispose]()
  }

  #look(): void {
    this.#timer = undefined
    const { clock, stallMs, writingSince, stalled, wake } = this.#surroundings
    const since = writingSince()
    if (since === undefined || this.#stopped) return
    const ageMs = clock.now() - since
    if (ageMs >= stallMs) {
      this.#stalled = true
      this.#due = true
      stalled(ageMs)
      wake()
    }
    this.arm()
  }
}
