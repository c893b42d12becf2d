/** What a pump calls. */
export interface PumpWork {
  /** Works off everything that has come in. */
  turn(): void
  /** After the last of a row of turns. */
  after(): void
  /** Something threw; the pump goes on when it is woken again, unless it was stopped. */
  failed(cause: unknown): void
}

/** Its `then` does what `queueMicrotask` does, without the resource that Node makes for each call of that. */
const SETTLED = Promise.resolve()

/**
 * Turns calls for work into turns: however often it is woken, one turn follows, after the callback that brought the input. So one read of a
 * socket, or one loop of calls, is one batch. What is woken during a turn gets another one in the same row.
 */
export class Pump {
  readonly #work: PumpWork
  // One for all times: it is queued for every batch.
  readonly #task = (): void => this.#run()
  #due = false
  #running = false
  #stopped = false

  constructor(work: PumpWork) {
    this.#work = work
  }

  /** Asks for a turn, soon. */
  wake(): void {
    const idle = !this.#due && !this.#running && !this.#stopped
    this.#due = true
    // A microtask: the rest of what the current callback brings comes first.
    if (idle) void SETTLED.then(this.#task)
  }

  /** No turn begins any more. */
  stop(): void {
    this.#stopped = true
  }

  #run(): void {
    if (this.#stopped || this.#running) return
    this.#running = true
    try {
      do {
        this.#due = false
        this.#work.turn()
      } while (this.#due && !this.#stopped)
      if (!this.#stopped) this.#work.after()
    } catch (cause) {
      this.#work.failed(cause)
    } finally {
      this.#running = false
      // Asked for while the loop above had already ended: nobody else would start the next one.
      if (this.#due && !this.#stopped) void SETTLED.then(this.#task)
    }
  }
}
