import { encodeClock, needsLogTime, type RememberLimits } from './command-entry.ts'
import type { RememberedState } from './remembered.ts'

/** Log time goes on in steps of about so many milliseconds: a busy leader adds no more than ten small entries a second. */
export const LOG_TIME_STEP_MS = 100

/** What a log clock is made of. */
export interface LogClockParts {
  /** What the log says of time, and what depends on it. */
  readonly state: RememberedState
  /** What this node states when it leads. */
  readonly limits: RememberLimits
  /** Whether the machine reads the time of what it applies. */
  readonly usesTime: boolean
  /** Milliseconds of this node's own clock. */
  now(): number
  /** Something needs log time, and the log has none yet. */
  want(): void
}

/**
 * What time a leader states in its log. It goes on from the latest that the log said, by this node's own monotonic clock: so the time of day is of no matter, and a new
 * leader continues where the last one was.
 */
export class LogClock {
  readonly #parts: LogClockParts
  /** Log time at one moment of this node's clock; undefined before the log has said any. */
  #base: { readonly time: number; readonly at: number } | undefined
  #statedAt = Number.NEGATIVE_INFINITY

  constructor(parts: LogClockParts) {
    this.#parts = parts
  }

  /** The log stated a time. One that is behind what this node counted changes nothing: it was on its way for a while. */
  onTime(): void {
    const { state } = this.#parts
    if (!state.isTimed) return
    const at = this.#parts.now()
    if (this.#base === undefined || state.time > this.#timeAt(at)) this.#base = { time: state.time, at }
  }

  /** This node's role changed. What it stated before may be lost. */
  onChange(): void {
    this.#statedAt = Number.NEGATIVE_INFINITY
  }

  /** On the leader: the clock entry that has to stand before these entries, if one is due and anything needs it. */
  entryBefore(proposals: readonly { readonly data: Uint8Array }[], now: number): Uint8Array | undefined {
    if (now - this.#statedAt < LOG_TIME_STEP_MS || !this.#isNeeded(proposals)) return undefined
    if (!this.#parts.state.isTimed) {
      this.#parts.want()
      return undefined
    }
    this.#statedAt = now
    return encodeClock(Math.floor(this.#timeAt(now)), this.#parts.limits)
  }

  /** The entry that begins log time. */
  firstEntry(): Uint8Array {
    return encodeClock(0, this.#parts.limits)
  }

  #timeAt(at: number): number {
    const { time, at: from } = this.#base ?? { time: 0, at }
    return time + Math.max(0, at - from)
  }

  #isNeeded(proposals: readonly { readonly data: Uint8Array }[]): boolean {
    if (this.#parts.usesTime || !this.#parts.state.isEmpty) return true
    for (const { data } of proposals) if (needsLogTime(data)) return true
    return false
  }
}
