/** The worst score: with it every interval and timeout of this node is nine times as long (Lifeguard, section 4.1: S = 8). */
export const MAX_HEALTH_SCORE = 8

/** Why the score rose last, for people. */
const REASONS = {
  unanswered: 'others do not answer, and helpers do not say that they did not either',
  refuted: 'others complained about this node',
  stalled: 'the event loop is late',
} as const

/** What speaks against this node's own health. */
export type HealthReason = keyof typeof REASONS

/**
 * Local Health Multiplier (Lifeguard, section 4.1): how far this node should distrust its own ears. A node that is slow, or cut off, sees everybody else fail; it
 * notices that by helpers that are silent too, by complaints about itself, and by its own event loop, and then it judges more slowly.
 */
export class LocalHealth {
  readonly #changed: (score: number, reasons: readonly string[]) => void
  readonly #reasons = new Set<HealthReason>()
  #score = 0

  /** `changed` is called with every new score. */
  constructor(changed: (score: number, reasons: readonly string[]) => void) {
    this.#changed = changed
  }

  /** 0 is well, {@link MAX_HEALTH_SCORE} worst. */
  get score(): number {
    return this.#score
  }

  /** By how much this node's intervals and timeouts are longer. */
  get factor(): number {
    return this.#score + 1
  }

  /** What raised the score since it was 0. */
  get reasons(): readonly string[] {
    return Array.from(this.#reasons, (reason) => REASONS[reason])
  }

  /** A probe was answered. */
  improve(): void {
    if (this.#score > 0) this.#set(this.#score - 1)
  }

  /** Something speaks against this node; `by` is how much. */
  worsen(by: number, reason: HealthReason): void {
    if (by <= 0) return
    this.#reasons.add(reason)
    this.#set(Math.min(MAX_HEALTH_SCORE, this.#score + by))
  }

  /** Nobody is left whose silence could say anything. */
  reset(): void {
    this.#set(0)
  }

  #set(score: number): void {
    if (score === this.#score) return
    this.#score = score
    if (score === 0) this.#reasons.clear()
    this.#changed(score, this.reasons)
  }
}
