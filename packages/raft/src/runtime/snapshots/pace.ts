import type { Clock } from '@colony/host'

/** How long work in the background may hold up everything else. */
const BUDGET_MS = 2
/** The same in bytes, where the clock does not say how long something took: so many are summed and copied in well under that time. */
const BUDGET_BYTES = 512 * 1024

/** Lets the event loop have its turn now and then, so that a snapshot of gigabytes delays no heartbeat. */
export class Pace {
  readonly #clock: Clock
  #since: number
  #bytes = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#since = clock.now()
  }

  /** Notes that so many bytes were worked on. True when others should have a turn: await {@link Pace.pause} then. */
  spent(bytes: number): boolean {
    this.#bytes += bytes
    return this.#bytes >= BUDGET_BYTES || this.#clock.now() - this.#since >= BUDGET_MS
  }

  /** Resolves after everything that waits has had its turn. */
  async pause(): Promise<void> {
    await new Promise<void>((resolve) => this.#clock.afterInput(resolve))
    this.#since = this.#clock.now()
    this.#bytes = 0
  }
}
