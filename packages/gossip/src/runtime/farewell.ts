import type { Clock } from '@colony/host'
import { watchWait } from './timeouts.ts'

/** A goodbye is over by the core's word; so much later it is over anyhow. */
const GRACE_MS = 1000

/** One goodbye that is waited for. */
export class Farewell {
  readonly #clock: Clock
  #resolve: ((acknowledged: number) => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves with how many others know, once they are enough or the time is over. `say` says goodbye. */
  wait(timeoutMs: number, say: () => void): Promise<number> {
    return new Promise((resolve) => {
      const stop = watchWait({
        clock: this.#clock,
        timeoutMs: timeoutMs + GRACE_MS,
        signal: undefined,
        timedOut: () => this.end(0),
        aborted: () => this.end(0),
      })
      this.#resolve = (acknowledged) => {
        stop()
        resolve(acknowledged)
      }
      say()
    })
  }

  /** So many know, and no more are waited for. */
  end(acknowledged: number): void {
    this.#resolve?.(acknowledged)
    this.#resolve = undefined
  }
}
