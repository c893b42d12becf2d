import { performance } from 'node:perf_hooks'

/** What somebody who writes all the time saw. */
export interface WritesSeen {
  /** Longest time between one write that succeeded and the next, in milliseconds. */
  readonly longestGapMs: number
  /** Longest time that any write took to succeed or to fail. */
  readonly slowestMs: number
  readonly succeeded: number
  readonly failed: number
}

/** Between the end of one write and the start of the next. */
const THINK_MS = 1

/** Writes one command after the other until told to stop, whatever becomes of them. */
export class WriteWatch {
  readonly #write: () => Promise<unknown>
  readonly #running: Promise<void>
  #stopped = false
  #longestGapMs = 0
  #slowestMs = 0
  #succeeded = 0
  #failed = 0

  /** Begins at once. */
  constructor(write: () => Promise<unknown>) {
    this.#write = write
    this.#running = this.#run()
  }

  /** Stops, and tells. */
  async stop(): Promise<WritesSeen> {
    this.#stopped = true
    await this.#running
    return {
      longestGapMs: this.#longestGapMs,
      slowestMs: this.#slowestMs,
      succeeded: this.#succeeded,
      failed: this.#failed,
    }
  }

  async #run(): Promise<void> {
    let lastSuccess = performance.now()
    while (!this.#stopped) {
      const started = performance.now()
      const ok = await this.#write().then(
        () => true,
        () => false,
      )
      const now = performance.now()
      this.#slowestMs = Math.max(this.#slowestMs, now - started)
      if (ok) {
        this.#succeeded++
        this.#longestGapMs = Math.max(this.#longestGapMs, now - lastSuccess)
        lastSuccess = now
      } else {
        this.#failed++
      }
      await new Promise((resolve) => setTimeout(resolve, THINK_MS))
    }
  }
}
