/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock, Random } from '@colony/host'
import type { Grant, GrantRequest, NotGranted } from '../backend.ts'

/** How a backend that has to ask again and again does so. */
export interface Asking {
  readonly clock: Clock
  readonly random: Random
  /** How long to pause after the first refusal at the most, in milliseconds. Pauses have full jitter: anything from 0 to their bound, which doubles with each. */
  readonly pauseMs: number
  /** The bound never gets longer than this, in milliseconds. */
  readonly longestPauseMs: number
  /** Asks once. Has to come to an end by itself, also when nobody answers. */
  readonly attempt: () => Promise<Grant | NotGranted>
  /**
   * Gives back whatever the attempts may have left: a place in a queue, a lock that nobody waits for any more, one whose answer was lost. Called once, and only
   * when no lock comes of it. Must not throw; what it starts is not waited for.
   */
  readonly undo: () => void
  /** Calls back when asking is worth while before the pause is over. */
  readonly onWake?: (wake: () => void) => Disposable
}

const BUSY: NotGranted = { refused: 'busy' }

/**
 * Asks until there is a lock, the time to wait is over, or the signal aborts. The last two do not wait for an attempt that is under way: what it brings is given
 * back when it comes.
 */
export function askUntilGranted(request: GrantRequest, asking: Asking): Promise<Grant | NotGranted> {
  return new Promise((resolve, reject) => new Waiter(request, asking, resolve, reject).start())
}

class Waiter {
  readonly #request: GrantRequest
  readonly #asking: Asking
  readonly #resolve: (answer: Grant | NotGranted) => void
  readonly #reject: (reason: unknown) => void
  #ended = false
  #attempting = false
  #wokenMeanwhile = false
  #pauseMs: number
  #pause: Disposable | undefined
  #timeLimit: Disposable | undefined
  #waking: Disposable | undefined

  constructor(
    request: GrantRequest,
    asking: Asking,
    resolve: (answer: Grant | NotGranted) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#request = request
    this.#asking = asking
    this.#resolve = resolve
    this.#reject = reject
    this.#pauseMs = asking.pauseMs
  }

  start(): void {
    const { waitMs, signal } = this.#request
    if (signal?.aborted === true) return this.#reject(signal.reason)
    signal?.addEventListener('abort', this.#onAbort, { once: true })
    this.#waking = this.#asking.onWake?.(this.#onWake)
    if (waitMs > 0 && waitMs !== Number.POSITIVE_INFINITY) {
      this.#timeLimit = this.#asking.clock.after(waitMs, () => this.#giveUp(BUSY))
    }
    void this.#attempt()
  }

  async #attempt(): Promise<void> {
    this.#pause = undefined
    this.#attempting = true
    this.#wokenMeanwhile = false
    try {
      const answer = await this.#asking.attempt()
      this.#attempting = false
      this.#answered(answer)
    } catch (error) {
      this.#attempting = false
      // It is not known what became of it: a lock may have been taken.
      this.#asking.undo()
      if (this.#end()) this.#reject(error)
    }
  }

  #answered(answer: Grant | NotGranted): void {
    if (this.#ended) return this.#asking.undo()
    if (!('refused' in answer)) {
      this.#end()
      return this.#resolve(answer)
    }
    if (answer.refused !== 'busy' || this.#request.waitMs === 0) return this.#giveUp(answer)
    if (this.#wokenMeanwhile) return void this.#attempt()
    this.#pause = this.#asking.clock.after(this.#nextPause(), () => void this.#attempt())
  }

  /** Full jitter (Brooker, "Exponential Backoff And Jitter"): who was refused together does not come back together. */
  #nextPause(): number {
    const { random, longestPauseMs } = this.#asking
    const pause = random.float() * this.#pauseMs
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs)
    return pause
  }

  readonly #onWake = (): void => {
    if (this.#attempting) this.#wokenMeanwhile = true
    if (this.#ended || this.#attempting) return
    this.#pause?.[Symbol.dispose]()
    void this.#attempt()
  }

  readonly #onAbort = (): void => {
    if (!this.#end()) return
    if (!this.#attempting) this.#asking.undo()
    this.#reject(this.#request.signal?.reason)
  }

  #giveUp(answer: NotGranted): void {
    if (!this.#end()) return
    if (!this.#attempting) this.#asking.undo()
    this.#resolve(answer)
  }

  /** Whether this was the end, and not something after it. */
  #end(): boolean {
    if (this.#ended) return false
    this.#ended = true
    this.#pause?.[Symbol.dispose]()
    this.#timeLimit?.[Symbol.dispose]()
    this.#waking?.[Symbol.dispose]()
    this.#request.signal?.removeEventListener('abort', this.#onAbort)
    return true
  }
}
